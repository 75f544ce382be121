import { sensors, type BandRole, type SensorId } from './sensors.ts'

/**
 * Which band of a file is red and which is near infrared. Never by position alone: three unlabelled bands may hide an infrared
 * one and look like a photograph, and the near infrared of an aerial file is often tagged as its alpha. The order of evidence
 * is: what the file calls its bands, then a sensor together with its number of bands, then the choice of a person; otherwise the
 * answer is a refusal with its reasons.
 */
export interface BandEvidence {
  /** One entry per band: what the file calls it; empty where it says nothing. */
  descriptions: readonly string[]
  /** One entry per band: whether the file tags it as alpha (TIFF ExtraSamples 1 or 2). */
  tagged_alpha?: readonly boolean[]
  sensor?: SensorId
  /** One entry per band, as a person has chosen them. */
  chosen?: readonly BandRole[]
}

export type BandIdentity =
  | {
      outcome: 'identified'
      /** One role per band of the file. */
      roles: BandRole[]
      evidence: 'descriptions' | 'sensor_and_band_count' | 'chosen'
      warnings: BandWarning[]
    }
  | { outcome: 'refused'; reasons: BandRefusal[] }

/** Said aloud beside an identity that holds. */
export type BandWarning =
  | { code: 'choice_contradicts_descriptions'; band: number; described: BandRole; chosen: BandRole }
  | { code: 'nir_tagged_alpha'; band: number }

export type BandRefusal =
  | { code: 'no_evidence'; bands: number }
  | { code: 'same_role_twice'; role: BandRole; bands: number[] }
  | { code: 'names_need_sensor'; names: string[] }
  | { code: 'band_count_unknown_for_sensor'; sensor: SensorId; bands: number; expected: number[] }
  | { code: 'choice_of_wrong_length'; bands: number; chosen: number }

/** Words that mean one role whatever the sensor. */
const plainWords: readonly [RegExp, BandRole][] = [
  [/^(?:scl|scene ?classification(?: (?:map|layer))?)$/, 'scl'],
  [/^qa ?pixel$/, 'qa_pixel'],
  [/^bqa$/, 'bqa'],
  [/^(?:red ?edge|rededge|re)(?: ?1)?$/, 'red_edge'],
  [/^(?:nir|near ?infra ?red|nir ?broad|infra ?red|nir1)$/, 'nir'],
  [/^(?:swir ?1|swir ?16|short ?wave ?infra ?red ?1)$/, 'swir1'],
  [/^(?:swir ?2|swir ?22|short ?wave ?infra ?red ?2)$/, 'swir2'],
  [/^red$/, 'red'],
  [/^green$/, 'green'],
  [/^blue$/, 'blue'],
  [/^alpha$/, 'alpha'],
]

/** Roles that a file may carry once only; a second alpha or a second unused band harms nobody. */
const mayRepeat = new Set<BandRole>(['other', 'alpha'])

/**
 * The roles of a file's bands, with the evidence they rest on.
 *
 * Names such as `B4` mean red on one satellite and near infrared on another, so they count only together with the sensor, or
 * when they are names that Sentinel-2 alone uses (B8A or B08 among them).
 */
export function identifyBands(evidence: BandEvidence): BandIdentity {
  const { descriptions, sensor, chosen } = evidence
  const bands = descriptions.length
  if (chosen && chosen.length !== bands) {
    return refused({ code: 'choice_of_wrong_length', bands, chosen: chosen.length })
  }
  const described = rolesByDescription(descriptions, sensor)
  if ('refusal' in described) return chosen ? identified(evidence, chosen, 'chosen') : refused(described.refusal)
  if (described.roles.some(isMeasuring)) return identified(evidence, described.roles, 'descriptions')
  if (sensor) {
    const roles = sensors[sensor].orders.find((order) => order.length === bands)
    if (roles) return identified(evidence, roles, 'sensor_and_band_count')
  }
  if (chosen) return identified(evidence, chosen, 'chosen')
  if (!sensor) return refused({ code: 'no_evidence', bands })
  const expected = sensors[sensor].orders.map((order) => order.length)
  return refused({ code: 'band_count_unknown_for_sensor', sensor, bands, expected })
}

const refused = (reason: BandRefusal): BandIdentity => ({ outcome: 'refused', reasons: [reason] })

function isMeasuring(role: BandRole | undefined): boolean {
  return role !== undefined && role !== 'other' && role !== 'alpha'
}

function identified(
  { tagged_alpha, chosen }: BandEvidence,
  roles: readonly BandRole[],
  evidence: 'descriptions' | 'sensor_and_band_count' | 'chosen',
): BandIdentity {
  const twice = rolesNamedTwice(roles)
  if (twice.length > 0) return { outcome: 'refused', reasons: twice }
  const warnings: BandWarning[] = []
  for (const [band, role] of roles.entries()) {
    const choice = chosen?.[band]
    if (evidence !== 'chosen' && choice !== undefined && choice !== role && isMeasuring(role)) {
      warnings.push({ code: 'choice_contradicts_descriptions', band, described: role, chosen: choice })
    }
    if (role === 'nir' && tagged_alpha?.[band]) warnings.push({ code: 'nir_tagged_alpha', band })
  }
  return { outcome: 'identified', roles: [...roles], evidence, warnings }
}

function rolesNamedTwice(roles: readonly BandRole[]): BandRefusal[] {
  const places = new Map<BandRole, number[]>()
  for (const [band, role] of roles.entries()) {
    if (!mayRepeat.has(role)) places.set(role, [...(places.get(role) ?? []), band])
  }
  return [...places].flatMap(([role, bands]) =>
    bands.length > 1 ? [{ code: 'same_role_twice' as const, role, bands }] : [],
  )
}

function rolesByDescription(
  descriptions: readonly string[],
  sensor: SensorId | undefined,
): { roles: BandRole[] } | { refusal: BandRefusal } {
  const words = descriptions.map(plainName)
  const names = words.map(publishedName)
  const published = sensor ? sensors[sensor].names : names.some(isSentinel2Alone) ? sensors.sentinel_2_l2a.names : {}
  const roles = words.map(
    (word, band) => plainWords.find(([pattern]) => pattern.test(word))?.[1] ?? published[names[band] ?? ''],
  )
  const unread = names.flatMap((name, band) => (roles[band] === undefined && /^b\d/.test(name) ? [name] : []))
  if (unread.length > 0 && !roles.some(isMeasuring)) return { refusal: { code: 'names_need_sensor', names: unread } }
  return { roles: roles.map((role) => role ?? 'other') }
}

/** `Band 4: Red (665 nm)` → `red`; `NIR_Broad` → `nir broad`; `B08` stays as it is, in lower case. */
function plainName(description: string): string {
  const text = description.slice(0, 200).toLowerCase()
  const bare = text.replace(/\(.*?\)/g, ' ').replace(/[_\-\s]+/g, ' ')
  const named = /^ ?(?:band ?)?\d{1,2} ?[:.] ?(.+)$/.exec(bare)?.[1] ?? bare
  return named.trim()
}

/** `SR_B4`, `band 4`, `T29_B04_10m` → `b4`, `b4`, `b04`: the name of a band in its publisher's numbering. */
function publishedName(word: string): string {
  const found = /(?:^|[^a-z0-9])(?:b|band ?)(\d{1,2}|8a)(?=$|[^a-z0-9])/.exec(word)
  return found ? `b${found[1]}` : word.replaceAll(' ', '_')
}

/** No other publisher numbers a band 8A, or writes its near infrared B08. */
const isSentinel2Alone = (name: string) => name === 'b8a' || name === 'b08'

/** Of all pixels, how many may differ from the two ends before a band counts as measured. */
const ALPHA_ENDS_SHARE = 0.995

/**
 * Whether a band is a mask of the file and not a measurement: all but one in two hundred of its pixels stand at the smallest or
 * the greatest number that the band holds. Asked before a band tagged as alpha is taken for near infrared.
 */
export function looksLikeAlpha(values: ArrayLike<number>): boolean {
  let [least, most] = [Infinity, -Infinity]
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < least) least = values[i]!
    if (values[i]! > most) most = values[i]!
  }
  let at_ends = 0
  for (let i = 0; i < values.length; i++) if (values[i] === least || values[i] === most) at_ends += 1
  return at_ends >= ALPHA_ENDS_SHARE * values.length
}
