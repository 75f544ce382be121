import { LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import { init, use as register, type ECharts } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef, useState } from 'react'
import { useIsDark } from '../app/preferences.ts'
import { useWords } from '../lib/i18n.ts'
import { spectrumOption, type SpectrumData } from './spectrum-option.ts'

register([LineChart, GridComponent, AriaComponent, TooltipComponent, MarkLineComponent, CanvasRenderer])

/** Heights over frequency, with lines where something would show. */
export function SpectrumChart({ describe, ...data }: SpectrumData & { describe: string }) {
  const { format } = useWords()
  const dark = useIsDark()
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<ECharts>(undefined)
  const [width_px, setWidth] = useState(0)
  useEffect(() => {
    const element = place.current
    if (!element) return
    const made = init(element, null, { renderer: 'canvas' })
    chart.current = made
    const watch = new ResizeObserver(() => {
      made.resize()
      setWidth(element.clientWidth)
    })
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.dispose()
    }
  }, [])
  useEffect(() => {
    const surroundings = { describe, dark, format, width_px }
    if (width_px > 0) chart.current?.setOption(spectrumOption(data, surroundings), { notMerge: true })
  })
  return <div ref={place} role="img" aria-label={describe} className="h-72" />
}
