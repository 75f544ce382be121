// How good a site's forecasts are over a simulated year, as the server makes them: load, sun and their difference.
//
//   node bench/forecast-sites.ts [seed]
//
// The simulator plays a depot near Montpellier for a year and twelve weeks, hour by hour (seed 1 unless given). At the beginning of each
// month forecasters are chosen and fitted on the twelve weeks before; then, for two weeks and without fitting again, every
// nine hours the day ahead is forecast and compared with what came. Nights of the sun, where nothing can be off, do not
// count for coverage. MASE is over the error of repeating the day before, at the same origins.
import type { Asset } from '@tidemark/core/sites/contract.ts'
import { fromSlot, type Component } from '@tidemark/core/sites/forecast-component.ts'
import {
  fitForecast,
  predictComponents,
  signs,
  targetNames,
  targetOf,
  type TargetName,
} from '@tidemark/core/sites/forecast-fit.ts'
import { componentFor } from '@tidemark/core/sites/forecast-limits.ts'
import { simulateSite } from '@tidemark/core/sites/simulate.ts'
import { sayBar } from './bar.ts'

const HOUR_MS = 3_600_000
const DAY = 24
const HISTORY = 84 * DAY
const TRIAL = 14 * DAY
const STRIDE = 9

const assets: Asset[] = [
  { asset_id: 'inv', name: 'Inverter', kind: 'pv_inverter', rated_kw: 120, temperature_coefficient_per_k: -0.004, sensor_ids: ['inv'] }, // oxfmt-ignore
  { asset_id: 'load', name: 'Load', kind: 'meter', role: 'load', sensor_ids: ['load'] },
]
const place = { latitude: 43.6, longitude: 3.88, time_zone: 'Europe/Paris', assets }
const from_ms = Date.UTC(2024, 9, 9)
const to_ms = Date.UTC(2026, 0, 16)

const whole = play()
const tally = Object.fromEntries(
  targetNames.map((target) => [target, { slots: 0, covered: 0, covered80: 0, band: 0, width: 0, off: 0, naive: 0 }]),
) as Record<TargetName, Tally>
const started = process.cpuUsage()
let fits = 0
for (let month = 0; month < 12; month++) {
  const begin = (Date.UTC(2025, month, 1) - from_ms) / HOUR_MS
  const seen = (at: number) => whole.map((component) => upTo(component, at))
  const model = fitForecast(seen(begin), true)
  if (model === null) throw new Error('Twelve weeks are enough to be judged on.')
  fits++
  for (let at = begin; at < begin + TRIAL; at += STRIDE) {
    const components = seen(at)
    const said = predictComponents(model, components, DAY)
    for (const target of targetNames) {
      const made = targetOf(target, 'full', model, components, said)
      if (made !== null) judge(target, at, made)
    }
  }
  const chosen = Object.values(model.components).map((component) => component.near.name)
  process.stdout.write(`${new Date(Date.UTC(2025, month, 1)).toISOString().slice(0, 7)}  ${chosen.join('  |  ')}\n`)
}
const spent = process.cpuUsage(started)
process.stdout.write(
  `${fits} fits and their trials: ${((spent.user + spent.system) / 1e6).toFixed(1)} s of processor\n`,
)
for (const target of targetNames) {
  const { slots, covered, covered80, band, width, off, naive } = tally[target]
  const share = (100 * covered) / band
  process.stdout.write(
    `${target.padEnd(11)} MAE ${(off / slots).toFixed(2)} kW  95 %: ${share.toFixed(1)} %, ${(width / band).toFixed(1)} kW wide  80 %: ${((100 * covered80) / band).toFixed(1)} %\n`,
  )
  sayBar({ what: `forecast of ${target}, MASE`, measured: off / naive, unit: 'of naive', at: { most: 1 } })
  sayBar({
    what: `forecast of ${target}, 95 % bands off by`,
    measured: Math.abs(share - 95),
    unit: 'points',
    at: { most: 2 },
  })
}

interface Tally {
  slots: number
  covered: number
  covered80: number
  band: number
  width: number
  off: number
  naive: number
}

function judge(target: TargetName, at: number, made: NonNullable<ReturnType<typeof targetOf>>): void {
  const sum = tally[target]
  const truth = (slot: number) =>
    whole.reduce((total, { name, values }) => total + (signs[target][name] ?? 0) * (values[slot] ?? 0), 0)
  for (let step = 0; step < DAY; step++) {
    const value = truth(at + step)
    sum.slots++
    sum.off += Math.abs(value - (made.point_kw[step] ?? Number.NaN))
    sum.naive += Math.abs(value - truth(at + step - DAY))
    const [band, inner] = [made.band95[step], made.band80[step]]
    if (!band || !inner || band.upper === band.lower) continue
    sum.band++
    sum.width += band.upper - band.lower
    if (value >= band.lower && value <= band.upper) sum.covered++
    if (value >= inner.lower && value <= inner.upper) sum.covered80++
  }
}

/** What is known at a slot: twelve weeks before it, and the sky of the week after. */
function upTo(component: Component, at: number): Component {
  const recent = fromSlot(component, at - HISTORY)
  return { ...recent, values: recent.values.slice(0, HISTORY) }
}

/** Hours as means of quarters, the year at once. */
function play(): Component[] {
  const count = Math.round((to_ms - from_ms) / HOUR_MS)
  const sums = { load: new Float64Array(count), solar: new Float64Array(count) }
  const plant = { ...place, load_kw: 90 }
  for (const { at_ms, readings } of simulateSite({
    plant,
    seed: Number(process.argv[2] ?? 1),
    from_ms,
    to_ms,
    step_s: 900,
    faults: [],
  })) {
    const hour = Math.floor((at_ms - from_ms) / HOUR_MS)
    for (const { measurements } of readings) {
      const { load_power_kw = 0, generation_power_kw = 0 } = measurements
      sums.load[hour] = (sums.load[hour] ?? 0) + load_power_kw / 4
      sums.solar[hour] = (sums.solar[hour] ?? 0) + generation_power_kw / 4
    }
  }
  const given = { start_ms: from_ms, slot_s: 3_600, weather: {}, notes: [] }
  return [componentFor(place, 'load', sums.load, given), componentFor(place, 'solar', sums.solar, given)]
}
