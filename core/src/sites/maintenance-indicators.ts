/**
 * What tells of the health of an asset, each with the direction that is bad and a limit beyond which it should not run on.
 * Every limit is where its source puts it, or an assumption that says so; a site may set its own.
 */
export interface IndicatorKind {
  id: string
  name: { en: string; fr: string }
  /** `1` for a share or a ratio. */
  unit: string
  /** Which way is worse. */
  worse: 'up' | 'down'
  /** Ratios of what can only be positive are looked at as logarithms. */
  scale: 'linear' | 'log'
  /** Null: nothing says where the end is, so that no date is ever given, unless the site sets a limit. */
  limit: { value: number; of: 'value' | 'share_of_reference' | 'above_reference'; basis: string } | null
  /** Smaller wobbles than this are no news: in the unit, and as a share of the reference on a logarithmic scale. */
  noise_min: number
  /** How many values say what is usual for this asset. */
  reference_count: number
}

const DAYS = 28

function kind(
  id: string,
  [en, fr]: readonly [string, string],
  unit: string,
  worse: IndicatorKind['worse'],
  scale: IndicatorKind['scale'],
  noise_min: number,
  limit: IndicatorKind['limit'],
  reference_count = DAYS,
): IndicatorKind {
  return { id, name: { en, fr }, unit, worse, scale, noise_min, limit, reference_count }
}

const share = (value: number, basis: string) => ({ value, of: 'share_of_reference' as const, basis })
const iso10816 =
  'ISO 10816-1:1995, annex B, boundary of zones C and D for machines of class II; other machines need a limit of their own'

export const indicatorKinds = {
  yield: kind(
    'yield',
    ['yield against irradiance', 'rendement par rapport à l’irradiance'],
    '1',
    'down',
    'linear',
    0.01,
    share(0.8, 'Assumption: a fifth of the yield lost, as warranties of modules draw the line'),
  ),
  peer_yield: kind(
    'peer_yield',
    ['yield against the other inverters', 'rendement par rapport aux autres onduleurs'],
    '1',
    'down',
    'linear',
    0.01,
    share(0.85, 'Assumption: 15 % behind its peers'),
  ),
  temperature: kind(
    'temperature',
    ['temperature above what load and air explain', 'température au-delà de ce qu’expliquent charge et air'],
    'K',
    'up',
    'linear',
    0.5,
    {
      value: 10,
      of: 'above_reference',
      basis: 'Assumption: 10 K, which halve the life of insulation and capacitors by the rule named after Montsinger',
    },
  ),
  capacity: kind('capacity', ['capacity', 'capacité'], '1', 'down', 'linear', 0.015, {
    value: 0.8,
    of: 'value',
    basis: 'Assumption: 80 % of the declared capacity, the usual end of warranty',
  }),
  round_trip: kind(
    'round_trip',
    ['round-trip efficiency', 'rendement aller-retour'],
    '1',
    'down',
    'linear',
    // A gauge of charge that is off by a point at both ends of two swings.
    0.025,
    share(0.9, 'Assumption: a tenth of its efficiency lost'),
  ),
  resistance: kind(
    'resistance',
    ['internal resistance', 'résistance interne'],
    'mohm',
    'up',
    'log',
    0.01,
    share(2, 'Assumption: twice what it was, the usual end of life for power'),
  ),
  vibration: kind(
    'vibration',
    ['vibration at usual running', 'vibration en marche usuelle'],
    'mm/s',
    'up',
    'log',
    0.03,
    {
      value: 7.1,
      of: 'value',
      basis: iso10816,
    },
  ),
  fuel: kind(
    'fuel',
    ['fuel for each kWh', 'carburant par kWh'],
    'L/kWh',
    'up',
    'log',
    0.02,
    share(1.15, 'Assumption: 15 % more fuel than before'),
  ),
  power_drawn: kind(
    'power_drawn',
    ['energy drawn against the weather', 'énergie consommée par rapport à la météo'],
    '1',
    'up',
    'linear',
    0.03,
    share(1.25, 'Assumption: a quarter more than before in the same weather'),
  ),
  outer_race: wave('outer_race', ['shocks of the outer race', 'chocs de la bague extérieure']),
  inner_race: wave('inner_race', ['shocks of the inner race', 'chocs de la bague intérieure']),
  rolling_element: wave('rolling_element', ['shocks of a rolling element', 'chocs d’un corps roulant']),
  cage: wave('cage', ['shocks of the cage', 'chocs de la cage']),
  kurtosis: wave('kurtosis', ['kurtosis of the waveform', 'kurtosis de la forme d’onde']),
  crest_factor: wave('crest_factor', ['crest factor of the waveform', 'facteur de crête de la forme d’onde']),
} as const satisfies Record<string, IndicatorKind>

export type IndicatorId = keyof typeof indicatorKinds
export const indicatorIds = Object.keys(indicatorKinds) as IndicatorId[]

/** From waveforms, of which there are few: six say what is usual. No standard says where their end is. */
function wave(id: string, name: readonly [string, string]): IndicatorKind {
  return kind(id, name, '1', 'up', 'log', 0.1, null, 6)
}

/** The limit in the indicator's unit, for an asset whose usual value is `reference`. */
export function limitOf({ limit }: IndicatorKind, reference: number, own?: number): number | null {
  if (own !== undefined) return own
  if (limit === null) return null
  if (limit.of === 'value') return limit.value
  return limit.of === 'above_reference' ? reference + limit.value : reference * limit.value
}
