import type { ForecastAnswer } from '@tidemark/core/sites/forecast-contract.ts'
import type { ForecastLevel, TargetForecast, TargetName } from '@tidemark/core/sites/forecast-fit.ts'
import type { SiteComponents } from './forecast-series.ts'
import type { ClassSpeaker, Speaker } from './forecast-models.ts'
import type { coverageSince } from './forecast-store.ts'
import type { SiteRow } from './store.ts'

/** A target, who said it, and how it was come to. */
export interface MadeForecast extends TargetForecast {
  /** Null of classes, and where the last day alone speaks. */
  model: Speaker | null
  classes: readonly ClassSpeaker[]
}

export interface SiteForecast extends SiteComponents {
  steps: number
  targets: Partial<Record<TargetName, MadeForecast>>
  passed_over: { level: ForecastLevel; reason: string }[]
}

type Coverage = Awaited<ReturnType<typeof coverageSince>>

interface Given {
  site: SiteRow
  made: SiteForecast
  /** The target that the seed's fields speak of. */
  asked: MadeForecast
  horizon: '24h' | '7d'
  coverage: Coverage
}

/** A forecast in the shape that is promised: the seed's fields, which are text, beside ours. */
export function shownForecast({ site, made, asked, horizon, coverage }: Given): ForecastAnswer {
  const { model, classes } = asked
  const [first_class] = classes
  const speaker = model ?? first_class ?? null
  const components = made.components.filter(({ name }) => asked.methods[name] !== undefined)
  return {
    success: true,
    siteId: site.id,
    horizon,
    data: Array.from({ length: made.steps }, (_, step) => pointAt(made, asked, step)),
    target: asked.target,
    unit: 'kW',
    step_s: made.slot_s,
    made_at: made.now.toISOString(),
    simulated: made.simulated,
    modelId: speaker?.model_id ?? null,
    modelName: speaker?.name ?? null,
    modelVersion: speaker?.version ?? null,
    basis: basisOf(asked),
    classBasis: asked.level === 'class_model' ? classes.map(classBasisOf) : null,
    trainedAt: speaker?.trained_at.toISOString() ?? null,
    trainingRange: speaker === null ? null : rangeOf(speaker.model),
    nTrain:
      model === null
        ? classes.length === 0
          ? null
          : classes.reduce((sum, each) => sum + each.model.slots, 0)
        : components.reduce((sum, { name }) => sum + (model.model.components[name]?.known_slots ?? 0), 0),
    method: [...new Set(Object.values(asked.methods).map(({ day }) => day))].join('; '),
    fallbackLevel: asked.level,
    backtest: backtestOf(asked),
    passed_over: asked.level === 'full' ? [] : made.passed_over,
    targets: mapTargets(made, (target) => ({
      fallback_level: target.level,
      basis: basisOf(target),
      methods: target.methods,
      backtest: backtestOf(target),
      coverage_so_far: coverageOf(coverage, target.target),
    })),
    not_known: notKnown(made),
    ranking: Object.fromEntries(
      components.flatMap(({ name }) => {
        const ranking = model?.model.components[name]?.near.ranking
        return ranking === undefined ? [] : [[name, ranking]]
      }),
    ),
    weather_used: [...new Set(components.flatMap(({ name }) => model?.model.components[name]?.weather ?? []))],
    notes: made.notes,
  }
}

function pointAt(made: SiteForecast, asked: MadeForecast, step: number): ForecastAnswer['data'][number] {
  const band = asked.band95[step]
  const confidence = asked.confidence[step]
  const of = (name: TargetName) => {
    const target = made.targets[name]
    const own = target?.band95[step]
    return [target?.point_kw[step] ?? null, own?.lower ?? null, own?.upper ?? null] as const
  }
  const [load_kw, load_lower95_kw, load_upper95_kw] = of('load')
  const [generation_kw, generation_lower95_kw, generation_upper95_kw] = of('generation')
  const [net_kw, net_lower95_kw, net_upper95_kw] = of('net')
  return {
    timestamp: new Date(made.now.getTime() + step * made.slot_s * 1000).toISOString(),
    predictedPower: asText(asked.point_kw[step] ?? 0),
    confidence: confidence === null || confidence === undefined ? null : confidence.toFixed(2),
    lower95: band ? asText(band.lower) : null,
    upper95: band ? asText(band.upper) : null,
    load_kw,
    load_lower95_kw,
    load_upper95_kw,
    generation_kw,
    generation_lower95_kw,
    generation_upper95_kw,
    net_kw,
    net_lower95_kw,
    net_upper95_kw,
  }
}

/** Two digits after the point, as the seed writes them, and no minus before a nothing. */
function asText(power_kw: number): string {
  const text = power_kw.toFixed(2)
  return text === '-0.00' ? '0.00' : text
}

function rangeOf(model: { trained_from_ms: number; trained_to_ms: number }): { from: string; to: string } {
  return {
    from: new Date(model.trained_from_ms).toISOString(),
    to: new Date(model.trained_to_ms).toISOString(),
  }
}

function basisOf({ level }: MadeForecast): ForecastAnswer['basis'] {
  return level === 'class_model' ? 'class_model' : level === 'flatliner' ? 'last_day' : 'own_history'
}

function classBasisOf({ name, version, model }: ClassSpeaker): NonNullable<ForecastAnswer['classBasis']>[number] {
  const wide = model.margins.find(({ level }) => level === 0.95)
  return {
    component: model.component,
    class: model.class_key,
    modelName: name,
    modelVersion: version,
    sites: model.site_ids.length,
    error: model.error,
    spread: model.spread,
    lower95: wide?.lower ?? 0,
    upper95: wide?.upper ?? 0,
  }
}

function backtestOf({ model, target }: MadeForecast): ForecastAnswer['backtest'] {
  const found = model?.model.targets[target]
  if (model === null || found === undefined) return null
  const { day, week, coverage95, coverage_slots, width95_kw } = found
  return { origins: model.model.origins, day, week, coverage95, coverage_slots, width95_kw }
}

function coverageOf(coverage: Coverage, target: TargetName) {
  const found = coverage.find((each) => each.target === target)
  if (found === undefined) return null
  const { forecasts, slots, banded, covered95, covered80, error_kw, since } = found
  return {
    forecasts,
    slots,
    covered95: banded === 0 ? null : covered95 / banded,
    covered80: banded === 0 ? null : covered80 / banded,
    mae_kw: slots === 0 ? null : error_kw / slots,
    since: since.toISOString(),
  }
}

function mapTargets<T>({ targets }: SiteForecast, of: (target: MadeForecast) => T): Partial<Record<TargetName, T>> {
  return Object.fromEntries(Object.values(targets).map((target) => [target.target, of(target)]))
}

function notKnown({ targets, components }: SiteForecast): ForecastAnswer['not_known'] {
  const has = (name: string) => components.some((component) => component.name === name)
  const generates = has('solar') || has('other')
  const reasons: ForecastAnswer['not_known'] = {}
  const late = 'There are not enough readings of the last day.'
  if (targets.load === undefined) reasons.load = has('load') ? late : 'No device of an asset measures the load.'
  if (targets.generation === undefined)
    reasons.generation = generates ? late : 'No device of an asset measures generation.'
  if (targets.net === undefined) reasons.net = 'It is load less generation, and a part of it is not known.'
  return reasons
}
