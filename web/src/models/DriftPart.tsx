import { checkNow, type DriftState } from '@tidemark/core/models/serving-contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Loading } from '../ui/Loading.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Pill, type Tone } from './Health.tsx'
import { NoChampion } from './NoChampion.tsx'
import { driftQuery, type ModelInFull } from './queries.ts'
import { Scrolled } from './Scrolled.tsx'
import { useRight } from './use-right.ts'

type FeatureState = DriftState['features'][number]
const verdictTones: Record<FeatureState['verdict'], Tone> = {
  drift: 'bad',
  no_drift: 'good',
  too_few_rows: 'note',
  not_assessable: 'plain',
}
const qualityTones: Record<FeatureState['quality'], Tone> = {
  'as-in-training': 'good',
  worse: 'bad',
  too_few_rows: 'note',
}

/** Whether what comes in is still what the model was trained on: feature by feature, and "cannot tell" where it cannot. */
export function DriftPart({ model }: { model: ModelInFull }) {
  const { t, format } = useWords()
  const asked = useQuery(driftQuery(model.model_id))
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  if (asked.data === null) return <NoChampion model={model} />
  const { verdict, rows, reference_rows, features, answers, version, since, until } = asked.data
  return (
    <Section title={t('models.drift.title')} id="drift" says={t('models.drift.says', { version })}>
      <div className="card mb-6 p-5" data-testid="drift" data-verdict={verdict}>
        <p className="flex flex-wrap items-center gap-3 text-lg">
          <Pill tone={verdictTones[verdict]}>{t(`models.drift.verdict.${verdict}`)}</Pill>
          <span className="min-w-0 flex-1 basis-64">{t(`models.drift.sentence.${verdict}`)}</span>
        </p>
        <p className="figures mt-2 text-[0.9375rem] text-soft">
          {t('models.drift.compared', {
            count: rows,
            reference: format.number(reference_rows),
            from: format.day(since),
            to: format.day(until),
          })}
        </p>
      </div>
      <CheckNow model={model} />
      {features.length > 0 && <Board states={answers ? [...features, answers] : features} />}
      <p className="mt-4 max-w-prose text-sm text-soft">{t('models.drift.method')}</p>
    </Section>
  )
}

function CheckNow({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const client = useQueryClient()
  const allowed = useRight('models.train')
  const check = useMutation({
    mutationFn: () => call(checkNow, { model_id: model.model_id }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['models'] }),
  })
  return (
    <>
      <GuardedButton
        allowed={allowed}
        small
        onClick={() => {
          if (!check.isPending) check.mutate()
        }}
      >
        {t(check.isPending ? 'app.sending' : 'models.drift.check')}
      </GuardedButton>
      <ActionProblem action={check} />
      {check.data && (
        <Notice tone={check.data.open.length > 0 ? 'note' : 'good'}>
          {t('models.drift.checked', { count: check.data.open.length })}
        </Notice>
      )}
    </>
  )
}

function Board({ states }: { states: readonly FeatureState[] }) {
  const { t } = useWords()
  return (
    <Scrolled label={t('models.drift.board')}>
      <thead>
        <tr>
          <th scope="col">{t('models.drift.feature')}</th>
          <th scope="col">{t('models.verdict.title')}</th>
          <th scope="col">{t('models.drift.effect')}</th>
          <th scope="col">{t('models.drift.chance')}</th>
          <th scope="col">{t('models.drift.since')}</th>
          <th scope="col">{t('models.drift.quality')}</th>
        </tr>
      </thead>
      <tbody>
        {states.map((state) => (
          <FeatureRow key={state.feature} state={state} />
        ))}
      </tbody>
    </Scrolled>
  )
}

/** Above this a population stability index is large; bars are full at twice that. */
const PSI_LARGE = 0.25

function FeatureRow({ state }: { state: FeatureState }) {
  const { t, format } = useWords()
  const { feature, verdict, psi, ks_distance, q_value, since, slice, quality } = state
  return (
    <tr>
      <th scope="row" className="font-mono text-sm">
        {feature === 'answers' ? t('models.drift.answers') : feature}
      </th>
      <td>
        <Pill tone={verdictTones[verdict]}>{t(`models.drift.verdict.${verdict}`)}</Pill>
        {slice !== null && (
          <span lang="en" className="mt-1 block max-w-60 text-sm whitespace-normal text-soft">
            {slice}
          </span>
        )}
      </td>
      <td className="figures">
        {psi === null ? (
          '–'
        ) : (
          <>
            PSI {format.number(psi)}
            {ks_distance !== null && <span className="text-soft"> · KS {format.number(ks_distance)}</span>}
            <svg viewBox="0 0 100 6" preserveAspectRatio="none" className="mt-1 h-1.5 w-28" aria-hidden="true">
              <rect width="100" height="6" className="fill-rule" />
              <rect
                width={Math.min(100, (50 * psi) / PSI_LARGE)}
                height="6"
                className={verdict === 'drift' ? 'fill-bad' : 'fill-tide'}
              />
            </svg>
          </>
        )}
      </td>
      <td className="figures">
        {q_value === null ? '–' : q_value < 0.001 ? `q < ${format.number(0.001)}` : `q = ${format.number(q_value)}`}
      </td>
      <td className="figures">{since === null ? '–' : format.day(since)}</td>
      <td>
        <Pill tone={qualityTones[quality]}>{t(`models.drift.qualityIs.${quality}`)}</Pill>
        <span className="figures mt-1 block max-w-56 text-sm whitespace-normal text-soft">
          {t('models.drift.missing', {
            now: format.share(state.missing_share),
            before: format.share(state.missing_share_in_training),
          })}
          {state.kind === 'category'
            ? ` · ${t('models.drift.unseen', { share: format.share(state.unseen_share) })}`
            : ` · ${t('models.drift.outside', { share: format.share(state.outside_share) })}`}
        </span>
      </td>
    </tr>
  )
}
