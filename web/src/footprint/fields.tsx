import {
  type ChoiceField,
  type Field,
  type ListField,
  type NumberField,
  type PlainField,
  type Scalar,
} from '@tidemark/core/footprint/questionnaire.ts'
import {
  unitOf,
  unitsFor,
  type Answer,
  type AnswerFault,
  type AnswerValue,
  type Answers,
  type Row,
} from '@tidemark/core/footprint/questionnaire-answers.ts'
import { useId, useMemo, useState } from 'react'
import { countriesIn } from '../lib/countries.ts'
import { useWords } from '../lib/i18n.ts'
import { readNumber } from '../lib/read-number.ts'
import { AirportField } from './AirportField.tsx'

/** A question's field or a field of one row: where its value stands and how it is changed. */
export interface FieldProps<F extends Field> {
  field: F
  values: Answer | Row
  answers: Answers
  faults: readonly AnswerFault[]
  set: (field: string, value: AnswerValue | undefined) => void
}

export function QuestionField(props: FieldProps<Field>) {
  const { field } = props
  switch (field.type) {
    case 'list':
      return <ListInput {...props} field={field} />
    case 'number':
      return <NumberInput {...props} field={field} />
    case 'choice':
      return field.options.length <= 4 ? (
        <RadioInput {...props} field={field} />
      ) : (
        <SelectInput {...props} field={field} />
      )
    case 'choices':
      return <CheckboxInput {...props} field={field} />
    case 'yes_no':
      return <YesNoInput {...props} field={field} />
    case 'country':
      return <CountryInput {...props} field={field} />
    case 'airport':
      return <AirportField {...props} field={field} />
    case 'text':
      return <TextInput {...props} field={field} />
  }
}

function Label({ field, id }: { field: Field; id: string }) {
  const { t, language } = useWords()
  return (
    <label htmlFor={id} className="mb-1 block font-semibold">
      {field.text[language]}
      {field.optional && <span className="font-normal text-soft"> ({t('footprint.q.optional')})</span>}
    </label>
  )
}

function Legend({ field }: { field: Field }) {
  const { t, language } = useWords()
  return (
    <legend className="mb-1 font-semibold">
      {field.text[language]}
      {field.optional && <span className="font-normal text-soft"> ({t('footprint.q.optional')})</span>}
    </legend>
  )
}

function Help({ field, id }: { field: Field; id: string }) {
  const { language } = useWords()
  if (!field.help) return null
  return (
    <p id={id} className="mb-2 max-w-prose text-[0.9375rem] text-soft">
      {field.help[language]}
    </p>
  )
}

function FaultText({ fault, id }: { fault: AnswerFault | undefined; id: string }) {
  const { t, format } = useWords()
  if (!fault) return null
  return (
    <p id={id} className="mt-1 font-semibold text-bad">
      {t(`footprint.q.faults.${fault.code}`, { min: format.exact(fault.min ?? 0), max: format.exact(fault.max ?? 0) })}
    </p>
  )
}

function NumberInput({ field, values, answers, faults, set }: FieldProps<NumberField>) {
  const { t, format, language } = useWords()
  const id = useId()
  const given = values[field.id]
  const written = (value: AnswerValue | undefined) =>
    typeof value === 'number'
      ? field.id === 'year'
        ? String(value)
        : format.exact(value)
      : typeof value === 'string'
        ? value
        : ''
  const [text, setText] = useState(() => written(given))
  const [left, setLeft] = useState(true)
  const offered = unitsFor(field, answers)
  const unit = unitOf(field, values, answers)
  const fault = left ? faults[0] : undefined
  const chosen = offered.find((each) => each.unit === unit)
  const described = [field.help ? `${id}-help` : '', fault ? `${id}-fault` : '', chosen?.help ? `${id}-unit-help` : '']
    .filter(Boolean)
    .join(' ')
  return (
    <div>
      <Label field={field} id={id} />
      <Help field={field} id={`${id}-help`} />
      <div className="flex max-w-md flex-wrap items-center gap-2">
        <input
          id={id}
          className="field figures min-w-0 flex-1 basis-36"
          inputMode="decimal"
          autoComplete="off"
          value={text}
          aria-invalid={fault !== undefined}
          aria-describedby={described || undefined}
          onFocus={() => setLeft(false)}
          onChange={(event) => {
            setText(event.target.value)
            set(field.id, readNumber(event.target.value, language))
          }}
          onBlur={() => {
            setLeft(true)
            // Written back as it was read, so that a decimal comma taken for a thousand is seen at once.
            setText(written(given))
          }}
        />
        {offered.length === 1 && <span className="text-soft">{offered[0]?.text[language]}</span>}
        {offered.length > 1 && (
          <select
            className="field w-auto max-w-full flex-1 basis-40"
            aria-label={t('footprint.q.unit', { what: field.text[language] })}
            value={unit ?? ''}
            onChange={(event) => set(`${field.id}_unit`, event.target.value === '' ? undefined : event.target.value)}
          >
            <option value="">{t('footprint.q.choose')}</option>
            {offered.map((each) => (
              <option key={each.unit} value={each.unit}>
                {each.text[language]}
              </option>
            ))}
          </select>
        )}
      </div>
      {offered.length > 1 &&
        offered
          .filter((each) => each.help && (unit === undefined || each.unit === unit))
          .map((each) => (
            <p
              key={each.unit}
              id={each.unit === unit ? `${id}-unit-help` : undefined}
              className="mt-1 max-w-prose text-sm text-soft"
            >
              <span className="font-semibold">{each.text[language]}.</span> {each.help?.[language]}
            </p>
          ))}
      <FaultText fault={fault} id={`${id}-fault`} />
    </div>
  )
}

function TextInput({ field, values, faults, set }: FieldProps<PlainField>) {
  const id = useId()
  const value = values[field.id]
  return (
    <div>
      <Label field={field} id={id} />
      <input
        id={id}
        className="field max-w-md"
        value={typeof value === 'string' ? value : ''}
        aria-invalid={faults.length > 0}
        autoComplete={field.id === 'name' ? 'organization' : 'off'}
        onChange={(event) => set(field.id, event.target.value === '' ? undefined : event.target.value)}
      />
      <FaultText fault={faults[0]} id={`${id}-fault`} />
    </div>
  )
}

function CountryInput({ field, values, set }: FieldProps<PlainField>) {
  const { t, language } = useWords()
  const id = useId()
  const countries = useMemo(() => countriesIn(language), [language])
  const value = values[field.id]
  return (
    <div>
      <Label field={field} id={id} />
      <select
        id={id}
        className="field max-w-md"
        value={typeof value === 'string' ? value : ''}
        autoComplete="country"
        onChange={(event) => set(field.id, event.target.value === '' ? undefined : event.target.value)}
      >
        <option value="">{t('footprint.q.choose')}</option>
        {countries.map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
    </div>
  )
}

function SelectInput({ field, values, set }: FieldProps<ChoiceField>) {
  const { t, language } = useWords()
  const id = useId()
  const value = values[field.id]
  return (
    <div>
      <Label field={field} id={id} />
      <Help field={field} id={`${id}-help`} />
      <select
        id={id}
        className="field max-w-md"
        value={typeof value === 'string' ? value : ''}
        onChange={(event) => set(field.id, event.target.value === '' ? undefined : event.target.value)}
      >
        <option value="">{t('footprint.q.choose')}</option>
        {field.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text[language]}
          </option>
        ))}
      </select>
    </div>
  )
}

const pill =
  'flex min-h-11 items-center gap-2.5 rounded-md border border-edge bg-surface px-3.5 py-1.5 hover:border-tide has-checked:border-tide has-checked:bg-wash has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-tide'

function RadioInput({ field, values, set }: FieldProps<ChoiceField>) {
  const { language } = useWords()
  const name = useId()
  return (
    <fieldset>
      <Legend field={field} />
      <Help field={field} id={`${name}-help`} />
      <div className="flex flex-wrap gap-2">
        {field.options.map((option) => (
          <label key={option.value} className={pill}>
            <input
              type="radio"
              className="size-4 accent-tide outline-none"
              name={name}
              checked={values[field.id] === option.value}
              onChange={() => set(field.id, option.value)}
            />
            {option.text[language]}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

function YesNoInput({ field, values, set }: FieldProps<PlainField>) {
  const { t } = useWords()
  const name = useId()
  return (
    <fieldset>
      <Legend field={field} />
      <Help field={field} id={`${name}-help`} />
      <div className="flex flex-wrap gap-2">
        {[true, false].map((value) => (
          <label key={String(value)} className={pill}>
            <input
              type="radio"
              className="size-4 accent-tide outline-none"
              name={name}
              checked={values[field.id] === value}
              onChange={() => set(field.id, value)}
            />
            {value ? t('footprint.q.yes') : t('footprint.q.no')}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

function CheckboxInput({ field, values, set }: FieldProps<ChoiceField>) {
  const { language } = useWords()
  const given = values[field.id]
  const chosen = Array.isArray(given) ? given.filter((each): each is string => typeof each === 'string') : []
  const toggle = (value: string) => {
    const next = chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]
    set(field.id, next.length === 0 ? undefined : next)
  }
  return (
    <fieldset>
      <Legend field={field} />
      <div className="flex flex-wrap gap-2">
        {field.options.map((option) => (
          <label key={option.value} className={pill}>
            <input
              type="checkbox"
              className="size-4 accent-tide outline-none"
              checked={chosen.includes(option.value)}
              onChange={() => toggle(option.value)}
            />
            {option.text[language]}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

function ListInput({ field, values, answers, faults, set }: FieldProps<ListField>) {
  const { t, language } = useWords()
  const given = values[field.id]
  const stored = Array.isArray(given)
    ? given.filter((each): each is Row => typeof each === 'object' && each !== null)
    : []
  // One empty row stands ready; it is not an answer until something is typed.
  const rows = stored.length === 0 ? [{}] : stored
  const [keys, setKeys] = useState<number[]>(() => rows.map((_, index) => index))
  const [next, setNext] = useState(rows.length)
  const what = field.text[language]
  const write = (all: readonly Row[]) =>
    set(field.id, all.every((row) => Object.keys(row).length === 0) && all.length <= 1 ? undefined : [...all])
  const setIn = (index: number, item: string, value: AnswerValue | undefined) =>
    write(
      rows.map((row, at) => {
        if (at !== index) return row
        const { [item]: _, ...rest } = row as Record<string, Scalar>
        return value === undefined || typeof value === 'object' ? rest : { ...rest, [item]: value }
      }),
    )
  return (
    <fieldset>
      <Legend field={field} />
      <Help field={field} id={field.id} />
      <ol className="space-y-3">
        {rows.map((row, index) => (
          <li key={keys[index] ?? `new-${index}`}>
            <fieldset className="card p-4">
              <legend className="sr-only">{t('footprint.q.row', { what, n: String(index + 1) })}</legend>
              <div className="grid gap-4 sm:grid-cols-2">
                {field.item.map((item) => (
                  <QuestionField
                    key={item.id}
                    field={item}
                    values={row}
                    answers={answers}
                    faults={faults.filter((fault) => fault.row === index && fault.field === `${field.id}.${item.id}`)}
                    set={(id, value) => setIn(index, id, value)}
                  />
                ))}
              </div>
              {(rows.length > 1 || Object.keys(row).length > 0) && (
                <button
                  type="button"
                  className="button button-plain button-small mt-4"
                  onClick={() => {
                    setKeys(keys.length > 1 ? keys.filter((_, at) => at !== index) : [next])
                    setNext(next + 1)
                    write(rows.filter((_, at) => at !== index))
                  }}
                >
                  {t('footprint.q.remove', { n: String(index + 1) })}
                </button>
              )}
            </fieldset>
          </li>
        ))}
      </ol>
      <button
        type="button"
        className="button button-plain button-small mt-3"
        disabled={rows.length >= field.rows_max}
        onClick={() => {
          setKeys([...keys, next])
          setNext(next + 1)
          set(field.id, [...rows, {}])
        }}
      >
        + {field.add[language]}
      </button>
      <FaultText fault={faults.find((fault) => fault.row === undefined)} id={`${field.id}-fault`} />
    </fieldset>
  )
}
