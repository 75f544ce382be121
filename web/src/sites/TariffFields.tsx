import { useWords } from '../lib/i18n.ts'
import { SelectField, TextField } from '../ui/fields.tsx'
import { Section } from '../ui/Page.tsx'
import { FigureField } from './AssetFields.tsx'
import { tariffFields, type PeriodDraft, type TariffDraft } from './draft.ts'
import type { FaultAt } from './SiteForm.tsx'

const currencies = [
  'EUR',
  'GBP',
  'USD',
  'CHF',
  'CAD',
  'INR',
  'XOF',
  'IDR',
  'KES',
  'BRL',
  'AUD',
  'JPY',
  'CNY',
  'ZAR',
] as const
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const working = ['mon', 'tue', 'wed', 'thu', 'fri']
const weekend = ['sat', 'sun']

const fresh: TariffDraft = {
  currency: 'EUR',
  figures: { price_per_kwh: '', export_price_per_kwh: '0', demand_charge_per_kw_month: '0', fixed_per_day: '0' },
  periods: [],
}

/** What energy costs there. Without it there is no cost and no plan, and everything else works. */
export function TariffFields({
  tariff,
  faultAt,
  onChange,
}: {
  tariff: TariffDraft | null
  faultAt: FaultAt
  onChange: (tariff: TariffDraft | null) => void
}) {
  const { t } = useWords()
  if (tariff === null) {
    return (
      <Section title={t('sites.form.tariff')} says={t('sites.form.tariffSays')} id="tariff">
        <button type="button" className="button button-plain" onClick={() => onChange(fresh)}>
          {t('sites.form.tariffAdd')}
        </button>
      </Section>
    )
  }
  const period = (i: number, part: Partial<PeriodDraft>) =>
    onChange({ ...tariff, periods: tariff.periods.map((each, j) => (i === j ? { ...each, ...part } : each)) })
  const more = { name: t('sites.form.offPeak'), price: '', from: '22:00', to: '06:00', weekdays: [], months: [] }
  const known = currencies.some((each) => each === tariff.currency) ? currencies : [tariff.currency, ...currencies]
  return (
    <Section title={t('sites.form.tariff')} says={t('sites.form.tariffSays')} id="tariff">
      <div className="grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-3">
        <SelectField
          label={t('sites.form.currency')}
          value={tariff.currency}
          options={known.map((each) => ({ value: each, text: each }))}
          fault={faultAt('currency')}
          onChange={(currency) => onChange({ ...tariff, currency })}
        />
        {tariffFields.map((field) => (
          <FigureField
            key={field.name}
            field={field}
            currency={tariff.currency}
            value={tariff.figures[field.name] ?? ''}
            fault={faultAt(field.name)}
            onChange={(value) => onChange({ ...tariff, figures: { ...tariff.figures, [field.name]: value } })}
          />
        ))}
      </div>
      <h3 className="mt-6 text-lg">{t('sites.form.periods')}</h3>
      <p className="mb-3 max-w-prose text-[0.9375rem] text-soft">{t('sites.form.periodsSays')}</p>
      <ul className="space-y-3">
        {tariff.periods.map((each, i) => (
          <Period
            key={i}
            period={each}
            currency={tariff.currency}
            faultAt={(path) => faultAt(`periods/${i}/${path}`)}
            onChange={(part) => period(i, part)}
            onRemove={() => onChange({ ...tariff, periods: tariff.periods.filter((_, j) => i !== j) })}
          />
        ))}
      </ul>
      <div className="mt-4 flex flex-wrap gap-3">
        <button
          type="button"
          className="button button-plain button-small"
          onClick={() => onChange({ ...tariff, periods: [...tariff.periods, more] })}
        >
          + {t('sites.form.periodAdd')}
        </button>
        <button type="button" className="button button-plain button-small" onClick={() => onChange(null)}>
          {t('sites.form.tariffRemove')}
        </button>
      </div>
    </Section>
  )
}

function Period({
  period,
  currency,
  faultAt,
  onChange,
  onRemove,
}: {
  period: PeriodDraft
  currency: string
  faultAt: FaultAt
  onChange: (part: Partial<PeriodDraft>) => void
  onRemove: () => void
}) {
  const { t } = useWords()
  const chosen = daysOf(period.weekdays)
  const choices =
    chosen === 'other' ? (['all', 'working', 'weekend', 'other'] as const) : (['all', 'working', 'weekend'] as const)
  const days = { all: [], working, weekend, other: period.weekdays }
  return (
    <li className="card grid items-end gap-4 p-4 xs:grid-cols-2 lg:grid-cols-[1.4fr_1fr_7.5rem_7.5rem_1.2fr_auto]">
      <TextField
        label={t('sites.form.periodName')}
        maxLength={60}
        value={period.name}
        fault={faultAt('name')}
        onChange={(name) => onChange({ name })}
      />
      <TextField
        label={t('sites.form.periodPrice', { currency })}
        inputMode="decimal"
        value={period.price}
        fault={faultAt('price_per_kwh')}
        onChange={(price) => onChange({ price })}
      />
      <TextField
        label={t('sites.form.from')}
        type="time"
        value={period.from}
        fault={faultAt('from')}
        onChange={(from) => onChange({ from })}
      />
      <TextField
        label={t('sites.form.to')}
        type="time"
        value={period.to === '24:00' ? '00:00' : period.to}
        fault={faultAt('to')}
        onChange={(to) => onChange({ to })}
      />
      <SelectField
        label={t('sites.form.days')}
        value={chosen}
        options={choices.map((each) => ({
          value: each,
          text:
            each === 'other'
              ? period.weekdays.map((day) => t(`sites.day.${day as 'mon'}`)).join(', ')
              : t(`sites.days.${each}`),
        }))}
        onChange={(value) => onChange({ weekdays: [...days[value as keyof typeof days]] })}
      />
      <button type="button" className="button button-plain button-small" onClick={onRemove}>
        {t('sites.form.remove')}
        <span className="sr-only"> {period.name}</span>
      </button>
    </li>
  )
}

function daysOf(chosen: readonly string[]): 'all' | 'working' | 'weekend' | 'other' {
  const same = (list: readonly string[]) => list.length === chosen.length && list.every((each) => chosen.includes(each))
  if (chosen.length === 0 || same(weekdays)) return 'all'
  return same(working) ? 'working' : same(weekend) ? 'weekend' : 'other'
}
