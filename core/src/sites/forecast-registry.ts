import type { Gate, Verdict } from '../models/contract.ts'
import type { ClassModel } from './forecast-class.ts'
import { targetNames, type ForecastModel, type TargetName } from './forecast-fit.ts'

/** What the registry of models is told of a site's forecasters. */

/** Targets whose loss counts: what is drawn from the grid is the difference of these two. */
const LOSS_TARGETS: readonly TargetName[] = ['load', 'generation']
const GATE_COVERAGE_MIN = 0.9

/**
 * Figures of the backtest. `loss` is the mean error of the day ahead over that of repeating the day before within the history
 * (MASE), over load and generation; `<target>_naive_kw` is what that is divided by, so that what comes true can be held
 * against it.
 */
export function forecastMetrics({ targets }: ForecastModel): Record<string, number> {
  const metrics: Record<string, number> = {}
  const put = (name: string, value: number | null) => {
    if (value !== null && Number.isFinite(value)) metrics[name] = value
  }
  const losses: number[] = []
  for (const target of targetNames) {
    const found = targets[target]
    if (found === undefined) continue
    const { day, coverage95 } = found
    put(`${target}_mae_kw`, day.mae_kw)
    put(`${target}_mase`, day.mase)
    put(`${target}_skill`, day.skill)
    put(`${target}_coverage95`, coverage95)
    if (day.mase !== null && day.mase > 0) put(`${target}_naive_kw`, day.mae_kw / day.mase)
    if (day.mase !== null && LOSS_TARGETS.includes(target)) losses.push(day.mase)
  }
  if (losses.length > 0) put('loss', losses.reduce((sum, each) => sum + each, 0) / losses.length)
  return metrics
}

/** The loss of forecasts that came true, in units of the version's metrics; null where that version had none of the target. */
export function realisedLoss(
  metrics: Readonly<Record<string, number>>,
  target: TargetName,
  error_kw: number,
): number | null {
  const unit = metrics[`${target}_naive_kw`]
  return unit === undefined || !LOSS_TARGETS.includes(target) ? null : error_kw / unit
}

/**
 * Whether a fit may answer. Every fit tries all forecasters anew, the champion's among them, at the same origins: it cannot
 * do worse than that one there. What closes the gate is a target that the champion says and this one does not.
 */
export function forecastVerdict(
  model: ForecastModel,
  champion: { version: number; model: ForecastModel } | null,
): Verdict {
  const against = champion === null ? 'repeating the day before' : `version ${champion.version}`
  const lost =
    champion === null ? [] : targetNames.filter((target) => champion.model.targets[target] && !model.targets[target])
  const { gain, says } = champion === null ? gainOverNaive(model) : gainOver(model, champion.model)
  const coverages = targetNames.flatMap((target) => model.targets[target]?.coverage95 ?? [])
  const least = Math.min(...coverages)
  const gates: Gate[] = [
    {
      gate: 'schema',
      outcome: lost.length > 0 ? 'failed' : 'passed',
      says:
        lost.length > 0
          ? `It does not say ${lost.join(' and ')}, which ${against} does.`
          : 'It says all that was said before.',
    },
    { gate: 'gain', outcome: 'passed', says },
    {
      gate: 'coverage',
      outcome: coverages.length === 0 ? 'not-assessable' : least < GATE_COVERAGE_MIN ? 'warned' : 'passed',
      says:
        coverages.length === 0
          ? 'Too few origins to judge bands by.'
          : `In the backtest 95 % bands held ${(100 * least).toFixed(1)} % of the time where least.`,
    },
  ]
  return {
    outcome: lost.length > 0 ? 'rejected' : 'passed',
    says: lost.length > 0 ? `rejected: ${gates[0]?.says ?? ''}` : `passed: ${says}`,
    against,
    gain,
    gain_lower: null,
    gain_upper: null,
    gain_min: 0,
    rows: targetNames.reduce((sum, target) => sum + (model.targets[target]?.day.slots ?? 0), 0),
    gates,
  }
}

function gainOverNaive({ components, origins }: ForecastModel): { gain: number | null; says: string } {
  const parts = Object.entries(components).map(([name, { near }]) => {
    const naive = near.ranking.find((each) => each.name === 'seasonal-naive')?.mae_kw ?? Number.NaN
    const own = near.ranking.find((each) => each.name === near.name)?.mae_kw ?? Number.NaN
    return { name, method: near.name, own, other: naive }
  })
  return said(parts, origins, 'repeating the day before')
}

function gainOver(model: ForecastModel, before: ForecastModel): { gain: number | null; says: string } {
  const parts = Object.entries(model.components).flatMap(([name, { near }]) => {
    const used = before.components[name as 'load']?.near.name
    const of = (method: string | undefined) => near.ranking.find((each) => each.name === method)?.mae_kw
    const [own, other] = [of(near.name), of(used)]
    return own === undefined || other === undefined ? [] : [{ name, method: near.name, own, other }]
  })
  return said(parts, model.origins, 'the forecaster before, tried anew')
}

function said(
  parts: readonly { name: string; method: string; own: number; other: number }[],
  origins: number,
  other: string,
): { gain: number | null; says: string } {
  const total = (of: (part: (typeof parts)[number]) => number) => parts.reduce((sum, part) => sum + of(part), 0)
  const gain = total((part) => part.other) > 0 ? 1 - total((part) => part.own) / total((part) => part.other) : null
  const each = parts.map(
    ({ name, method, own, other: off }) =>
      `${name} by ${method}: ${own.toPrecision(3)} kW off, ${off.toPrecision(3)} kW by ${other}`,
  )
  const says =
    each.length === 0
      ? 'Nothing of before can be tried on the same slots.'
      : `At ${origins} origins ${each.join('; ')}.`
  return { gain, says }
}

/** What the registry is told of a class. */
export function classMetrics({ site_ids, error, spread, margins }: ClassModel): Record<string, number> {
  const wide = margins.find(({ level }) => level === 0.95)
  return { loss: error, spread, sites: site_ids.length, lower95: wide?.lower ?? 0, upper95: wide?.upper ?? 0 }
}

export function classVerdict(model: ClassModel): Verdict {
  const says = `${model.site_ids.length} sites, each left out in turn: off by ${model.error.toPrecision(3)} of its size on average.`
  return {
    outcome: 'passed',
    says: `passed: ${says}`,
    against: 'nothing: sites without a past of their own have no other model',
    gain: null,
    gain_lower: null,
    gain_upper: null,
    gain_min: 0,
    rows: model.slots,
    gates: [{ gate: 'gain', outcome: 'not-assessable', says }],
  }
}
