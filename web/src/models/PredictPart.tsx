import type { Signature, Version } from '@tidemark/core/models/contract.ts'
import { explain, predict, type Prediction } from '@tidemark/core/models/serving-contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, isProblem } from '../lib/api.ts'
import type { Language } from '../lib/format.ts'
import { useWords } from '../lib/i18n.ts'
import { readNumber } from '../lib/read-number.ts'
import { Form, SelectField, Submit, TextField } from '../ui/fields.tsx'
import { Section } from '../ui/Page.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { Empty } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Beeswarm } from './Beeswarm.tsx'
import { Pill } from './Health.tsx'
import { NoChampion } from './NoChampion.tsx'
import type { Cell, Explanation, ModelInFull } from './queries.ts'
import { useRight } from './use-right.ts'
import { Waterfall } from './Waterfall.tsx'

type Input = Signature['inputs'][number]

export function PredictPart({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const allowed = useRight('models.predict')
  const usable = model.version_list.filter(({ stage }) => stage !== 'retired')
  const [chosen, setChosen] = useState<number>()
  const number = chosen ?? model.champion ?? undefined
  const version = usable.find((each) => each.version === number)
  if (usable.length === 0 || model.retired_at !== null) return <NoChampion model={model} />
  const choice = (
    <div className="mb-6 max-w-xs">
      <SelectField
        label={t('models.predict.by')}
        value={String(number ?? '')}
        options={[
          ...(number === undefined ? [{ value: '', text: t('models.predict.choose') }] : []),
          ...usable.map(({ version: each, stage }) => ({
            value: String(each),
            text: `${t('models.version', { version: each })} · ${t(`models.stage.${stage}`)}`,
          })),
        ]}
        onChange={(value) => setChosen(value === '' ? undefined : Number(value))}
      />
    </div>
  )
  return (
    <>
      <Section title={t('models.predict.title')} id="predict" says={t('models.predict.says')}>
        {!allowed.allowed && <Refusal allowed={allowed} />}
        {allowed.allowed && choice}
        {allowed.allowed && version && <Ask key={version.version} model={model} version={version} />}
      </Section>
      {version &&
        allowed.allowed &&
        version.record &&
        version.signature.inputs.every(({ type }) => type !== 'tensor') && (
          <Section title={t('models.swarm.title')} id="swarm" says={t('models.swarm.says')}>
            <Beeswarm key={version.version} version={version} />
          </Section>
        )}
    </>
  )
}

interface Answer {
  row: Record<string, Cell>
  prediction: Prediction
  explanation: Explanation | undefined
}

function Ask({ model, version }: { model: ModelInFull; version: Version }) {
  const { t } = useWords()
  const client = useQueryClient()
  const { inputs } = version.signature
  const [texts, setTexts] = useState<Record<string, string>>({})
  const [tries, setTries] = useState(0)
  const { row, faults } = useRow(inputs, texts)
  const about = { model_id: model.model_id, version: version.version }
  const ask = useMutation({
    mutationFn: async (): Promise<Answer> => {
      // The champion is asked as such, so that an experiment sees the question as well.
      const version_asked = version.stage === 'champion' ? {} : { version: version.version }
      const { predictions } = await call(predict, { model_id: model.model_id, ...version_asked, rows: [row] })
      const [prediction] = predictions
      if (!prediction) throw new Error('There is no answer to this row.')
      const explanation = await call(explain, { ...about, version: prediction.version, rows: [row] }).then(
        ({ explanations }) => explanations[0],
        (error: unknown) => {
          if (isProblem(error, 'models/not-explainable')) return undefined
          throw error
        },
      )
      return { row, prediction, explanation }
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['models', 'predictions', model.model_id] }),
  })
  if (inputs.some(({ type }) => type === 'tensor')) return <Empty>{t('models.predict.tensor')}</Empty>
  return (
    <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)]">
      <Form
        className="space-y-4"
        label={t('models.predict.title')}
        refused={ask.error ?? tries}
        onSubmit={() => {
          setTries(tries + 1)
          if (Object.keys(faults).length === 0) ask.mutate()
        }}
      >
        {inputs.map((input) => (
          <InputField
            key={input.name}
            input={input}
            text={texts[input.name] ?? ''}
            fault={tries > 0 ? faults[input.name] : undefined}
            onChange={(text) => setTexts({ ...texts, [input.name]: text })}
          />
        ))}
        <ActionProblem action={ask} />
        <Submit busy={ask.isPending}>{t('models.predict.do')}</Submit>
      </Form>
      <div className="min-w-0" aria-live="polite">
        {ask.data ? <Said answer={ask.data} /> : <p className="text-soft">{t('models.predict.waiting')}</p>}
      </div>
    </div>
  )
}

function useRow(inputs: readonly Input[], texts: Readonly<Record<string, string>>) {
  const { t, language } = useWords()
  const row: Record<string, Cell> = {}
  const faults: Record<string, string> = {}
  for (const input of inputs) {
    const value = valueOf(input, texts[input.name] ?? '', language)
    if (input.type === 'number' && typeof value === 'string') faults[input.name] = t('models.numberFault')
    else row[input.name] = value
  }
  return { row, faults }
}

function valueOf({ type }: Input, text: string, language: Language): string | number | null {
  if (text.trim() === '') return null
  return type === 'number' ? (readNumber(text, language) ?? null) : text
}

function InputField({
  input,
  text,
  fault,
  onChange,
}: {
  input: Input
  text: string
  fault: string | undefined
  onChange: (text: string) => void
}) {
  const { t, format } = useWords()
  const { name, type, categories, min, max } = input
  if (type === 'category' && categories) {
    return (
      <SelectField
        label={name}
        value={text}
        options={[
          { value: '', text: t('models.predict.unknown') },
          ...categories.map((value) => ({ value, text: value })),
        ]}
        onChange={onChange}
      />
    )
  }
  const range =
    min === undefined || max === undefined
      ? {}
      : { help: t('models.predict.range', { min: format.number(min), max: format.number(max) }) }
  return (
    <TextField
      label={name}
      inputMode="decimal"
      autoComplete="off"
      value={text}
      fault={fault}
      onChange={onChange}
      {...range}
    />
  )
}

function Said({ answer: { row, prediction, explanation } }: { answer: Answer }) {
  const { t, format } = useWords()
  const { value, lower, upper, interval, label, anomaly, unusual, fields, version } = prediction
  return (
    <>
      <div className="card p-5" data-testid="prediction">
        <p className="label">{t('models.predict.answer', { version })}</p>
        <p className="figures font-display text-4xl font-semibold">
          {value === null ? '–' : format.number(value)}
          {label !== undefined && <span className="text-2xl"> · {label}</span>}
        </p>
        {lower !== null && upper !== null && (
          <p className="figures mt-1">
            {t('models.predict.between', { low: format.number(lower), high: format.number(upper) })}{' '}
            <span className="text-soft">{t(`models.predict.interval.${interval}`)}</span>
          </p>
        )}
        {anomaly !== undefined && (
          <p className="mt-2">
            <Pill tone={anomaly ? 'bad' : 'good'}>
              {t(anomaly ? 'models.predict.anomaly' : 'models.predict.usual')}
            </Pill>
          </p>
        )}
        {fields && (
          <ul className="mt-3">
            {Object.entries(fields).map(([name, field]) => (
              <li key={name} className="figures">
                <span className="font-mono text-sm">{name}</span> = {format.number(field.value)}
              </li>
            ))}
          </ul>
        )}
        {unusual.length > 0 && (
          <p className="mt-2 border-l-2 border-sand pl-3">
            {t('models.predict.unusual', { names: unusual.join(', ') })}
          </p>
        )}
      </div>
      {explanation ? (
        <Waterfall explanation={explanation} row={row} />
      ) : (
        <p className="mt-5 text-soft">{t('models.predict.notExplained')}</p>
      )}
    </>
  )
}
