/**
 * Global warming potentials over 100 years, one column per set, and the composition of refrigerant blends.
 *
 * AR4: IPCC 2007, WG1 table 2.14, completed for the hydrofluorocarbons that it leaves out by UNFCCC decision 24/CP.19,
 * annex III. AR5: IPCC 2013, WG1 table 8.A.1, without climate-carbon feedback. AR6: IPCC 2021, WG1 table 7.SM.7.
 * Read from ADEME Base Carbone V23.6 and the EPA GHG Emission Factors Hub 2025 (tables 11 and 12), and held against both
 * and against the DESNZ factors of 2025. Where a row of theirs contradicts the report or the mixture, it is not followed:
 * `data/factors/official.test.ts` names every such row (R-227ea and R-507a of Base Carbone, R-424A of EPA, and others).
 *
 * Methane: `AR5` counts all of it as 28 (UNFCCC, EPA, DESNZ); `AR5-fossil-ch4` counts fossil methane as 30 because the
 * CO2 it oxidises to is new to the air (ADEME). `ch4` is methane of an origin that the publisher does not say.
 */
import type { GwpSet } from './contract.ts'

/** Which treaty counts the gas. Only Kyoto gases enter the scopes; Montreal gases are reported beside them. */
export type Treaty = 'kyoto' | 'montreal' | 'neither'

export interface Gas {
  name: { en: string; fr: string }
  /** Where the gas is added in an inventory table: `hfc` for every hydrofluorocarbon. */
  group: 'co2' | 'ch4' | 'n2o' | 'sf6' | 'nf3' | 'hfc' | 'pfc' | 'hfo' | 'hcfc' | 'cfc' | 'halon' | 'hydrocarbon'
  treaty: Treaty
  AR4?: number
  AR5?: number
  AR6?: number
}

/** AR4, AR5 and AR6 in that order; null where the report has no value, or only says "less than 1". */
type Values = [AR4: number | null, AR5: number | null, AR6: number | null]

const family = (group: Gas['group'], treaty: Treaty, members: Record<string, Values>): [string, Gas][] =>
  Object.entries(members).map(([key, [ar4, ar5, ar6]]) => [
    key,
    {
      name: { en: key, fr: key },
      group,
      treaty,
      ...(ar4 === null ? {} : { AR4: ar4 }),
      ...(ar5 === null ? {} : { AR5: ar5 }),
      ...(ar6 === null ? {} : { AR6: ar6 }),
    },
  ])

/** Every gas that a factor of the library may name, by the key it is written with. */
export const gases: Readonly<Record<string, Gas>> = Object.fromEntries<Gas>([
  [
    'co2',
    { name: { en: 'Carbon dioxide', fr: 'Dioxyde de carbone' }, group: 'co2', treaty: 'kyoto', AR4: 1, AR5: 1, AR6: 1 },
  ],
  ['ch4', { name: { en: 'Methane', fr: 'Méthane' }, group: 'ch4', treaty: 'kyoto', AR4: 25, AR5: 28, AR6: 27.9 }],
  [
    'ch4_fossil',
    {
      name: { en: 'Fossil methane', fr: 'Méthane fossile' },
      group: 'ch4',
      treaty: 'kyoto',
      AR4: 25,
      AR5: 28,
      AR6: 29.8,
    },
  ],
  [
    'ch4_biogenic',
    {
      name: { en: 'Biogenic methane', fr: 'Méthane biogénique' },
      group: 'ch4',
      treaty: 'kyoto',
      AR4: 25,
      AR5: 28,
      AR6: 27,
    },
  ],
  [
    'n2o',
    {
      name: { en: 'Nitrous oxide', fr: 'Protoxyde d’azote' },
      group: 'n2o',
      treaty: 'kyoto',
      AR4: 298,
      AR5: 265,
      AR6: 273,
    },
  ],
  [
    'sf6',
    {
      name: { en: 'Sulphur hexafluoride', fr: 'Hexafluorure de soufre' },
      group: 'sf6',
      treaty: 'kyoto',
      AR4: 22800,
      AR5: 23500,
      AR6: 24300,
    },
  ],
  [
    'nf3',
    {
      name: { en: 'Nitrogen trifluoride', fr: 'Trifluorure d’azote' },
      group: 'nf3',
      treaty: 'kyoto',
      AR4: 17200,
      AR5: 16100,
      AR6: 17400,
    },
  ],
  ...family('hfc', 'kyoto', {
    'HFC-23': [14800, 12400, 14600],
    'HFC-32': [675, 677, 771],
    'HFC-41': [92, 116, 135],
    'HFC-125': [3500, 3170, 3740],
    'HFC-134': [1100, 1120, 1260],
    'HFC-134a': [1430, 1300, 1530],
    'HFC-143': [353, 328, 364],
    'HFC-143a': [4470, 4800, 5810],
    'HFC-152': [53, 16, 21.5],
    'HFC-152a': [124, 138, 164],
    'HFC-161': [12, 4, 4.84],
    'HFC-227ea': [3220, 3350, 3600],
    'HFC-236cb': [1340, 1210, 1350],
    'HFC-236ea': [1370, 1330, 1500],
    'HFC-236fa': [9810, 8060, 8690],
    'HFC-245ca': [693, 716, 787],
    'HFC-245fa': [1030, 858, 962],
    'HFC-365mfc': [794, 804, 914],
    'HFC-43-10mee': [1640, 1650, 1600],
  }),
  ...family('pfc', 'kyoto', {
    'PFC-14': [7390, 6630, 7380],
    'PFC-116': [12200, 11100, 12400],
    'PFC-218': [8830, 8900, 9290],
    'PFC-318': [10300, 9540, 10200],
    'PFC-31-10': [8860, 9200, 10000],
    'PFC-41-12': [9160, 8550, 9220],
    'PFC-51-14': [9300, 7910, 8620],
    'PFC-91-18': [7500, 7190, 7480],
  }),
  ...family('hfo', 'neither', {
    'HFO-1234yf': [null, null, 0.501],
    'HFO-1234ze(E)': [null, null, 1.37],
    'HFO-1336mzz(E)': [null, null, 17.9],
    'HFO-1336mzz(Z)': [null, null, 2.08],
  }),
  ...family('hcfc', 'montreal', {
    'HCFC-22': [1810, 1760, 1960],
    'HCFC-123': [77, 79, 90.4],
    'HCFC-124': [609, 527, 597],
    'HCFC-141b': [725, 782, 860],
    'HCFC-142b': [2310, 1980, 2300],
    'HCFC-225ca': [122, 127, 137],
    'HCFC-225cb': [595, 525, 568],
  }),
  ...family('cfc', 'montreal', {
    'CFC-11': [4750, 4660, 6320],
    'CFC-12': [10900, 10200, 12500],
    'CFC-13': [14400, 13900, 16200],
    'CFC-113': [6130, 5820, 6520],
    'CFC-114': [10000, 8590, 9430],
    'CFC-115': [7370, 7670, 9600],
  }),
  ...family('halon', 'montreal', {
    'Halon-1211': [1890, 1750, 1930],
    'Halon-1301': [7140, 6290, 7200],
    'Halon-2402': [1640, 1470, 2170],
  }),
  // Hydrocarbons that serve as refrigerants by themselves or as a few percent of a blend.
  ...family('hydrocarbon', 'neither', {
    'R-290': [null, null, 0.02],
    'R-600': [null, null, 0.006],
  }),
])

/** The part by mass of each component; a component that is not a key of `gases` has no value in any report. */
export interface Blend {
  parts: Readonly<Record<string, number>>
  source: 'EPA Hub 2025, table 12' | 'ASHRAE Standard 34'
}

const epa = (parts: Record<string, number>): Blend => ({ parts, source: 'EPA Hub 2025, table 12' })
const ashrae = (parts: Record<string, number>): Blend => ({ parts, source: 'ASHRAE Standard 34' })

/**
 * Refrigerant blends. Their GWP is always worked out from the parts: EPA's table 12 counts only their HFC and PFC parts
 * (R-401A is 18 there, 1,263 with all of its gases under AR6), and single rows of Base Carbone are wrong.
 * Isobutane (R-600a), isopentane (R-601a) and propene (R-1270) have no value in any of the three reports and count as
 * nothing: they are at most 4 % of a blend, so that even a GWP of 5 would move it by 0.2 kg per kg.
 */
export const blends: Readonly<Record<string, Blend>> = {
  'R-401A': epa({ 'HCFC-22': 0.53, 'HCFC-124': 0.34, 'HFC-152a': 0.13 }),
  'R-401B': epa({ 'HCFC-22': 0.61, 'HCFC-124': 0.28, 'HFC-152a': 0.11 }),
  'R-401C': epa({ 'HCFC-22': 0.33, 'HCFC-124': 0.52, 'HFC-152a': 0.15 }),
  'R-402A': epa({ 'HCFC-22': 0.38, 'HFC-125': 0.6, 'R-290': 0.02 }),
  'R-402B': epa({ 'HCFC-22': 0.6, 'HFC-125': 0.38, 'R-290': 0.02 }),
  'R-403B': epa({ 'HCFC-22': 0.56, 'PFC-218': 0.39, 'R-290': 0.05 }),
  'R-404A': epa({ 'HFC-125': 0.44, 'HFC-134a': 0.04, 'HFC-143a': 0.52 }),
  'R-406A': epa({ 'HCFC-22': 0.55, 'HCFC-142b': 0.41, 'R-600a': 0.04 }),
  'R-407A': epa({ 'HFC-32': 0.2, 'HFC-125': 0.4, 'HFC-134a': 0.4 }),
  'R-407B': epa({ 'HFC-32': 0.1, 'HFC-125': 0.7, 'HFC-134a': 0.2 }),
  'R-407C': epa({ 'HFC-32': 0.23, 'HFC-125': 0.25, 'HFC-134a': 0.52 }),
  'R-407D': epa({ 'HFC-32': 0.15, 'HFC-125': 0.15, 'HFC-134a': 0.7 }),
  'R-407F': ashrae({ 'HFC-32': 0.3, 'HFC-125': 0.3, 'HFC-134a': 0.4 }),
  'R-408A': epa({ 'HCFC-22': 0.47, 'HFC-125': 0.07, 'HFC-143a': 0.46 }),
  'R-409A': epa({ 'HCFC-22': 0.6, 'HCFC-124': 0.25, 'HCFC-142b': 0.15 }),
  'R-410A': epa({ 'HFC-32': 0.5, 'HFC-125': 0.5 }),
  'R-410B': epa({ 'HFC-32': 0.45, 'HFC-125': 0.55 }),
  'R-411A': epa({ 'HCFC-22': 0.875, 'HFC-152a': 0.11, 'R-1270': 0.015 }),
  'R-411B': epa({ 'HCFC-22': 0.94, 'HFC-152a': 0.03, 'R-1270': 0.03 }),
  'R-414A': epa({ 'HCFC-22': 0.51, 'HCFC-124': 0.285, 'HCFC-142b': 0.165, 'R-600a': 0.04 }),
  'R-414B': epa({ 'HCFC-22': 0.5, 'HCFC-124': 0.39, 'HCFC-142b': 0.095, 'R-600a': 0.015 }),
  'R-417A': epa({ 'HFC-125': 0.466, 'HFC-134a': 0.5, 'R-600': 0.034 }),
  'R-422A': epa({ 'HFC-125': 0.851, 'HFC-134a': 0.115, 'R-600a': 0.034 }),
  'R-422D': epa({ 'HFC-125': 0.651, 'HFC-134a': 0.315, 'R-600a': 0.034 }),
  'R-424A': epa({ 'HFC-125': 0.505, 'HFC-134a': 0.47, 'R-600': 0.01, 'R-600a': 0.009, 'R-601a': 0.006 }),
  'R-426A': epa({ 'HFC-125': 0.051, 'HFC-134a': 0.93, 'R-600': 0.013, 'R-600a': 0.006 }),
  'R-427A': ashrae({ 'HFC-32': 0.15, 'HFC-125': 0.25, 'HFC-134a': 0.5, 'HFC-143a': 0.1 }),
  'R-428A': epa({ 'HFC-125': 0.775, 'HFC-143a': 0.2, 'R-290': 0.006, 'R-600a': 0.019 }),
  'R-434A': epa({ 'HFC-125': 0.632, 'HFC-134a': 0.16, 'HFC-143a': 0.18, 'R-600a': 0.028 }),
  'R-438A': ashrae({ 'HFC-32': 0.085, 'HFC-125': 0.45, 'HFC-134a': 0.442, 'R-600': 0.017, 'R-601a': 0.006 }),
  'R-448A': ashrae({ 'HFC-32': 0.26, 'HFC-125': 0.26, 'HFC-134a': 0.21, 'HFO-1234yf': 0.2, 'HFO-1234ze(E)': 0.07 }),
  'R-449A': ashrae({ 'HFC-32': 0.243, 'HFC-125': 0.247, 'HFC-134a': 0.257, 'HFO-1234yf': 0.253 }),
  'R-450A': ashrae({ 'HFC-134a': 0.42, 'HFO-1234ze(E)': 0.58 }),
  'R-452A': ashrae({ 'HFC-32': 0.11, 'HFC-125': 0.59, 'HFO-1234yf': 0.3 }),
  'R-454B': ashrae({ 'HFC-32': 0.689, 'HFO-1234yf': 0.311 }),
  'R-454C': ashrae({ 'HFC-32': 0.215, 'HFO-1234yf': 0.785 }),
  'R-502': ashrae({ 'HCFC-22': 0.488, 'CFC-115': 0.512 }),
  'R-507A': epa({ 'HFC-125': 0.5, 'HFC-143a': 0.5 }),
  'R-508A': epa({ 'HFC-23': 0.39, 'PFC-116': 0.61 }),
  'R-508B': epa({ 'HFC-23': 0.46, 'PFC-116': 0.54 }),
  'R-513A': ashrae({ 'HFC-134a': 0.44, 'HFO-1234yf': 0.56 }),
}

/** Other names of one gas or blend, as they stand on bottles and in tables, in capitals and without spaces or hyphens. */
const aliases: Readonly<Record<string, string>> = {
  R507: 'R-507A',
  R744: 'co2',
  C3H8: 'R-290',
  PROPANE: 'R-290',
  BUTANE: 'R-600',
  CF4: 'PFC-14',
  C2F6: 'PFC-116',
  C3F8: 'PFC-218',
  PFCC318: 'PFC-318',
  R1234YF: 'HFO-1234yf',
  R1234ZE: 'HFO-1234ze(E)',
  'R1234ZE(E)': 'HFO-1234ze(E)',
}

const plain = (name: string) => name.toUpperCase().replace(/[\s-]/g, '')
const keys = new Map<string, string>()
for (const key of [...Object.keys(gases), ...Object.keys(blends)]) {
  keys.set(plain(key), key)
  // A bottle says R-134a or R134a where the table says HFC-134a.
  const numbered = /^(?:HFC|PFC|HCFC|CFC)-(\d.*)$/.exec(key)
  if (numbered?.[1]) keys.set(plain(`R${numbered[1]}`), key)
}
for (const [alias, key] of Object.entries(aliases)) keys.set(alias, key)

/** Returns the key of a gas or blend from any of its usual names (`R134a`, `r-410a`, `HFC-134a`), or undefined. */
export function findGas(name: string): string | undefined {
  return keys.get(plain(name))
}

const later: Record<'AR4' | 'AR5' | 'AR6', readonly ('AR4' | 'AR5' | 'AR6')[]> = {
  AR4: ['AR4', 'AR5', 'AR6'],
  AR5: ['AR5', 'AR6'],
  AR6: ['AR6'],
}

/**
 * The 100-year GWP of a gas under a set, and the report it stands in: a gas that an older report does not weigh, or
 * puts at "less than 1", takes the value of the next report that does. Undefined for a gas that is not in the table,
 * and for groups such as `hfc` that have no single value.
 */
export function gwpWithSource(gas: string, set: GwpSet): { gwp: number; report: 'AR4' | 'AR5' | 'AR6' } | undefined {
  const known = Object.hasOwn(gases, gas) ? gases[gas] : undefined
  if (!known) return undefined
  if (gas === 'ch4_fossil' && set === 'AR5-fossil-ch4') return { gwp: 30, report: 'AR5' }
  for (const report of later[set === 'AR5-fossil-ch4' ? 'AR5' : set]) {
    const gwp = known[report]
    if (gwp !== undefined) return { gwp, report }
  }
  return undefined
}

/** The 100-year GWP of a gas under a set in kgCO2e per kg, or undefined when the table has none. */
export function gwpOf(gas: string, set: GwpSet): number | undefined {
  return gwpWithSource(gas, set)?.gwp
}

/** The 100-year GWP of a blend from its parts, in kgCO2e per kg; undefined when there is no blend of that name. */
export function blendGwp(blend: string, set: GwpSet): number | undefined {
  const known = Object.hasOwn(blends, blend) ? blends[blend] : undefined
  if (!known) return undefined
  let sum = 0
  for (const [gas, part] of Object.entries(known.parts)) sum += part * (gwpOf(gas, set) ?? 0)
  return sum
}

/** Whether a gas is reported beside the scopes rather than in them, as the GHG Protocol asks of Montreal gases. */
export function isOutsideScopes(gas: string): boolean {
  return Object.hasOwn(gases, gas) && gases[gas]?.treaty === 'montreal'
}
