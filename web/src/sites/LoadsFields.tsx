import { useWords } from '../lib/i18n.ts'
import { TextField } from '../ui/fields.tsx'
import { Section } from '../ui/Page.tsx'
import type { LoadDraft } from './draft.ts'
import type { FaultAt } from './SiteForm.tsx'

/** What may run at another time of the day: a plan moves it to when energy is cheap or the sun shines. */
export function LoadsFields({
  loads,
  faultAt,
  onChange,
}: {
  loads: readonly LoadDraft[]
  faultAt: FaultAt
  onChange: (loads: LoadDraft[]) => void
}) {
  const { t } = useWords()
  const set = (i: number, part: Partial<LoadDraft>) =>
    onChange(loads.map((each, j) => (i === j ? { ...each, ...part } : each)))
  const more = {
    name: t('sites.form.loadName'),
    power: '',
    hours: '2',
    earliest: '00:00',
    latest: '24:00',
    interruptible: false,
  }
  return (
    <Section title={t('sites.form.loads')} says={t('sites.form.loadsSays')} id="loads">
      <ul className="space-y-3">
        {loads.map((load, i) => (
          <li
            key={i}
            className="card grid items-end gap-4 p-4 xs:grid-cols-2 lg:grid-cols-[1.4fr_1fr_1fr_7.5rem_7.5rem_auto]"
          >
            <TextField
              label={t('sites.form.assetName')}
              maxLength={200}
              value={load.name}
              fault={faultAt(`${i}/name`)}
              onChange={(name) => set(i, { name })}
            />
            <TextField
              label={t('sites.form.loadPower')}
              inputMode="decimal"
              value={load.power}
              fault={faultAt(`${i}/power_kw`)}
              onChange={(power) => set(i, { power })}
            />
            <TextField
              label={t('sites.form.loadHours')}
              inputMode="decimal"
              value={load.hours}
              fault={faultAt(`${i}/duration_h`)}
              onChange={(hours) => set(i, { hours })}
            />
            <TextField
              label={t('sites.form.earliest')}
              type="time"
              value={load.earliest}
              fault={faultAt(`${i}/earliest`)}
              onChange={(earliest) => set(i, { earliest })}
            />
            {/* A field for times knows no 24:00; midnight as an end is that. */}
            <TextField
              label={t('sites.form.latest')}
              type="time"
              value={load.latest === '24:00' ? '00:00' : load.latest}
              fault={faultAt(`${i}/latest`)}
              onChange={(latest) => set(i, { latest: latest === '00:00' ? '24:00' : latest })}
            />
            <button
              type="button"
              className="button button-plain button-small"
              onClick={() => onChange(loads.filter((_, j) => i !== j))}
            >
              {t('sites.form.remove')}
              <span className="sr-only"> {load.name}</span>
            </button>
            <label className="flex items-baseline gap-2.5 xs:col-span-2 lg:col-span-6">
              <input
                type="checkbox"
                className="size-4 translate-y-0.5 accent-tide"
                checked={load.interruptible}
                onChange={(event) => set(i, { interruptible: event.target.checked })}
              />
              {t('sites.form.interruptible')}
            </label>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="button button-plain button-small mt-4"
        onClick={() => onChange([...loads, more])}
      >
        + {t('sites.form.loadAdd')}
      </button>
    </Section>
  )
}
