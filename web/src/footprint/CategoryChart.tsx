import { BarChart } from 'echarts/charts'
import { AriaComponent, GridComponent } from 'echarts/components'
import { init, use as register, type ECharts } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useEffectEvent, useRef } from 'react'
import { useIsDark } from '../app/preferences.ts'
import { useWords } from '../lib/i18n.ts'

register([BarChart, GridComponent, AriaComponent, CanvasRenderer])

export interface Bar {
  id: string
  name: string
  scope: '1' | '2' | '3'
  kg: number
}

/** Categories as bars, largest first. A picture of the list below it: choosing a bar opens its row there. */
export function CategoryChart({
  bars,
  describe,
  onChoose,
}: {
  bars: readonly Bar[]
  describe: string
  onChoose: (id: string) => void
}) {
  const { format } = useWords()
  const dark = useIsDark()
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<ECharts>(undefined)
  const choose = useEffectEvent(onChoose)

  useEffect(() => {
    const element = place.current
    if (!element) return
    const made = init(element, null, { renderer: 'canvas' })
    chart.current = made
    made.on('click', (event) => choose(String((event.data as { id?: string } | undefined)?.id ?? '')))
    const watch = new ResizeObserver(() => made.resize())
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.dispose()
    }
  }, [])

  useEffect(() => {
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const narrow = (place.current?.clientWidth ?? 0) < 520
    const font = { color: colour('--ink'), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 14 }
    chart.current?.setOption(
      {
        darkMode: dark,
        animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
        animationDuration: 500,
        aria: { enabled: true, label: { description: describe } },
        grid: { left: 4, right: narrow ? 8 : 110, top: narrow ? 18 : 4, bottom: 4, containLabel: !narrow },
        xAxis: { type: 'value', show: false, min: 0 },
        yAxis: {
          type: 'category',
          inverse: true,
          data: bars.map((bar) => bar.name),
          axisLine: { show: false },
          axisTick: { show: false },
          axisLabel: narrow ? { show: false } : { ...font, width: 250, overflow: 'truncate' },
        },
        series: [
          {
            type: 'bar',
            cursor: 'pointer',
            barWidth: narrow ? 12 : '62%',
            data: bars.map((bar) => ({
              value: bar.kg,
              id: bar.id,
              name: bar.name,
              itemStyle: { color: colour(`--scope${bar.scope}`), borderRadius: [0, 3, 3, 0] },
            })),
            label: {
              show: true,
              ...font,
              fontWeight: 600,
              // On a phone there is no room beside the bar: name and figure stand above it.
              position: narrow ? [0, -18] : 'right',
              formatter: ({ dataIndex }: { dataIndex: number }) => {
                const bar = bars[dataIndex]
                if (!bar) return ''
                return narrow ? `${shortened(bar.name)}  ${format.co2e(bar.kg).text}` : format.co2e(bar.kg).text
              },
            },
          },
        ],
      },
      { notMerge: true },
    )
  }, [bars, dark, describe, format])

  return (
    <div ref={place} role="img" aria-label={describe} className={heights[Math.min(bars.length, heights.length - 1)]} />
  )
}

function shortened(name: string): string {
  return name.length > 26 ? `${name.slice(0, 25)}…` : name
}

/** Classes, because the content policy leaves no room for a style attribute in the page's source. */
const heights = [
  'h-12',
  'h-14',
  'h-24',
  'h-36',
  'h-48',
  'h-60',
  'h-72',
  'h-84',
  'h-96',
  'h-108',
  'h-120',
  'h-132',
  'h-144',
  'h-156',
  'h-168',
  'h-180',
]
