import type { Site } from '@tidemark/core/sites/contract.ts'
import { useQueries, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { Legend } from '../telemetry/Legend.tsx'
import { deviceQuery, devicesQuery, pointsQuery } from '../telemetry/queries.ts'
import { drawnOf, summed, type Points } from '../telemetry/points.ts'
import { TimeChart } from '../telemetry/TimeChart.tsx'
import type { Colour, Line } from '../telemetry/time-chart-option.ts'

/** Roll-ups of a quarter of an hour, so that what several inverters make can be added up. */
const QUARTERS_OF_DAY = 96
const POINTS_MAX = 1_000

const kinds = [
  { key: 'generation', measure: 'generation_power_kw', colour: 'sand' },
  { key: 'load', measure: 'load_power_kw', colour: 'scope1' },
  { key: 'grid', measure: 'grid_power_kw', colour: 'tide' },
  { key: 'battery', measure: 'battery_power_kw', colour: 'soft' },
] as const satisfies readonly { key: string; measure: string; colour: Colour }[]

/** What was made, used, drawn and stored over the chosen time. */
export function PowerChart({ site, from, to }: { site: Site; from: string; to: string }) {
  const { t } = useWords()
  const [width_px, setWidth] = useState(0)
  const devices = useQuery(devicesQuery(site.id))
  const known = useQueries({ queries: (devices.data?.devices ?? []).map(({ device_id }) => deviceQuery(device_id)) })
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000
  const points_max = Math.min(POINTS_MAX, days <= 1 ? QUARTERS_OF_DAY : Math.max(10, width_px))
  const wanted = known.flatMap(({ data }) =>
    (data?.series ?? []).flatMap(({ series_id, measure }) => {
      const kind = kinds.find((each) => each.measure === measure)
      return kind === undefined ? [] : [{ series_id, kind: kind.key }]
    }),
  )
  const asked = useQueries({
    queries: wanted.map(({ series_id }) => ({
      ...pointsQuery(series_id, from, to, points_max),
      enabled: width_px > 0,
    })),
  })
  const lines = kinds.flatMap(({ key, colour }): Line[] => {
    const parts = wanted.flatMap(({ kind }, i) => (kind === key ? [asked[i]?.data] : []))
    const there = parts.filter((part): part is Points => part !== undefined)
    // Half of the inverters are not the generation of the site.
    if (there.length === 0 || there.length < parts.length) return []
    const [first] = there
    const points = there.length === 1 && first ? drawnOf(first).middle : summed(there)
    return [{ name: t(`sites.now.${key}`), colour, points, filled: key === 'generation' }]
  })
  return (
    <div>
      <Legend lines={lines} />
      <TimeChart
        describe={t('sites.did.chart')}
        lines={lines}
        unit="kW"
        time_zone={site.time_zone}
        from_ms={Date.parse(from)}
        to_ms={Date.parse(to)}
        onWidth={setWidth}
      />
    </div>
  )
}
