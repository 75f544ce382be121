/** What would be remarkable if it were true: a finding here asks for an explanation before anything is approved. */
import { z } from 'zod'
import { MANGROVE_LATITUDE_MAX, MANGROVE_LATITUDE_MIN, type Ecosystem } from './ecosystems.ts'
import {
  foundHectares,
  integrityEffects,
  monitoredYears,
  type MeasuredPair,
  type PairMeasurement,
} from './measurement.ts'
import { Message, message } from './message.ts'
import { AREA_ERROR_BLOCK, AREA_ERROR_WARN, percentOf } from './method-gates.ts'
import { methodIds, roundTo, type MethodResult } from './method-result.ts'

export const guards = [
  'too_much_carbon',
  'area_mismatch',
  'cover_jump',
  'gain_with_same_picture',
  'gain_at_masks',
  'latitude',
  'ecosystem_and_water',
  'seagrass_optical',
] as const

export const PlausibilityFinding = z.strictObject({
  guard: z.enum(guards),
  effect: z
    .enum(integrityEffects)
    .describe('block: no credits while it stands · flag: a reviewer explains it in writing.'),
  method_id: z.enum(methodIds).nullable().describe('The method it speaks of; null for all of them.'),
  value: z.number(),
  limit: z.number(),
  says: Message,
})
export type PlausibilityFinding = z.infer<typeof PlausibilityFinding>

/** No wetland is known to take up more; audited projects stand near 10, with avoided loss near 26. */
export const CARBON_T_PER_HA_YR_MAX = 40
const COVER_JUMP_MAX = 0.4
const COVER_JUMP_YEARS = 1.5
const GAIN_AT_MASKS_MAX = 0.5

/** The check that says that both pictures are one exposure. */
const SAME_EXPOSURE = 'recoloured_after'

export interface PlausibilityInput {
  ecosystem: Ecosystem
  latitude_deg: number | null
  measurement: PairMeasurement
  methods: readonly MethodResult[]
}

/** Every guard that is not passed, in the order of `guards`, then of the methods. */
export function plausibilityOf(input: PlausibilityInput): PlausibilityFinding[] {
  const { measurement } = input
  const found = [...tooMuchCarbon(input), ...areaFindings(input), ...placeFindings(input)]
  if (measurement.outcome === 'measured') found.push(...changeFindings(input, measurement))
  return found.sort((a, b) => guards.indexOf(a.guard) - guards.indexOf(b.guard))
}

type Finding = Omit<PlausibilityFinding, 'says' | 'method_id'> & { method_id?: PlausibilityFinding['method_id'] }

function finding(found: Finding, facts: Parameters<typeof message>[1] = {}): PlausibilityFinding {
  const { guard, effect, method_id = null, value, limit } = found
  const code = `guard-${guard.replaceAll('_', '-')}`
  return { guard, effect, method_id, value, limit, says: message(code, { value: roundTo(value, 3), limit, ...facts }) }
}

function tooMuchCarbon({ methods }: PlausibilityInput): PlausibilityFinding[] {
  return methods.flatMap(({ method_id, t_co2e_per_ha_yr: value }) =>
    value !== null && value > CARBON_T_PER_HA_YR_MAX
      ? [
          finding(
            { guard: 'too_much_carbon', effect: 'block', method_id, value, limit: CARBON_T_PER_HA_YR_MAX },
            { method: method_id },
          ),
        ]
      : [],
  )
}

function areaFindings({ measurement: { area } }: PlausibilityInput): PlausibilityFinding[] {
  const value = area.error_fraction
  if (value === null || value <= AREA_ERROR_WARN) return []
  const blocks = value > AREA_ERROR_BLOCK
  const [effect, limit] = blocks ? (['block', AREA_ERROR_BLOCK] as const) : (['flag', AREA_ERROR_WARN] as const)
  const facts = {
    claimed_ha: area.claimed_ha,
    found_ha: foundHectares(area),
    value: percentOf(value),
    limit: 100 * limit,
  }
  return [finding({ guard: 'area_mismatch', effect, value, limit }, facts)]
}

function placeFindings({ ecosystem, latitude_deg, measurement }: PlausibilityInput): PlausibilityFinding[] {
  const found: PlausibilityFinding[] = []
  if (ecosystem === 'mangrove' && latitude_deg !== null) {
    const limit = latitude_deg > 0 ? MANGROVE_LATITUDE_MAX : MANGROVE_LATITUDE_MIN
    const beyond = latitude_deg > MANGROVE_LATITUDE_MAX || latitude_deg < MANGROVE_LATITUDE_MIN
    if (beyond) found.push(finding({ guard: 'latitude', effect: 'flag', value: latitude_deg, limit }))
  }
  if (ecosystem === 'seagrass' && measurement.outcome === 'measured') {
    found.push(finding({ guard: 'seagrass_optical', effect: 'block', value: 1, limit: 0 }))
  }
  return found
}

function changeFindings(input: PlausibilityInput, pair: MeasuredPair): PlausibilityFinding[] {
  const found: PlausibilityFinding[] = []
  const { share } = pair.cover
  const years = monitoredYears(pair)
  const jump = share === null ? 0 : roundTo(share.after - share.before, 9)
  if (input.ecosystem === 'mangrove' && years !== null && years < COVER_JUMP_YEARS && jump > COVER_JUMP_MAX) {
    const facts = { value: percentOf(jump), limit: 100 * COVER_JUMP_MAX, months: Math.round(12 * years) }
    found.push(finding({ guard: 'cover_jump', effect: 'flag', value: jump, limit: COVER_JUMP_MAX }, facts))
  }
  const twin = pair.integrity.find(({ check, found: is }) => is && check === SAME_EXPOSURE)
  if (twin !== undefined && pair.index.delta > 0) {
    const { delta, sigma } = pair.index
    found.push(finding({ guard: 'gain_with_same_picture', effect: 'block', value: delta, limit: sigma }))
  }
  const at_masks = pair.gain_near_mask_fraction
  if (at_masks !== null && at_masks > GAIN_AT_MASKS_MAX) {
    const facts = { value: percentOf(at_masks), limit: 100 * GAIN_AT_MASKS_MAX }
    found.push(finding({ guard: 'gain_at_masks', effect: 'flag', value: at_masks, limit: GAIN_AT_MASKS_MAX }, facts))
  }
  const water = pair.water_fraction_after
  if (input.ecosystem === 'restored_vegetation' && water !== null && water > 0.5) {
    found.push(
      finding(
        { guard: 'ecosystem_and_water', effect: 'flag', value: water, limit: 0.5 },
        { value: percentOf(water), limit: 50 },
      ),
    )
  }
  return found
}
