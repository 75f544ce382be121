import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import { init, use as register, type ECharts, type EChartsCoreOption } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useEffectEvent, useRef } from 'react'
import { useIsDark } from '../app/preferences.ts'
import { useWords } from '../lib/i18n.ts'

register([
  AriaComponent,
  BarChart,
  CanvasRenderer,
  CustomChart,
  GridComponent,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  TooltipComponent,
])

/** What a chart needs to know of the page that it stands on. */
export interface Look {
  /** A colour of the style sheet: `colour('tide')`. */
  colour: (name: string) => string
  font: { color: string; fontFamily: string; fontSize: number }
  narrow: boolean
  number: (value: number) => string
}

/**
 * A picture of figures that also stand in words or in a table beside it.
 * @param drawn changes when the figures do; the chart is drawn again then, and not with every change of the page.
 */
export function Chart({
  describe,
  drawn,
  height = 'h-64',
  option,
}: {
  describe: string
  drawn: string
  height?: string
  option: (look: Look) => EChartsCoreOption
}) {
  const { format, language } = useWords()
  const dark = useIsDark()
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<ECharts>(undefined)
  const shown = useRef('')
  const draw = useEffectEvent(() => {
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
    const font = { color: colour('ink'), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 }
    const narrow = (place.current?.clientWidth ?? 0) < 520
    const common = {
      darkMode: dark,
      animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      animationDuration: 300,
      textStyle: font,
      aria: { enabled: true, label: { description: describe } },
    }
    chart.current?.setOption(
      { ...common, ...option({ colour, font, narrow, number: largeOr(format.number, format.locale) }) },
      { notMerge: true },
    )
  })

  useEffect(() => {
    const element = place.current
    if (!element) return
    const made = init(element, null, { renderer: 'canvas' })
    chart.current = made
    const watch = new ResizeObserver(() => made.resize())
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.dispose()
      shown.current = ''
    }
  }, [])

  // With every change of the page it is asked whether there is anything new to draw.
  useEffect(() => {
    const wanted = `${language} ${String(dark)} ${height} ${drawn}`
    if (shown.current === wanted) return
    shown.current = wanted
    draw()
  })

  return <div ref={place} role="img" aria-label={describe} className={`w-full ${height}`} />
}

/** Millions and more in few characters, as the reader's language shortens them: an axis has no room for ten digits. */
function largeOr(number: (value: number) => string, locale: string): (value: number) => string {
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 4 })
  return (value) => (Math.abs(value) >= 1e6 ? compact.format(value) : number(value))
}

/** Axes, lines and hints in the page's own colours. */
export function axes({ colour, font, number }: Look) {
  const soft = { ...font, color: colour('soft') }
  const line = { lineStyle: { color: colour('rule') } }
  return {
    soft,
    value: {
      axisLabel: { ...soft, formatter: number },
      splitLine: line,
      axisLine: { show: false },
      nameTextStyle: soft,
    },
    category: { axisLabel: soft, axisTick: { show: false }, axisLine: line, nameTextStyle: soft },
    // Drawn on the canvas: the page's policy lets no style in that a script writes into its text.
    tooltip: {
      renderMode: 'richText',
      backgroundColor: colour('raised'),
      borderColor: colour('edge'),
      textStyle: { ...font, fontSize: 13 },
    },
  }
}

/** A class for so many rows, because the content policy leaves no room for a style attribute in the page's source. */
export function heightOf(rows: number): string {
  const heights = ['h-32', 'h-48', 'h-64', 'h-80', 'h-96', 'h-112', 'h-128', 'h-144', 'h-160', 'h-176']
  return heights[Math.min(heights.length - 1, Math.floor((rows * 40) / 64))] ?? 'h-64'
}
