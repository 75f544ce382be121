import { offset_ms } from '@tidemark/core/sites/local-time.ts'
import type { EChartsCoreOption } from 'echarts/core'
import type { Format } from '../lib/format.ts'

export type Colour = 'tide' | 'sand' | 'scope1' | 'scope2' | 'scope3' | 'soft' | 'bad' | 'good' | 'ink'
type Sample = readonly [at_ms: number, value: number | null]

export interface Line {
  name: string
  colour: Colour
  points: readonly Sample[]
  dashed?: boolean
  /** Values that hold for their slot instead of lying between two. */
  steps?: boolean
  filled?: boolean
}

/** Between which values something lies, under the lines. */
export interface Band {
  name: string
  colour: Colour
  points: readonly (readonly [at_ms: number, low: number | null, high: number | null])[]
}

/** A stretch of time that is set apart. */
export interface Stretch {
  from_ms: number
  to_ms: number
  text?: string
  tone: 'bad' | 'note' | 'gap'
}

export interface TimeChartData {
  lines: readonly Line[]
  bands?: readonly Band[]
  stretches?: readonly Stretch[]
  /** A line across, such as a limit. */
  level?: { value: number; text: string } | undefined
  /** An instant that parts what was from what will be. */
  now_ms?: number | undefined
  unit: string
  time_zone: string
  from_ms: number
  to_ms: number
}

interface Surroundings {
  describe: string
  dark: boolean
  format: Format
  width_px: number
}

/**
 * What ECharts is told. Its time axis knows the browser's zone and UTC only, so instants are moved to what the clock on the
 * wall shows there and drawn as UTC; in the hour that a change of clocks repeats, two lines lie over each other.
 */
export function optionOf(data: TimeChartData, surroundings: Surroundings): EChartsCoreOption {
  const { describe, dark, format, width_px } = surroundings
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const wall = (at_ms: number) => at_ms + offset_ms(at_ms, data.time_zone)
  const text = { color: colour('soft'), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 }
  const marked = marksOf(data, wall, colour, text)
  const lines = data.lines.map((line, i) => ({
    type: 'line',
    name: line.name,
    showSymbol: isSparse(line, width_px),
    symbolSize: 4,
    step: line.steps ? 'end' : false,
    // A slot that was not measured is a hole, not a bridge.
    connectNulls: false,
    lineStyle: { width: 1.75, type: line.dashed ? 'dashed' : 'solid' },
    itemStyle: { color: colour(line.colour) },
    ...(line.filled ? { areaStyle: { opacity: 0.18 } } : {}),
    data: line.points.map(([at_ms, value]) => [wall(at_ms), value]),
    z: 3,
    ...(i === 0 ? marked : {}),
  }))
  return {
    darkMode: dark,
    useUTC: true,
    animation: false,
    aria: { enabled: true, label: { description: describe } },
    grid: { left: 4, right: 12, top: 26, bottom: 2, containLabel: true },
    tooltip: tooltipOf(data, surroundings, wall, { ...text, color: colour('ink') }, colour),
    xAxis: {
      type: 'time',
      min: wall(data.from_ms),
      max: wall(data.to_ms),
      splitNumber: Math.max(2, Math.floor(width_px / 110)),
      axisLine: { lineStyle: { color: colour('edge') } },
      axisLabel: { ...text, hideOverlap: true, formatter: axisWords(data, format) },
    },
    yAxis: {
      type: 'value',
      name: data.unit,
      nameTextStyle: { ...text, align: 'left' },
      nameGap: 10,
      // What is filled down to the ground has its ground at zero.
      scale: !data.lines.some(({ filled }) => filled),
      splitNumber: 4,
      axisLabel: { ...text, formatter: (value: number) => format.number(value) },
      splitLine: { lineStyle: { color: colour('rule') } },
    },
    series: [...(data.bands ?? []).flatMap((band, i) => bandSeries(band, i, wall, colour)), ...lines],
  }
}

/** Single readings with nothing on either side would not be seen as a line. */
function isSparse({ points }: Line, width_px: number): boolean {
  return points.length > 0 && points.length < width_px / 40
}

/** ECharts knows no bands: a line that is not seen, and on top of it an area as high as the band is wide. */
function bandSeries({ name, points, colour: of }: Band, i: number, wall: (at: number) => number, colour: Get) {
  const shared = {
    type: 'line',
    stack: `band ${i}`,
    stackStrategy: 'all',
    showSymbol: false,
    silent: true,
    lineStyle: { opacity: 0 },
    tooltip: { show: false },
    z: 1,
  }
  return [
    { ...shared, name: `${name} low`, data: points.map(([at, low]) => [wall(at), low]) },
    {
      ...shared,
      name: `${name} high`,
      areaStyle: { color: colour(of), opacity: 0.2 },
      data: points.map(([at, low, high]) => [wall(at), low === null || high === null ? null : high - low]),
    },
  ]
}

type Get = (name: string) => string

function marksOf(
  { stretches = [], level, now_ms }: TimeChartData,
  wall: (at: number) => number,
  colour: Get,
  text: object,
) {
  const tones = { bad: colour('bad'), note: colour('sand'), gap: colour('edge') }
  const lines = [
    ...(level === undefined
      ? []
      : [{ yAxis: level.value, label: { ...text, formatter: level.text, position: 'insideEndTop' } }]),
    ...(now_ms === undefined ? [] : [{ xAxis: wall(now_ms), label: { show: false } }]),
  ]
  return {
    markArea: {
      silent: true,
      data: stretches.map(({ from_ms, to_ms, text: says, tone }) => [
        {
          xAxis: wall(from_ms),
          itemStyle: { color: tones[tone], opacity: tone === 'gap' ? 0.12 : 0.18 },
          label: { ...text, show: says !== undefined, formatter: says ?? '', position: 'insideTop' },
        },
        { xAxis: wall(to_ms) },
      ]),
    },
    markLine: {
      silent: true,
      symbol: 'none',
      animation: false,
      lineStyle: { color: colour('soft'), type: 'dashed', width: 1 },
      data: lines,
    },
  }
}

/** Hours while days fit on the screen, then days, then months. */
function axisWords({ from_ms, to_ms }: TimeChartData, { locale }: Format): (wall_ms: number) => string {
  const days = (to_ms - from_ms) / 86_400_000
  const hour = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' })
  const month = new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: 'UTC' })
  return (wall_ms) => {
    if (days > 300) return month.format(wall_ms)
    return wall_ms % 86_400_000 === 0 || days > 12 ? day.format(wall_ms) : hour.format(wall_ms)
  }
}

interface TipItem {
  seriesName?: string
  value?: unknown
  axisValue?: unknown
  marker?: unknown
}

/** Drawn on the canvas: a box of HTML would need styles that the content policy does not let in. */
function tooltipOf(
  data: TimeChartData,
  { format }: Surroundings,
  wall: (at: number) => number,
  text: object,
  colour: Get,
) {
  const instant = new Intl.DateTimeFormat(format.locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  const bands = new Map(
    (data.bands ?? []).map((band) => [band, new Map(band.points.map(([at, low, high]) => [wall(at), { low, high }]))]),
  )
  return {
    trigger: 'axis',
    renderMode: 'richText',
    confine: true,
    backgroundColor: colour('raised'),
    borderColor: colour('edge'),
    textStyle: { ...text, fontSize: 13 },
    axisPointer: { lineStyle: { color: colour('edge') } },
    formatter: (items: readonly TipItem[]) => {
      const at = Number(items[0]?.axisValue)
      const rows = items.flatMap(({ seriesName, value, marker }) => {
        const number = Array.isArray(value) ? (value[1] as unknown) : undefined
        if (!data.lines.some(({ name }) => name === seriesName)) return []
        // Its coloured dot comes as rich text, which is what is drawn here.
        return [`${typeof marker === 'string' ? marker : ''}${seriesName}  ${figure(number)}`]
      })
      for (const [band, points] of bands) {
        const found = points.get(at)
        if (found?.low !== null && found?.low !== undefined)
          rows.push(`${band.name}  ${figure(found.low)} – ${figure(found.high)}`)
      }
      return [instant.format(at), ...rows].join('\n')
    },
  }
  function figure(value: unknown): string {
    return typeof value === 'number' ? `${format.number(value)}\u00A0${data.unit}` : '–'
  }
}
