import type { Column, Expectation } from '@tidemark/core/models/data-contract.ts'
import { useState } from 'react'
import type { Language } from '../lib/format.ts'
import { useWords } from '../lib/i18n.ts'
import { readNumber } from '../lib/read-number.ts'
import { Form, SelectField, Submit, TextField } from '../ui/fields.tsx'

const kinds = ['not_null', 'range', 'set', 'unique'] as const
type Kind = (typeof kinds)[number]
const every = { share_min: 1, severity: 'error' as const }

/** What was typed. */
interface Draft {
  kind: Kind
  column: string
  least: string
  most: string
  values: string
}

/** The expectation that a draft comes to, or which of its fields is at fault. */
function readDraft(
  { kind, least, most, values }: Draft,
  column: string,
  language: Language,
): Expectation | 'range' | 'set' | 'column' {
  if (column === '') return 'column'
  if (kind === 'unique') return { kind, columns: [column], ...every }
  if (kind === 'set') {
    const words = values
      .split(/[\n;,]/)
      .map((each) => each.trim())
      .filter((each) => each !== '')
    return words.length === 0 ? 'set' : { kind, column, values: words, ...every }
  }
  if (kind === 'not_null') return { kind, column, ...every }
  const [min, max] = [readNumber(least, language), readNumber(most, language)]
  if (typeof min === 'string' || typeof max === 'string' || (min === undefined && max === undefined)) return 'range'
  return { kind, column, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }), ...every }
}

/** One more thing that the data should keep to. The rarer kinds are there over the API. */
export function CheckForm({
  columns,
  busy,
  onAdd,
}: {
  columns: readonly Column[]
  busy: boolean
  onAdd: (expectation: Expectation) => void
}) {
  const { t, language } = useWords()
  const [draft, setDraft] = useState<Draft>({ kind: 'not_null', column: '', least: '', most: '', values: '' })
  const [tries, setTries] = useState(0)
  const numeric = columns.filter(({ type }) => type === 'number' || type === 'integer')
  const fitting = draft.kind === 'range' ? numeric : columns
  const column = fitting.find(({ name }) => name === draft.column)?.name ?? fitting[0]?.name ?? ''
  const read = readDraft(draft, column, language)
  return (
    <Form
      className="mt-6 max-w-3xl rounded-card border border-rule p-4"
      label={t('models.checks.add')}
      refused={tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (typeof read === 'string') return
        onAdd(read)
        setTries(0)
      }}
    >
      <h3 className="mb-3 text-lg">{t('models.checks.add')}</h3>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <SelectField
          label={t('models.checks.what')}
          value={draft.kind}
          options={kinds.map((value) => ({ value, text: t(`models.checks.kind.${value}`) }))}
          onChange={(value) => setDraft({ ...draft, kind: kinds.find((each) => each === value) ?? 'not_null' })}
        />
        <SelectField
          label={t('models.checks.column')}
          value={column}
          options={fitting.map(({ name }) => ({ value: name, text: name }))}
          onChange={(name) => setDraft({ ...draft, column: name })}
        />
        <Figures draft={draft} fault={tries > 0 && typeof read === 'string' ? read : undefined} onChange={setDraft} />
      </div>
      <div className="mt-4">
        <Submit busy={busy} plain>
          {t('models.checks.addDo')}
        </Submit>
      </div>
    </Form>
  )
}

function Figures({
  draft,
  fault,
  onChange,
}: {
  draft: Draft
  fault: 'range' | 'set' | 'column' | undefined
  onChange: (draft: Draft) => void
}) {
  const { t } = useWords()
  const { kind, least, most, values } = draft
  if (kind === 'set') {
    return (
      <TextField
        label={t('models.checks.values')}
        help={t('models.checks.valuesHelp')}
        value={values}
        fault={fault === 'set' ? t('models.checks.setFault') : undefined}
        onChange={(text) => onChange({ ...draft, values: text })}
      />
    )
  }
  if (kind !== 'range') return null
  return (
    <>
      <TextField
        label={t('models.checks.min')}
        inputMode="decimal"
        value={least}
        fault={fault === 'range' ? t('models.checks.rangeFault') : undefined}
        onChange={(text) => onChange({ ...draft, least: text })}
      />
      <TextField
        label={t('models.checks.max')}
        inputMode="decimal"
        value={most}
        onChange={(text) => onChange({ ...draft, most: text })}
      />
    </>
  )
}
