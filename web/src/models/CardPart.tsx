import { editCard, retire, type Card, type Evaluation, type Version } from '@tidemark/core/models/contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { deviceKindName } from '../lib/device-kinds.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Form, Submit } from '../ui/fields.tsx'
import { focusSection, Section } from '../ui/Page.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Pill } from './Health.tsx'
import type { ModelInFull } from './queries.ts'
import { ReasonDialog } from './ReasonDialog.tsx'
import { SettingsForm } from './SettingsForm.tsx'
import { Scrolled } from './Scrolled.tsx'
import { TextArea } from './TextArea.tsx'
import { useCard } from './use-card.ts'
import { useRight } from './use-right.ts'

const fields = ['purpose', 'audience', 'limits', 'data', 'fairness'] as const

export function CardPart({ model }: { model: ModelInFull }) {
  const champion = model.version_list.find(({ version }) => version === model.champion)
  return (
    <>
      {model.kept !== null && <LivesOn kept={model.kept} />}
      <Words model={model} />
      {champion && <Learnt version={champion} />}
      {champion?.evaluation && <Fairness evaluation={champion.evaluation} />}
      <Rules model={model} />
      {model.retired_at === null && <Retirement model={model} />}
    </>
  )
}

/** Of a model of readings: which site or devices, which series, and where it answers. */
function LivesOn({ kept }: { kept: NonNullable<ModelInFull['kept']> }) {
  const { t, language } = useWords()
  const { site, device_kind, series, answers_at, simulated, kind } = kept
  return (
    <Section title={t(`models.kept.kind.${kind}`)} id="kept">
      <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
        {site !== null && (
          <Fact name={t('models.kept.site')}>
            <Link to={paths.site} params={{ id: site.id }} className="link">
              {site.name}
            </Link>
          </Fact>
        )}
        {device_kind !== null && <Fact name={t('models.kept.devices')}>{deviceKindName(device_kind, language)}</Fact>}
        <Fact name={t('models.kept.answersAt')}>
          <span className="font-mono text-sm">{answers_at}</span>
        </Fact>
        {series.length > 0 && (
          <Fact name={t('models.kept.seriesOf')}>
            <details>
              <summary>{t('models.kept.series', { count: series.length })}</summary>
              <ul className="mt-1 font-mono text-sm">
                {series.map(({ sensor_id, measure }) => (
                  <li key={`${sensor_id} ${measure}`}>
                    {sensor_id} · {measure}
                  </li>
                ))}
              </ul>
            </details>
          </Fact>
        )}
      </dl>
      {simulated && (
        <p className="mt-4">
          <Pill tone="note">{t('models.kept.simulated')}</Pill>
        </p>
      )}
    </Section>
  )
}

function Words({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const [editing, setEditing] = useState(false)
  const allowed = useRight('models.train')
  const says = useCard()
  const { card_revision } = model
  return (
    <Section title={t('models.card.title')} id="card" says={t('models.card.revision', { count: card_revision })}>
      {editing ? (
        <CardForm
          model={model}
          onDone={() => {
            setEditing(false)
            focusSection('card')
          }}
        />
      ) : (
        <>
          <dl className="grid gap-x-10 gap-y-5 md:grid-cols-2">
            {fields
              .map((field) => ({ field, text: says(model, field) }))
              .map(({ field, text }) => (
                <div key={field} className={field === 'purpose' ? 'md:col-span-2' : ''}>
                  <dt className="font-semibold">{t(`models.card.${field}`)}</dt>
                  <dd className={`max-w-prose whitespace-pre-line ${text === '' ? 'text-soft' : ''}`}>
                    {text === '' ? t(`models.card.empty.${field}`) : text}
                  </dd>
                </div>
              ))}
          </dl>
          <div className="mt-6">
            <GuardedButton allowed={allowed} onClick={() => setEditing(true)}>
              {t('models.card.edit')}
            </GuardedButton>
          </div>
        </>
      )}
    </Section>
  )
}

function CardForm({ model, onDone }: { model: ModelInFull; onDone: () => void }) {
  const { t } = useWords()
  const client = useQueryClient()
  const says = useCard()
  // Whoever edits begins with what the page showed.
  const [card, setCard] = useState<Card>(() => ({
    purpose: says(model, 'purpose'),
    audience: says(model, 'audience'),
    limits: says(model, 'limits'),
    data: says(model, 'data'),
    fairness: says(model, 'fairness'),
  }))
  const save = useMutation({
    mutationFn: () => call(editCard, { model_id: model.model_id, ...card }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['models', 'one', model.model_id] })
      onDone()
    },
  })
  return (
    <Form className="max-w-3xl space-y-5" refused={save.error} onSubmit={() => save.mutate()}>
      {fields.map((field) => (
        <TextArea
          key={field}
          label={t(`models.card.${field}`)}
          help={t(`models.card.help.${field}`)}
          value={card[field]}
          onChange={(text) => setCard({ ...card, [field]: text })}
        />
      ))}
      <ActionProblem action={save} />
      <div className="flex flex-wrap gap-3">
        <Submit busy={save.isPending}>{t('models.card.save')}</Submit>
        <button type="button" className="button button-plain" onClick={onDone}>
          {t('app.cancel')}
        </button>
      </div>
    </Form>
  )
}

/** What the champion follows from, as the record has it. */
function Learnt({ version }: { version: Version }) {
  const { t, format } = useWords()
  const { record, evaluation, algorithm } = version
  return (
    <Section title={t('models.card.learnt', { version: version.version })} id="learnt">
      <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-2 lg:grid-cols-4">
        <Fact name={t('models.algorithm')}>
          <span className="font-mono text-sm">{algorithm}</span>
        </Fact>
        {record?.readings && (
          <Fact name={t('models.kept.readings')}>
            {t('models.kept.readingsSays', {
              count: record.readings.count,
              number: format.number(record.readings.count),
              from: format.day(record.readings.from),
              to: format.day(record.readings.to),
            })}
          </Fact>
        )}
        {record && record.dataset_id !== null && record.dataset_version !== null && (
          <Fact name={t('models.card.dataset')}>
            <Link
              to={paths.dataset}
              params={{ id: record.dataset_id }}
              search={{ version: record.dataset_version }}
              className="link"
            >
              {t('models.data.versionOf', {
                name: record.recipe.dataset ?? record.dataset_id,
                version: record.dataset_version,
              })}
            </Link>
          </Fact>
        )}
        {record?.recipe.target !== undefined && (
          <Fact name={t('models.target')}>
            <span className="font-mono text-sm">{record.recipe.target}</span>
          </Fact>
        )}
        {evaluation && (
          <Fact name={t('models.card.rows')}>
            {t('models.card.rowsSays', {
              train: format.number(evaluation.rows.train),
              calibration: format.number(evaluation.rows.calibration),
              holdout: format.number(evaluation.rows.holdout),
            })}
          </Fact>
        )}
        {evaluation && (
          <Fact name={t('models.card.split')}>
            {t(`models.split.${evaluation.split}`)}
            {evaluation.holdout_from !== null &&
              ` ${t('models.card.from', { when: format.day(evaluation.holdout_from) })}`}
          </Fact>
        )}
        {evaluation?.coverage && evaluation.coverage.overall !== null && (
          <Fact name={t('models.card.coverage')}>
            {t('models.card.coverageSays', {
              level: format.share(evaluation.coverage.level),
              held: format.share(evaluation.coverage.overall),
            })}
          </Fact>
        )}
        <Fact name={t('models.card.made')}>
          {format.instant(version.created_at)} · {version.created_by}
        </Fact>
      </dl>
    </Section>
  )
}

export function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="label">{name}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  )
}

const fairTones = {
  fair: 'good',
  unfair: 'bad',
  unclear: 'note',
  not_assessable: 'plain',
  too_few_rows: 'plain',
} as const

function Fairness({ evaluation }: { evaluation: Evaluation }) {
  const { t, format } = useWords()
  const { fairness } = evaluation
  return (
    <Section title={t('models.fair.title')} id="fairness">
      {!fairness && <p className="max-w-prose text-soft">{t('models.fair.none')}</p>}
      {fairness && (
        <>
          <p className="flex flex-wrap items-center gap-2">
            <Pill tone={fairTones[fairness.verdict]}>{t(`models.fair.verdict.${fairness.verdict}`)}</Pill>
            {t('models.fair.by', { column: fairness.column })}
          </p>
          <Scrolled label={t('models.fair.title')}>
            <thead>
              <tr>
                <th scope="col">{t('models.fair.group')}</th>
                <th scope="col">{t('models.fair.measure')}</th>
                <th scope="col">{t('models.rows')}</th>
                <th scope="col">{t('models.fair.value')}</th>
                <th scope="col">{t('models.fair.others')}</th>
                <th scope="col">{t('models.verdict.title')}</th>
              </tr>
            </thead>
            <tbody>
              {fairness.gaps.map((gap) => (
                <tr key={`${gap.group} ${gap.measure}`}>
                  <th scope="row">{gap.group}</th>
                  <td className="font-mono text-sm">{gap.measure}</td>
                  <td className="figures">{format.number(gap.row_count)}</td>
                  <td className="figures">{format.number(gap.value)}</td>
                  <td className="figures">{format.number(gap.others_value)}</td>
                  <td>
                    <Pill tone={fairTones[gap.verdict]}>{t(`models.fair.verdict.${gap.verdict}`)}</Pill>
                  </td>
                </tr>
              ))}
            </tbody>
          </Scrolled>
        </>
      )}
    </Section>
  )
}

function Rules({ model }: { model: ModelInFull }) {
  const { t, format } = useWords()
  return (
    <Section
      title={t('models.settings.title')}
      id="settings"
      says={
        model.next_run_at === null
          ? t('models.settings.notScheduled')
          : t('models.next.scheduled', { when: format.instant(model.next_run_at) })
      }
    >
      <SettingsForm model={model} />
    </Section>
  )
}

function Retirement({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const allowed = useRight('models.promote')
  const end = useMutation({
    mutationFn: (reason: string) => call(retire, { model_id: model.model_id, reason }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['models'] })
      setAsking(false)
    },
  })
  return (
    <Section title={t('models.retire.title')} id="retire" says={t('models.retire.says')}>
      <GuardedButton allowed={allowed} kind="danger" onClick={() => setAsking(true)}>
        {t('models.retire.do')}
      </GuardedButton>
      <ReasonDialog
        open={asking}
        title={t('models.retire.ask', { title: model.title })}
        says={t('models.retire.says')}
        action={t('models.retire.do')}
        doing={end}
        danger
        onClose={() => setAsking(false)}
      />
    </Section>
  )
}
