import type { InventoryLine } from '@tidemark/core/footprint/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Notice } from '../ui/Notice.tsx'
import { coverageText, lineName } from './line-words.ts'
import { calculationQuery, type TracedCalculation } from './queries.ts'

/** That a line was measured, by what, for how much of the time, and what it said before. */
export function MeasuredLine({ line }: { line: InventoryLine }) {
  const { t, format } = useWords()
  const { measured_by, unit } = line
  if (!measured_by) return null
  const { meters, coverage_share, replaced, simulated, quality } = measured_by
  return (
    <p className="mt-1 border-l-2 border-tide pl-3 text-[0.9375rem]">
      {t('footprint.measure.by', {
        meters: meters.map(({ sensor_id }) => sensor_id).join(', '),
        share: coverageText(coverage_share, format),
        score: format.share(quality.score),
      })}{' '}
      {t('footprint.measure.before', { quantity: format.quantity(replaced.quantity, unit) })}
      {simulated && ` ${t('footprint.measure.played')}`}
    </p>
  )
}

/** The calculation that this one was made from, and what the meters changed. */
export function BasedOn({ calculation }: { calculation: TracedCalculation }) {
  return calculation.based_on ? <Difference calculation={calculation} {...calculation.based_on} /> : null
}

function Difference({
  calculation,
  calculation_id,
  line_id,
}: {
  calculation: TracedCalculation
  calculation_id: string
  line_id: string
}) {
  const { t, format, language } = useWords()
  // It may be gone after its time; then the link says so.
  const before = useQuery({ ...calculationQuery(calculation_id), retry: false })
  const line = calculation.inventory.lines.find(({ id }) => id === line_id)
  const difference_kg = before.data && calculation.emissions_kg_co2e - before.data.emissions_kg_co2e
  return (
    <Notice tone="note">
      {t('footprint.measure.basedOn', { line: lineName(line, line_id, language) })}{' '}
      {difference_kg !== undefined && (
        <strong>
          {t('footprint.measure.changed', {
            amount: `${difference_kg < 0 ? '−' : '+'}${format.co2e(Math.abs(difference_kg)).text}`,
          })}
        </strong>
      )}{' '}
      <Link to={paths.calculation} params={{ id: calculation_id }} className="link">
        {t('footprint.measure.see')}
      </Link>
    </Notice>
  )
}
