import { offset_ms } from '@tidemark/core/sites/local-time.ts'
import { LineChart } from 'echarts/charts'
import {
  AriaComponent,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components'
import { init, use as register, type ECharts } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useIsDark } from '../app/preferences.ts'
import { useWords } from '../lib/i18n.ts'
import { optionOf, type TimeChartData } from './time-chart-option.ts'

register([
  LineChart,
  GridComponent,
  AriaComponent,
  TooltipComponent,
  MarkAreaComponent,
  MarkLineComponent,
  CanvasRenderer,
])

const heights = { small: 'h-40', middle: 'h-64', large: 'h-80' } as const

/**
 * Lines over time, by the clock of the place they are from. Times without readings stay empty. Where `onZoom` is given, a
 * stretch that is drawn with the pointer is handed to it; buttons beside the chart do the same for a keyboard.
 */
export function TimeChart({
  describe,
  height = 'middle',
  onZoom,
  onWidth,
  ...data
}: TimeChartData & {
  describe: string
  height?: keyof typeof heights
  onZoom?: (from_ms: number, to_ms: number) => void
  /** Told how many pixels there are to draw on. */
  onWidth?: (width_px: number) => void
}) {
  const { format } = useWords()
  const dark = useIsDark()
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<ECharts>(undefined)
  const tell = useEffectEvent((width: number) => onWidth?.(width))
  const [width_px, setWidth] = useState(0)

  useEffect(() => {
    const element = place.current
    if (!element) return
    const made = init(element, null, { renderer: 'canvas' })
    chart.current = made
    const watch = new ResizeObserver(() => {
      made.resize()
      setWidth(element.clientWidth)
      tell(element.clientWidth)
    })
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.dispose()
    }
  }, [])

  useEffect(() => {
    if (width_px > 0) chart.current?.setOption(optionOf(data, { describe, dark, format, width_px }), { notMerge: true })
  })

  return (
    <div className="relative">
      <div ref={place} role="img" aria-label={describe} className={heights[height]} />
      {onZoom && <ZoomLayer chart={chart} time_zone={data.time_zone} onZoom={onZoom} />}
    </div>
  )
}

/** Where a stretch is drawn with the pointer. It lets a touch scroll the page up and down. */
function ZoomLayer({
  chart,
  time_zone,
  onZoom,
}: {
  chart: React.RefObject<ECharts | undefined>
  time_zone: string
  onZoom: (from_ms: number, to_ms: number) => void
}) {
  const [drawn, setDrawn] = useState<{ from_px: number; to_px: number }>()
  const x_of = (event: React.PointerEvent) => event.clientX - event.currentTarget.getBoundingClientRect().left
  const instantAt = (x_px: number) => {
    const wall_ms = Number(chart.current?.convertFromPixel({ xAxisIndex: 0 }, x_px))
    return wall_ms - offset_ms(wall_ms, time_zone)
  }
  const finish = () => {
    if (drawn && Math.abs(drawn.to_px - drawn.from_px) > 6) {
      const [first = 0, last = 0] = [drawn.from_px, drawn.to_px].sort((a, b) => a - b)
      onZoom(instantAt(first), instantAt(last))
    }
    setDrawn(undefined)
  }
  return (
    <div
      aria-hidden="true"
      className="absolute inset-0 cursor-crosshair touch-pan-y"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        setDrawn({ from_px: x_of(event), to_px: x_of(event) })
      }}
      onPointerMove={(event) => {
        const { x, y } = { x: x_of(event), y: event.nativeEvent.offsetY }
        if (drawn) setDrawn({ ...drawn, to_px: x })
        else chart.current?.dispatchAction({ type: 'showTip', x, y })
      }}
      onPointerLeave={() => chart.current?.dispatchAction({ type: 'hideTip' })}
      onPointerUp={finish}
      onPointerCancel={() => setDrawn(undefined)}
    >
      {drawn && (
        <div
          className="absolute inset-y-2 border-x border-tide bg-tide/15"
          style={{ left: Math.min(drawn.from_px, drawn.to_px), width: Math.abs(drawn.to_px - drawn.from_px) }}
        />
      )}
    </div>
  )
}
