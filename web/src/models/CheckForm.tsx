import type { Column, Expectation } from '@tidemark/core/models/data-contract.ts'
import { useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { readNumber } from '../lib/read-number.ts'
import { Form, SelectField, Submit, TextField } from '../ui/fields.tsx'

const kinds = ['not_null', 'range', 'set', 'unique'] as const
type Kind = (typeof kinds)[number]
const every = { share_min: 1, severity: 'error' as const }

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
  const [kind, setKind] = useState<Kind>('not_null')
  const numeric = columns.filter(({ type }) => type === 'number' || type === 'integer')
  const fitting = kind === 'range' ? numeric : columns
  const [chosen, setChosen] = useState('')
  const column = fitting.find(({ name }) => name === chosen)?.name ?? fitting[0]?.name ?? ''
  const [least, setLeast] = useState('')
  const [most, setMost] = useState('')
  const [values, setValues] = useState('')
  const [tries, setTries] = useState(0)
  const [min, max] = [readNumber(least, language), readNumber(most, language)]
  const words = values
    .split(/[\n;,]/)
    .map((each) => each.trim())
    .filter((each) => each !== '')
  const range_fault =
    kind === 'range' && (typeof min === 'string' || typeof max === 'string' || (min === undefined && max === undefined))
      ? t('models.checks.rangeFault')
      : undefined
  const set_fault = kind === 'set' && words.length === 0 ? t('models.checks.setFault') : undefined
  const expectation = (): Expectation => {
    if (kind === 'unique') return { kind, columns: [column], ...every }
    if (kind === 'set') return { kind, column, values: words, ...every }
    if (kind === 'range')
      return {
        kind,
        column,
        ...(typeof min === 'number' ? { min } : {}),
        ...(typeof max === 'number' ? { max } : {}),
        ...every,
      }
    return { kind, column, ...every }
  }
  return (
    <Form
      className="mt-6 max-w-3xl rounded-card border border-rule p-4"
      label={t('models.checks.add')}
      refused={tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (range_fault || set_fault || column === '') return
        onAdd(expectation())
        setTries(0)
      }}
    >
      <h3 className="mb-3 text-lg">{t('models.checks.add')}</h3>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <SelectField
          label={t('models.checks.what')}
          value={kind}
          options={kinds.map((value) => ({ value, text: t(`models.checks.kind.${value}`) }))}
          onChange={(value) => setKind(kinds.find((each) => each === value) ?? 'not_null')}
        />
        <SelectField
          label={t('models.checks.column')}
          value={column}
          options={fitting.map(({ name }) => ({ value: name, text: name }))}
          onChange={setChosen}
        />
        {kind === 'range' && (
          <>
            <TextField
              label={t('models.checks.min')}
              inputMode="decimal"
              value={least}
              fault={tries > 0 ? range_fault : undefined}
              onChange={setLeast}
            />
            <TextField label={t('models.checks.max')} inputMode="decimal" value={most} onChange={setMost} />
          </>
        )}
        {kind === 'set' && (
          <TextField
            label={t('models.checks.values')}
            help={t('models.checks.valuesHelp')}
            value={values}
            fault={tries > 0 ? set_fault : undefined}
            onChange={setValues}
          />
        )}
      </div>
      <div className="mt-4">
        <Submit busy={busy} plain>
          {t('models.checks.addDo')}
        </Submit>
      </div>
    </Form>
  )
}
