import { reportOutcome } from '@tidemark/core/models/serving-contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, type AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { readNumber } from '../lib/read-number.ts'
import { Form, Submit, TextField } from '../ui/fields.tsx'
import { Section } from '../ui/Page.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { Empty, Row, Rows } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Pill } from './Health.tsx'
import { predictionsQuery, type ModelInFull } from './queries.ts'
import { useRight } from './use-right.ts'
import type { listPredictions } from '@tidemark/core/models/serving-contract.ts'

type Stored = AnswerOf<typeof listPredictions>['predictions'][number]

const SHOWN_MAX = 10

/** What was said lately, and the place to say what came true of it. */
export function Predictions({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const asked = useQuery(predictionsQuery(model.model_id))
  // What a challenger said in the shadow is the experiment's affair: nobody was given it as an answer.
  const stored = (asked.data?.predictions ?? []).filter(({ part }) => part === 'answer').slice(0, SHOWN_MAX)
  return (
    <Section title={t('models.predictions.title')} id="predictions" says={t('models.predictions.says')}>
      {asked.data && stored.length === 0 && <Empty>{t('models.predictions.none')}</Empty>}
      <Rows label={t('models.predictions.title')}>
        {stored.map((each) => (
          <PredictionRow key={each.prediction_id} stored={each} />
        ))}
      </Rows>
    </Section>
  )
}

function PredictionRow({ stored }: { stored: Stored }) {
  const { t, format } = useWords()
  const [open, setOpen] = useState(false)
  const allowed = useRight('models.predict')
  const { output, input, outcome, at, version, latency_us } = stored
  const value = typeof output.value === 'number' ? format.number(output.value) : '–'
  return (
    <Row
      title={
        <span className="figures flex flex-wrap items-center gap-2">
          {value}
          {outcome && (
            <Pill tone="good">{t('models.predictions.cameTrue', { value: format.number(outcome.realised) })}</Pill>
          )}
        </span>
      }
      says={
        <>
          <p>
            {format.instant(at)} · {t('models.versionIn', { version })} · {format.number(latency_us)} µs
          </p>
          {input && (
            <p className="font-mono text-sm">
              {Object.entries(input)
                .map(([name, each]) => `${name} = ${each === null ? '–' : String(each)}`)
                .join(', ')}
            </p>
          )}
        </>
      }
      below={open && !outcome ? <OutcomeForm stored={stored} onDone={() => setOpen(false)} /> : undefined}
    >
      {!outcome && (
        <GuardedButton allowed={{ allowed: allowed.allowed }} small onClick={() => setOpen(!open)}>
          {t('models.predictions.report')}
          <span className="sr-only"> {value}</span>
        </GuardedButton>
      )}
    </Row>
  )
}

function OutcomeForm({ stored, onDone }: { stored: Stored; onDone: () => void }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const [text, setText] = useState('')
  const [source, setSource] = useState('')
  const [tries, setTries] = useState(0)
  const realised = readNumber(text, language)
  const fault = typeof realised === 'number' ? undefined : t('models.numberFault')
  const source_fault = source.trim() === '' ? t('models.predictions.sourceFault') : undefined
  const report = useMutation({
    mutationFn: () =>
      call(reportOutcome, {
        prediction_id: stored.prediction_id,
        realised: Number(realised),
        source: source.trim(),
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['models'] })
      onDone()
    },
  })
  return (
    <Form
      className="grid max-w-2xl items-start gap-4 rounded-card bg-ground p-4 sm:grid-cols-2"
      refused={report.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (!fault && !source_fault) report.mutate()
      }}
    >
      <TextField
        label={t('models.predictions.realised')}
        inputMode="decimal"
        autoComplete="off"
        value={text}
        fault={tries > 0 ? fault : undefined}
        onChange={setText}
      />
      <TextField
        label={t('models.predictions.source')}
        help={t('models.predictions.sourceHelp')}
        maxLength={200}
        value={source}
        fault={tries > 0 ? source_fault : undefined}
        onChange={setSource}
      />
      <div className="sm:col-span-2">
        <ActionProblem action={report} />
        <Submit busy={report.isPending}>{t('models.predictions.save')}</Submit>
      </div>
    </Form>
  )
}
