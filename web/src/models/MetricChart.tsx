import type { Version } from '@tidemark/core/models/contract.ts'
import { useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { SelectField } from '../ui/fields.tsx'
import { axes, Chart } from './Chart.tsx'

/** One metric over the versions, on rows that none of them was trained on; the one that answers stands out. */
export function MetricChart({ versions }: { versions: readonly Version[] }) {
  const { t, format } = useWords()
  const names = [...new Set(versions.flatMap(({ metrics }) => Object.keys(metrics)))]
  const [chosen, setChosen] = useState('')
  const name = names.includes(chosen) ? chosen : (names.find((each) => each === 'rmse') ?? names[0])
  if (name === undefined) return <p className="text-soft">{t('models.versions.noMetrics')}</p>
  const points = [...versions].reverse().flatMap((version) => {
    const value = version.metrics[name]
    return value === undefined ? [] : [{ version: version.version, value, stage: version.stage }]
  })
  const describe = t('models.versions.chartSays', {
    metric: name,
    figures: points.map(({ version, value }) => `v${version}: ${format.number(value)}`).join(', '),
  })
  return (
    <>
      <div className="max-w-xs">
        <SelectField
          label={t('models.versions.metric')}
          value={name}
          options={names.map((each) => ({ value: each, text: each }))}
          onChange={setChosen}
        />
      </div>
      <Chart
        describe={describe}
        drawn={JSON.stringify([name, points])}
        height="h-72"
        option={(look) => {
          const { value, category, tooltip } = axes(look)
          return {
            tooltip: { ...tooltip, trigger: 'axis' },
            grid: { left: 8, right: 24, top: 24, bottom: 8, containLabel: true },
            xAxis: { type: 'category', data: points.map((point) => `v${point.version}`), ...category },
            yAxis: { type: 'value', scale: true, ...value },
            series: [
              {
                name,
                type: 'line',
                symbol: 'circle',
                lineStyle: { color: look.colour('tide'), width: 2 },
                data: points.map((point) => ({
                  value: point.value,
                  symbolSize: point.stage === 'champion' ? 16 : 9,
                  itemStyle: { color: look.colour(point.stage === 'champion' ? 'sand' : 'tide') },
                })),
                label: {
                  show: points.length <= 12,
                  position: 'top',
                  ...look.font,
                  formatter: ({ dataIndex }: { dataIndex: number }) => format.number(points[dataIndex]?.value ?? 0),
                },
              },
            ],
          }
        }}
      />
      <p className="text-sm text-soft">{t('models.versions.championDot')}</p>
    </>
  )
}
