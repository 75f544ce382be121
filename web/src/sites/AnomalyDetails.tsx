import type { SiteAnomaly } from '@tidemark/core/sites/anomalies-contract.ts'
import type { Site } from '@tidemark/core/sites/contract.ts'
import { useQueries, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { measureName, sensorUnit } from '../telemetry/names.ts'
import { drawnOf, gapsOf } from '../telemetry/points.ts'
import { deviceQuery, devicesQuery, pointsQuery } from '../telemetry/queries.ts'
import { TimeChart } from '../telemetry/TimeChart.tsx'
import { energy } from './figures.ts'

/** The stretch to look at, what was expected there, and why one may believe it. */
export function AnomalyDetails({ anomaly, site }: { anomaly: SiteAnomaly; site: Site }) {
  const { t, format } = useWords()
  const unit = anomaly.unit === null ? '' : sensorUnit(anomaly.unit)
  const say = (value: number | null) => (value === null ? '–' : `${format.number(value)}\u00A0${unit}`)
  const { simulated, judged } = anomaly.confidence_basis
  return (
    <div className="mt-4 border-t border-rule pt-4">
      <dl className="figures flex flex-wrap gap-x-8 gap-y-2">
        <div>
          <dt className="label">{t('sites.anomaly.was')}</dt>
          <dd className="text-lg font-semibold">{say(anomaly.value)}</dd>
        </div>
        <div>
          <dt className="label">{t('sites.anomaly.expected')}</dt>
          <dd className="text-lg font-semibold">{say(anomaly.expectedValue)}</dd>
        </div>
        {anomaly.deviation !== null && (
          <div>
            <dt className="label">{t('sites.anomaly.deviation')}</dt>
            <dd className="text-lg font-semibold">{format.share(anomaly.deviation / 100)}</dd>
          </div>
        )}
        {anomaly.loss.unmeasured_kwh !== null && (
          <div>
            <dt className="label">{t('sites.anomaly.unmeasured')}</dt>
            <dd className="text-lg font-semibold">{energy(anomaly.loss.unmeasured_kwh, format)}</dd>
          </div>
        )}
      </dl>
      <Window anomaly={anomaly} site={site} />
      <p className="mt-3 text-[0.9375rem]">
        {t('sites.anomaly.foundBy', {
          method: t(`sites.anomaly.method.${anomaly.method}`),
          strength: format.number(anomaly.strength),
        })}{' '}
        {t('sites.anomaly.basis', { found: format.number(simulated.found), correct: format.number(simulated.correct) })}{' '}
        {judged.found > 0 && t('sites.anomaly.basisJudged', { found: judged.found, correct: judged.correct })}
      </p>
    </div>
  )
}

/** The readings around it, with its stretch set apart and the expected value across. */
function Window({ anomaly, site }: { anomaly: SiteAnomaly; site: Site }) {
  const { t, language } = useWords()
  const [width_px, setWidth] = useState(0)
  const devices = useQuery(devicesQuery(site.id)).data?.devices ?? []
  const asset = site.assets.find(({ asset_id }) => asset_id === anomaly.asset_id)
  const senders = new Set(anomaly.sensor_id === null ? (asset?.sensor_ids ?? []) : [anomaly.sensor_id])
  const details = useQueries({
    queries: devices.filter(({ sensor_id }) => senders.has(sensor_id)).map(({ device_id }) => deviceQuery(device_id)),
  })
  const series = details.flatMap(({ data }) => data?.series ?? []).find(({ measure }) => measure === anomaly.measure)
  const { from, to } = anomaly.window
  const asked = useQuery({
    ...pointsQuery(series?.series_id ?? 1, from, to, Math.max(10, width_px)),
    enabled: series !== undefined && width_px > 0,
  })
  if (series === undefined) return null
  const name = measureName(series.measure, language)
  return (
    <div className="mt-4">
      <TimeChart
        describe={t('sites.anomaly.chart', { name })}
        lines={
          asked.data
            ? [{ name, colour: 'tide', points: drawnOf(asked.data).middle, steps: series.kind === 'counter' }]
            : []
        }
        stretches={[
          { from_ms: Date.parse(anomaly.timestamp), to_ms: Date.parse(anomaly.until), tone: 'bad' },
          ...(asked.data ? gapsOf(asked.data) : []),
        ]}
        level={
          anomaly.expectedValue === null
            ? undefined
            : { value: anomaly.expectedValue, text: t('sites.anomaly.expected') }
        }
        unit={sensorUnit(series.unit)}
        time_zone={site.time_zone}
        from_ms={Date.parse(from)}
        to_ms={Date.parse(to)}
        onWidth={setWidth}
      />
      <Link
        to={paths.site}
        params={{ id: site.id }}
        search={{ part: 'data', show: `${series.device_id}~${series.series_id}`, from, to }}
        className="link text-[0.9375rem]"
      >
        {t('sites.anomaly.explore')}
      </Link>
    </div>
  )
}
