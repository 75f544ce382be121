import type { Series } from '@tidemark/core/telemetry/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { countsOf, drawnOf } from './points.ts'
import { pointsQuery } from './queries.ts'
import { sensorUnit } from './names.ts'
import { TimeChart } from './TimeChart.tsx'

const DAY_MS = 86_400_000
const SPARK_POINTS = 168

/** The last week of a series in small, and how much of it was usable. */
export function SeriesQuality({ series, link }: { series: Series; link: string | null }) {
  const { t, format } = useWords()
  const [to_ms] = useState(() => (series.last_at === null ? Date.now() : Date.parse(series.last_at)))
  const from_ms = to_ms - 7 * DAY_MS
  const asked = useQuery(
    pointsQuery(series.series_id, new Date(from_ms).toISOString(), new Date(to_ms).toISOString(), SPARK_POINTS),
  )
  if (!asked.data) return null
  const { readings, not_counted } = countsOf(asked.data)
  const { middle } = drawnOf(asked.data)
  return (
    <div className="mt-2">
      <p className="text-sm text-soft">
        {t('telemetry.series.week', { readings: format.number(readings) })}{' '}
        {not_counted > 0 && (
          <span className="font-semibold text-bad">
            {t('telemetry.series.invalid', { count: not_counted, number: format.number(not_counted) })}
          </span>
        )}{' '}
        {asked.data.gaps.length > 0 && (
          <span className="font-semibold text-sand-ink">
            {t('telemetry.series.gaps', { count: asked.data.gaps.length })}
          </span>
        )}{' '}
        {link !== null && (
          <Link
            to={paths.site}
            params={{ id: link }}
            search={{ part: 'data', show: `${series.device_id}~${series.series_id}` }}
            className="link"
          >
            {t('telemetry.series.explore')}
          </Link>
        )}
      </p>
      <TimeChart
        describe={t('telemetry.series.week', { readings: format.number(readings) })}
        height="small"
        lines={[{ name: series.measure, colour: 'tide', points: middle, steps: series.kind === 'counter' }]}
        unit={sensorUnit(series.unit)}
        time_zone={zoneHere()}
        from_ms={from_ms}
        to_ms={to_ms}
      />
    </div>
  )
}

/** The page of a device speaks by the reader's own clock, as its other instants do. */
function zoneHere(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}
