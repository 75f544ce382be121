import { POINTS_MAX } from '@tidemark/core/telemetry/contract.ts'
import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import type { Named } from './Explorer.tsx'
import { Legend } from './Legend.tsx'
import { sensorUnit } from './names.ts'
import { countsOf, drawnOf, gapsOf, type Points } from './points.ts'
import { pointsQuery } from './queries.ts'
import { SimulatedTag } from './SimulatedTag.tsx'
import { TimeChart } from './TimeChart.tsx'
import type { Colour } from './time-chart-option.ts'

const colours: readonly Colour[] = ['tide', 'sand', 'scope1', 'soft', 'bad', 'good']

/** One chart per unit, over the same time. */
export function ExplorerChart({
  shown,
  time_zone,
  from_ms,
  to_ms,
  onZoom,
}: {
  shown: readonly Named[]
  time_zone: string
  from_ms: number
  to_ms: number
  onZoom: (from_ms: number, to_ms: number) => void
}) {
  const { t } = useWords()
  const [width_px, setWidth] = useState(0)
  const [from, to] = [new Date(from_ms).toISOString(), new Date(to_ms).toISOString()]
  const points_max = Math.min(POINTS_MAX, Math.max(10, width_px))
  const asked = useQueries({
    queries: shown.map(({ series_id }) => ({ ...pointsQuery(series_id, from, to, points_max), enabled: width_px > 0 })),
  })
  const answers = shown.map((series, i) => ({
    series,
    colour: colours[i % colours.length] ?? 'tide',
    points: asked[i]?.data,
  }))
  const failed = asked.find(({ error }) => error)
  const units = [...new Set(shown.map(({ unit }) => unit))]
  return (
    <div className="mt-3">
      {failed?.error && <ProblemPanel error={failed.error} retry={() => void failed.refetch()} />}
      <Legend lines={answers.map(({ series, colour }) => ({ name: series.name, colour }))} />
      {units.map((unit) => {
        const here = answers.filter(({ series }) => series.unit === unit)
        const there = here.flatMap((each) => (each.points === undefined ? [] : [{ ...each, points: each.points }]))
        return (
          <TimeChart
            key={unit}
            describe={t('telemetry.explorer.chart', { names: here.map(({ series }) => series.name).join(', ') })}
            height={units.length > 2 ? 'small' : units.length > 1 ? 'middle' : 'large'}
            lines={there.map(({ series, colour, points }) => ({
              name: series.name,
              colour,
              points: drawnOf(points).middle,
              steps: series.kind === 'counter',
            }))}
            bands={there.flatMap(({ colour, points }) =>
              points.slot_s === 0 || there.length > 2
                ? []
                : [{ name: t('telemetry.explorer.between'), colour, points: drawnOf(points).band }],
            )}
            stretches={there.length === 1 && there[0] ? gapsOf(there[0].points) : []}
            unit={sensorUnit(unit)}
            time_zone={time_zone}
            from_ms={from_ms}
            to_ms={to_ms}
            onZoom={onZoom}
            onWidth={setWidth}
          />
        )
      })}
      <Counts answers={answers} />
    </div>
  )
}

/** What stands behind the picture: how fine it is, and what no figure counts. */
function Counts({ answers }: { answers: readonly { series: Named; points: Points | undefined }[] }) {
  const { t, format } = useWords()
  return (
    <ul className="mt-3 space-y-1 text-[0.9375rem]" data-testid="counts">
      {answers.map(({ series, points }) => {
        if (points === undefined) return null
        const { readings, not_counted } = countsOf(points)
        return (
          <li key={series.series_id} className="figures">
            <span className="font-semibold">{series.name}</span>
            {points.simulated && <SimulatedTag />}:{' '}
            {t('telemetry.explorer.readings', {
              count: readings,
              number: format.number(readings),
              slot: slotWords(points.slot_s),
            })}
            {not_counted > 0 && (
              <span className="font-semibold text-bad">
                {' '}
                {t('telemetry.series.invalid', { count: not_counted, number: format.number(not_counted) })}
              </span>
            )}
            {points.gaps.length > 0 && (
              <span className="text-sand-ink"> {t('telemetry.series.gaps', { count: points.gaps.length })}</span>
            )}
          </li>
        )
      })}
    </ul>
  )
  function slotWords(slot_s: number): string {
    if (slot_s === 0) return t('telemetry.slot.single')
    if (slot_s < 3600) return t('telemetry.slot.minutes', { count: Math.round(slot_s / 60) })
    return slot_s < 86_400
      ? t('telemetry.slot.hours', { count: Math.round(slot_s / 3600) })
      : t('telemetry.slot.days', { count: Math.round(slot_s / 86_400) })
  }
}
