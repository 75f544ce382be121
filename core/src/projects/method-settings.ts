/**
 * Parameters are of two kinds. Inputs say something of the project (its climate, its salinity, its soil cores); settings are
 * the method itself. Whoever changes a setting computes by another method, and the result says so.
 */
import { canonicalize } from '../certificates/canonical.ts'
import type { Message } from './message.ts'
import { message } from './message.ts'
import { IpccParameters } from './method-ipcc-ws2013-tier1-v1.ts'
import type { MethodId } from './method-result.ts'
import { SeedParameters } from './method-seed-ai-v1.ts'
import { Vm0033Parameters } from './method-vm0033-like-v1.ts'

const settings = {
  'seed-ai': { defaults: SeedParameters.parse({}), inputs: [] },
  'ipcc-ws2013-tier1': {
    defaults: IpccParameters.parse({}),
    inputs: ['climate', 'salinity_ppt', 'age_at_start_years', 'field_cover'],
  },
  'vm0033-like': {
    defaults: Vm0033Parameters.parse({}),
    inputs: [
      'declarations',
      'soil_type',
      'carbon_soil_percent',
      'carbon_autochthonous_percent',
      'soil_cores',
      'field_cover',
      'salinity_ppt',
      'ch4_t_per_ha_yr',
      'n2o_water',
      'trees',
      'herbaceous_first_year',
      'fire_reduction_premium_t_co2e',
      'buffer_percent',
      'sea_level_cap_t_co2e',
      'earlier_ner_t_co2e',
      'earlier_stock_t_co2e',
      'earlier_adjusted_t_co2e',
    ],
  },
} as const satisfies Partial<Record<MethodId, { defaults: object; inputs: readonly string[] }>>

/** One warning for each setting that is not the method's own. A declared threat has no defaults, and so none. */
export function changedSettings(method_id: MethodId, parameters: Readonly<Record<string, unknown>>): Message[] {
  if (method_id === 'conservation') return []
  const { defaults, inputs } = settings[method_id]
  return Object.entries(defaults).flatMap(([name, usual]: [string, unknown]) => {
    const value = parameters[name]
    if ((inputs as readonly string[]).includes(name) || canonicalize(value) === canonicalize(usual)) return []
    return [message('setting-changed', { setting: name, value: shown(value), usual: shown(usual) })]
  })
}

/** Inputs that put figures where a picture would have to show them. Whoever declares one gains from it. */
const figures: Partial<Record<MethodId, readonly string[]>> = {
  'seed-ai': ['transition'],
  'ipcc-ws2013-tier1': ['field_cover'],
  'vm0033-like': ['field_cover', 'soil_cores', 'trees', 'fire_reduction_premium_t_co2e'],
}

/** The names of the declared figures that a method's tonnes rest on; two reviewers decide on those. */
export function declaredFigures({
  method_id,
  parameters,
}: {
  method_id: MethodId
  parameters: Readonly<Record<string, unknown>>
}): string[] {
  // What would have been lost without a project is never seen: all of it is declared.
  if (method_id === 'conservation') return ['threat']
  return (figures[method_id] ?? []).filter((name) => (parameters[name] ?? 0) !== 0)
}

function shown(value: unknown): string | number {
  return typeof value === 'number' || typeof value === 'string' ? value : canonicalize(value).slice(0, 100)
}
