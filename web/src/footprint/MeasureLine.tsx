import type { InventoryLine } from '@tidemark/core/footprint/contract.ts'
import { measuresOfConsumption } from '@tidemark/core/footprint/measure-line.ts'
import { findUnit } from '@tidemark/core/lib/units.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { stateQuery } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { SelectField } from '../ui/fields.tsx'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { lineName } from './line-words.ts'
import { MeasureProposal } from './MeasureProposal.tsx'
import { measuredByQuery, metersQuery, type MeterOption } from './meter-queries.ts'
import type { TracedCalculation } from './queries.ts'

type Measure = (typeof measuresOfConsumption)[number]

/** Counters that can stand for a line, by the unit that it is in. */
function measuresFor(unit: string): Measure[] {
  const dimension = findUnit(unit)?.dimension
  return measuresOfConsumption.filter((id) => findUnit(measures.get(id)?.unit ?? '')?.dimension === dimension)
}

/** Offers to put meters in the place of an estimate, where a meter can count what the line counts. */
export function MeasureLine({ line, calculation }: { line: InventoryLine; calculation: TracedCalculation }) {
  const { t, language } = useWords()
  const [open, setOpen] = useState(false)
  const state = useQuery(stateQuery()).data
  // Where the demonstration is open, a visitor may try it.
  const open_to_all = state?.me === null && state.instance.demo
  const allowed = open_to_all ? { allowed: true } : allowedTo('footprint.calculate', state?.me, language)
  const fitting = measuresFor(line.unit)
  if (fitting.length === 0) return null
  return (
    <div className="mt-3">
      <GuardedButton small allowed={allowed} onClick={() => setOpen(true)}>
        {t(line.measured_by ? 'footprint.measure.again' : 'footprint.measure.replace')}
      </GuardedButton>
      <Dialog
        open={open}
        title={t('footprint.measure.title', { line: lineName(line, line.id, language) })}
        says={t('footprint.measure.says')}
        onClose={() => setOpen(false)}
      >
        {open && <Choice line={line} fitting={fitting} calculation={calculation} />}
      </Dialog>
    </div>
  )
}

/** Where the person is, for a meter that stands on no site. */
function browserZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

const SHARES = ['0.5', '0.8', '0.9', '0.95', '1'] as const

function Choice({
  line,
  fitting,
  calculation,
}: {
  line: InventoryLine
  fitting: readonly Measure[]
  calculation: TracedCalculation
}) {
  const { t, format, language } = useWords()
  const meters = useQuery(metersQuery())
  const [meter, setMeter] = useState('')
  const [picked, setPicked] = useState<string>()
  const [share, setShare] = useState('0.9')
  const chosen = meters.data?.find(({ value }) => value === meter)
  const sent = useQuery({ ...measuredByQuery(chosen?.id ?? ''), enabled: chosen?.kind === 'device' })
  // Until somebody says otherwise: what the chosen meter counts.
  const measure = picked ?? fitting.find((id) => sent.data?.includes(id)) ?? fitting[0] ?? ''
  if (meters.isPending) return <Loading />
  if (meters.error) return <ProblemPanel error={meters.error} retry={() => void meters.refetch()} />
  if (meters.data.length === 0) return <NoMeters />
  const time_zone = chosen?.time_zone ?? browserZone()
  return (
    <div className="space-y-4">
      <MeterField meters={meters.data} value={meter} onChange={setMeter} />
      {fitting.length > 1 && (
        <SelectField
          label={t('footprint.measure.what')}
          value={measure}
          options={fitting.map((id) => ({ value: id, text: measures.get(id)?.name[language] ?? id }))}
          onChange={setPicked}
        />
      )}
      <SelectField
        label={t('footprint.measure.coverage')}
        help={t('footprint.measure.coverageSays')}
        value={share}
        options={SHARES.map((value) => ({ value, text: format.share(Number(value)) }))}
        onChange={setShare}
      />
      {chosen && sent.isLoading && <Loading />}
      {chosen && !sent.isLoading && (
        <>
          <p className="text-sm text-soft">{t('footprint.measure.zone', { zone: time_zone.replaceAll('_', ' ') })}</p>
          <MeasureProposal
            asked={{
              id: calculation.calculation_id,
              line_id: line.id,
              ...(chosen.kind === 'site' ? { site_id: chosen.id } : { device_id: chosen.id }),
              measure: measure as Measure,
              time_zone,
              coverage_share_min: Number(share),
            }}
          />
        </>
      )}
    </div>
  )
}

function NoMeters() {
  const { t } = useWords()
  return (
    <p>
      {t('footprint.measure.none')}{' '}
      <Link to={paths.devices} className="link">
        {t('footprint.measure.noneDo')}
      </Link>
    </p>
  )
}

function MeterField({
  meters,
  value,
  onChange,
}: {
  meters: readonly MeterOption[]
  value: string
  onChange: (value: string) => void
}) {
  const { t } = useWords()
  const text = ({ name, kind, simulated }: MeterOption) =>
    `${kind === 'site' ? t('footprint.measure.ofSite', { name }) : name}${simulated ? ` · ${t('footprint.measure.simulated')}` : ''}`
  return (
    <SelectField
      label={t('footprint.measure.meter')}
      value={value}
      options={[
        { value: '', text: t('footprint.q.choose') },
        ...meters.map((each) => ({ value: each.value, text: text(each) })),
      ]}
      onChange={onChange}
    />
  )
}
