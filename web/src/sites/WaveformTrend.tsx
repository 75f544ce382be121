import type { Site } from '@tidemark/core/sites/contract.ts'
import type { WaveformRecord } from '@tidemark/core/sites/maintenance-contract.ts'
import { STANDS_OUT } from '@tidemark/core/sites/waveform-features.ts'
import { useWords } from '../lib/i18n.ts'
import { Legend } from '../telemetry/Legend.tsx'
import { TimeChart } from '../telemetry/TimeChart.tsx'
import type { Line } from '../telemetry/time-chart-option.ts'
import { Section } from '../ui/Page.tsx'
import { bearingParts, partColours } from './vibration.ts'

/** How what was found has moved from recording to recording. */
export function WaveformTrend({ site, waveforms }: { site: Site; waveforms: readonly WaveformRecord[] }) {
  const { t } = useWords()
  const in_order = waveforms.toReversed()
  const from_ms = Date.parse(in_order[0]?.captured_at ?? '')
  const to_ms = Date.parse(in_order.at(-1)?.captured_at ?? '')
  const points = (valueOf: (waveform: WaveformRecord) => number | null | undefined) =>
    in_order.flatMap((waveform) => {
      const value = valueOf(waveform)
      return value === null || value === undefined ? [] : [[Date.parse(waveform.captured_at), value] as const]
    })
  const speed = points(({ features }) => features.speed_rms_mm_per_s)
  const signs: Line[] = bearingParts.map((part) => ({
    name: t(`sites.vibration.part.${part}`),
    colour: partColours[part],
    points: points(({ features }) => features.bearing?.[part].times_noise),
  }))
  const kurtosis: Line = { name: t('sites.vibration.kurtosis'), colour: 'tide', points: points(({ features }) => features.kurtosis) } // oxfmt-ignore
  const charts = [
    {
      key: 'signs',
      lines: signs.filter((line) => line.points.length > 1),
      unit: t('sites.vibration.timesNoise'),
      level: { value: STANDS_OUT, text: t('sites.vibration.standsOut') },
    },
    { key: 'speed', lines: speed.length > 1 ? [{ name: t('sites.vibration.speed'), colour: 'tide' as const, points: speed }] : [], unit: 'mm/s', level: undefined }, // oxfmt-ignore
    { key: 'kurtosis', lines: [kurtosis], unit: '', level: undefined },
  ].filter(({ lines }) => lines.length > 0)
  return (
    <Section title={t('sites.vibration.trend')} says={t('sites.vibration.trendSays')} id="trend">
      <div className="grid gap-x-8 gap-y-6 lg:grid-cols-2">
        {charts.map(({ key, lines, unit, level }) => (
          <div key={key} className={key === 'signs' ? 'min-w-0 lg:col-span-2' : 'min-w-0'}>
            <Legend lines={lines} />
            <TimeChart
              describe={t('sites.vibration.trendChart', { names: lines.map(({ name }) => name).join(', ') })}
              height={key === 'signs' ? 'middle' : 'small'}
              lines={lines}
              level={level}
              unit={unit}
              time_zone={site.time_zone}
              from_ms={from_ms}
              to_ms={to_ms}
            />
          </div>
        ))}
      </div>
    </Section>
  )
}
