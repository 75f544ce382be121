import { startExperiment, stopExperiment, type Experiment } from '@tidemark/core/models/serving-contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { readNumber } from '../lib/read-number.ts'
import { Form, SelectField, Submit, TextField } from '../ui/fields.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { GuardedButton, Refusal } from '../ui/Refusal.tsx'
import { Empty } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { ConfidenceInterval } from './ConfidenceInterval.tsx'
import { Pill, type Tone } from './Health.tsx'
import { NoChampion } from './NoChampion.tsx'
import { Progress } from './Progress.tsx'
import { experimentsQuery, type ModelInFull } from './queries.ts'
import { ReasonDialog } from './ReasonDialog.tsx'
import { useRight } from './use-right.ts'

const tones: Record<Experiment['state'], Tone> = {
  collecting: 'note',
  'challenger-wins': 'good',
  'champion-kept': 'tide',
  stopped: 'plain',
  undecided: 'plain',
}

export function ExperimentsPart({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const asked = useQuery(experimentsQuery(model.model_id))
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const { experiments } = asked.data
  const running = experiments.find(({ state }) => state === 'collecting')
  const over = experiments.filter((each) => each !== running)
  if (model.champion === null && experiments.length === 0) return <NoChampion model={model} />
  return (
    <>
      <Section title={t('models.experiments.title')} id="experiment" says={t('models.experiments.says')}>
        {running ? <Standing experiment={running} /> : <Start model={model} />}
      </Section>
      {over.length > 0 && (
        <Section title={t('models.experiments.over')} id="experiments-over">
          <div className="space-y-5">
            {over.map((each) => (
              <Standing key={each.experiment_id} experiment={each} />
            ))}
          </div>
        </Section>
      )}
    </>
  )
}

/** How one stands: how much has come true of how much is needed, and what can be said already. */
function Standing({ experiment }: { experiment: Experiment }) {
  const { t, format } = useWords()
  const { state, plan, outcomes, champion, challenger, started_at, started_by, ended_at, reason, clipped } = experiment
  const needed = plan.outcomes_needed
  return (
    <article className="card p-5" data-testid="experiment" data-state={state}>
      <h3 className="flex flex-wrap items-center gap-2 text-lg">
        {t('models.experiments.pair', { challenger, champion })}
        <Pill tone={tones[state]}>{t(`models.experiments.state.${state}`)}</Pill>
      </h3>
      <p className="text-[0.9375rem] text-soft">
        {t(`models.experiments.mode.${plan.mode}`)}
        {plan.mode === 'split' && ` (${format.share(plan.share)})`} · {format.instant(started_at)} · {started_by}
        {ended_at !== null && ` → ${format.instant(ended_at)}`}
      </p>
      <div className="mt-4 max-w-xl">
        <Progress label={t('models.experiments.progress')} value={outcomes} most={needed} />
        <p className="figures text-sm">
          {t('models.experiments.collected', { outcomes: format.number(outcomes), needed: format.number(needed) })}
        </p>
      </div>
      <ConfidenceInterval experiment={experiment} />
      <p className="mt-3 max-w-prose">{t(`models.experiments.sentence.${state}`)}</p>
      {clipped > 0 && <p className="text-sm text-soft">{t('models.experiments.clipped', { count: clipped })}</p>}
      {reason !== null && (
        <p lang="en" className="mt-1 border-l-2 border-rule pl-3 text-soft wrap-anywhere">
          {reason}
        </p>
      )}
      {state === 'collecting' && <Stop experiment={experiment} />}
    </article>
  )
}

function Stop({ experiment }: { experiment: Experiment }) {
  const { t } = useWords()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const allowed = useRight('models.promote')
  const { experiment_id } = experiment
  const stop = useMutation({
    mutationFn: (reason: string) => call(stopExperiment, { experiment_id, reason }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['models'] })
      setAsking(false)
    },
  })
  return (
    <div className="mt-4">
      <GuardedButton allowed={allowed} kind="danger" small onClick={() => setAsking(true)}>
        {t('models.experiments.stop')}
      </GuardedButton>
      <ReasonDialog
        open={asking}
        title={t('models.experiments.stopAsk')}
        says={t('models.experiments.stopSays')}
        action={t('models.experiments.stop')}
        doing={stop}
        danger
        onClose={() => setAsking(false)}
      />
    </div>
  )
}

function Start({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const allowed = useRight('models.promote')
  const others = model.version_list.filter(({ stage }) => stage === 'candidate')
  if (model.champion === null) return <NoChampion model={model} />
  if (!allowed.allowed) return <Refusal allowed={allowed} />
  if (others.length === 0) return <Empty>{t('models.experiments.noChallenger')}</Empty>
  return <StartForm model={model} versions={others.map(({ version }) => version)} />
}

function StartForm({ model, versions }: { model: ModelInFull; versions: readonly number[] }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const [challenger, setChallenger] = useState(String(versions[0]))
  const [mode, setMode] = useState<'shadow' | 'split'>('shadow')
  const [share, setShare] = useState('10')
  const [needed, setNeeded] = useState('200')
  const [tries, setTries] = useState(0)
  const [percent, count] = [readNumber(share, language), readNumber(needed, language)]
  const share_fault =
    mode === 'split' && !(typeof percent === 'number' && percent >= 1 && percent <= 90)
      ? t('models.experiments.shareFault')
      : undefined
  const needed_fault =
    typeof count === 'number' && Number.isInteger(count) && count >= 20 && count <= 20_000
      ? undefined
      : t('models.experiments.neededFault')
  const start = useMutation({
    mutationFn: () =>
      call(startExperiment, {
        model_id: model.model_id,
        challenger: Number(challenger),
        plan: {
          mode,
          outcomes_needed: Number(count),
          ...(mode === 'split' ? { share: Number(percent) / 100 } : {}),
        },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['models'] }),
  })
  return (
    <Form
      className="grid max-w-2xl items-start gap-5 sm:grid-cols-2"
      label={t('models.experiments.start')}
      refused={start.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (!share_fault && !needed_fault) start.mutate()
      }}
    >
      <SelectField
        label={t('models.experiments.challenger')}
        value={challenger}
        options={versions.map((version) => ({ value: String(version), text: t('models.version', { version }) }))}
        onChange={setChallenger}
      />
      <SelectField
        label={t('models.experiments.how')}
        value={mode}
        options={(['shadow', 'split'] as const).map((value) => ({
          value,
          text: t(`models.experiments.mode.${value}`),
        }))}
        onChange={(value) => setMode(value === 'split' ? 'split' : 'shadow')}
      />
      <TextField
        label={t('models.experiments.needed')}
        inputMode="numeric"
        value={needed}
        fault={tries > 0 ? needed_fault : undefined}
        onChange={setNeeded}
      />
      {mode === 'split' && (
        <TextField
          label={t('models.experiments.share')}
          inputMode="decimal"
          value={share}
          fault={tries > 0 ? share_fault : undefined}
          onChange={setShare}
        />
      )}
      <div className="sm:col-span-2">
        <ActionProblem action={start} />
        <Submit busy={start.isPending}>{t('models.experiments.start')}</Submit>
      </div>
    </Form>
  )
}
