import type { EChartsCoreOption } from 'echarts/core'
import type { Format } from '../lib/format.ts'
import type { Colour } from '../telemetry/time-chart-option.ts'

/** A frequency that means something: the shaft, a part of the bearing, or a multiple of one. */
export interface SpectrumMark {
  hz: number
  colour: Colour
  /** Written at the line; multiples have a line only. */
  text?: string
}

export interface SpectrumData {
  values: readonly number[]
  step_hz: number
  /** What the height is in: `g²/Hz`. */
  unit: string
  to_hz: number
  marks: readonly SpectrumMark[]
  /** Heights go by powers of ten. */
  by_tens?: boolean
}

/** On a narrower screen lines are told apart by their colour alone, which the legend explains. */
const WRITTEN_FROM_PX = 560

/** So many powers of ten below the highest; a zero of the sum lies twenty deeper and says nothing. */
const TENS_SHOWN = 8

interface Surroundings {
  describe: string
  dark: boolean
  format: Format
  width_px: number
}

/** What ECharts is told of lines over frequency. No more columns are drawn than there are pixels: of each the highest. */
export function spectrumOption(data: SpectrumData, surroundings: Surroundings): EChartsCoreOption {
  const { describe, dark, format, width_px } = surroundings
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const text = { color: colour('soft'), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 }
  const axis = {
    axisLine: { lineStyle: { color: colour('edge') } },
    splitLine: { lineStyle: { color: colour('rule') } },
  }
  return {
    darkMode: dark,
    animation: false,
    aria: { enabled: true, label: { description: describe } },
    grid: { left: 4, right: 20, top: 44, bottom: 22, containLabel: true },
    tooltip: tooltipOf(data, format, text, colour),
    xAxis: {
      ...axis,
      type: 'value',
      min: 0,
      max: data.to_hz,
      name: 'Hz',
      nameLocation: 'end',
      nameGap: 4,
      nameTextStyle: text,
      splitNumber: Math.max(2, Math.floor(width_px / 110)),
      splitLine: { show: false },
      axisLabel: { ...text, hideOverlap: true, formatter: (hz: number) => format.number(hz) },
    },
    yAxis: {
      ...axis,
      type: data.by_tens ? 'log' : 'value',
      ...(data.by_tens ? tensOf(data.values) : {}),
      name: data.unit,
      nameTextStyle: { ...text, align: 'left' },
      nameGap: 26,
      splitNumber: 4,
      axisLabel: { ...text, formatter: (height: number) => scientific(height, format) },
    },
    series: [
      {
        type: 'line',
        showSymbol: false,
        silent: true,
        lineStyle: { width: 1.25 },
        itemStyle: { color: colour('tide') },
        ...(data.by_tens ? {} : { areaStyle: { opacity: 0.14 } }),
        data: columnsOf(data, width_px),
        z: 3,
        markLine: {
          silent: true,
          symbol: 'none',
          animation: false,
          data: data.marks
            .filter(({ hz }) => hz <= data.to_hz)
            .map(({ hz, colour: of, text: label }, i) => ({
              xAxis: hz,
              lineStyle: { color: colour(of), width: 1.25, type: label === undefined ? 'dotted' : 'dashed' },
              // Neighbours are written on two levels; on a phone they would lie over each other all the same.
              label: {
                ...text,
                color: colour('ink'),
                show: label !== undefined && width_px >= WRITTEN_FROM_PX,
                formatter: label ?? '',
                distance: [0, 2 + 14 * (i % 2)],
              },
            })),
        },
      },
    ],
  }
}

function tooltipOf(data: SpectrumData, format: Format, text: object, colour: (name: string) => string) {
  return {
    trigger: 'axis',
    renderMode: 'richText',
    confine: true,
    backgroundColor: colour('raised'),
    borderColor: colour('edge'),
    textStyle: { ...text, color: colour('ink'), fontSize: 13 },
    axisPointer: { lineStyle: { color: colour('edge') } },
    formatter: (items: readonly { value?: unknown }[]) => {
      const [hz, height] = (items[0]?.value ?? []) as [number?, number?]
      if (hz === undefined || height === undefined) return ''
      return `${format.number(hz)}\u00A0Hz\n${scientific(height, format)}\u00A0${data.unit}`
    },
  }
}

/** Whole powers of ten around what is shown, so many below the highest at most. */
export function tensOf(values: readonly number[]): { min: number; max: number } {
  const tens = values.filter((value) => value > 0).map(Math.log10)
  const top = Math.ceil(Math.max(...tens, -TENS_SHOWN))
  return { min: 10 ** Math.max(top - TENS_SHOWN, Math.floor(Math.min(...tens, top - 1))), max: 10 ** top }
}

/** The highest value of each column of pixels, at its own frequency. */
export function columnsOf(
  { values, step_hz, to_hz, by_tens }: Pick<SpectrumData, 'values' | 'step_hz' | 'to_hz' | 'by_tens'>,
  width_px: number,
): [hz: number, height: number][] {
  const shown = Math.min(values.length, Math.floor(to_hz / step_hz) + 1)
  const each = Math.max(1, Math.ceil(shown / Math.max(10, width_px)))
  const columns: [number, number][] = []
  for (let from = 0; from < shown; from += each) {
    let best = from
    for (let at = from + 1; at < Math.min(from + each, shown); at += 1)
      if ((values[at] ?? 0) > (values[best] ?? 0)) best = at
    const height = values[best] ?? 0
    // Nothing has no power of ten.
    if (!by_tens || height > 0) columns.push([best * step_hz, height])
  }
  return columns
}

/** The highest places of a spectrum, the highest first; neighbours of a peak are its flanks. */
export function peaksOf(values: readonly number[], step_hz: number, count: number): { hz: number; height: number }[] {
  const places = values.flatMap((height, at) => {
    // What does not swing is no vibration, and leaks into its neighbours.
    const is_peak = at > 2 && height > (values[at - 1] ?? 0) && height >= (values[at + 1] ?? 0)
    return is_peak ? [{ hz: at * step_hz, height }] : []
  })
  const chosen: { hz: number; height: number }[] = []
  for (const place of places.sort((a, b) => b.height - a.height)) {
    if (chosen.length >= count) break
    if (chosen.every(({ hz }) => Math.abs(hz - place.hz) > 3 * step_hz)) chosen.push(place)
  }
  return chosen
}

const raised = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹']

/** `4.2 × 10⁻⁵`, or the plain number where that is short. */
export function scientific(value: number, format: Format): string {
  const size = Math.abs(value)
  if (value === 0 || (size >= 0.001 && size < 1e6)) return format.number(value)
  const power = Math.floor(Math.log10(size) + 1e-9)
  const digits = [...String(Math.abs(power))].map((digit) => raised[Number(digit)]).join('')
  const tens = `10${power < 0 ? '⁻' : ''}${digits}`
  const front = value / 10 ** power
  return Math.abs(front - 1) < 1e-6 ? tens : `${format.number(front)}\u00A0×\u00A0${tens}`
}
