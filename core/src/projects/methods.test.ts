import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coverFactor, meanCoverFactor } from './cover-factor.ts'
import { areaOf, monitoredYears, PairMeasurement, seasonGapDays, type MeasuredPair } from './measurement.ts'
import type { MethodInput } from './method-gates.ts'
import {
  ConservationParameters,
  avoidedContinuous,
  avoidedYearly,
  conservationV1,
  plantedUptake,
} from './method-conservation-v1.ts'
import { IpccParameters, ipccRemovals, ipccTier1V1 } from './method-ipcc-ws2013-tier1-v1.ts'
import { Sheet, roundTo, type MethodResult } from './method-result.ts'
import {
  SeedParameters,
  laterAreaFactor,
  seedAiV1,
  seedFormula,
  seedLaterCode,
  seedNdviMultiplier,
  transitionOfClasses,
  transitionOfCover,
} from './method-seed-ai-v1.ts'
import { indexOf, pairWith, unmeasured } from './testing-measurement.ts'

const letter = SeedParameters.parse({})
const ipcc = IpccParameters.parse({ climate: 'tropical_dry', salinity_ppt: 35 })
const inputWith = (
  changes: Partial<MeasuredPair> = {},
  ecosystem: MethodInput['ecosystem'] = 'mangrove',
): MethodInput => ({
  ecosystem,
  measurement: pairWith(changes),
  confidence_score: 75,
})
const reasonsOf = (result: MethodResult) => result.reasons.map(({ code }) => code)
const ha = (claimed_ha: number) => areaOf({ claimed_ha, polygon_ha: claimed_ha, measured_ha: claimed_ha })

describe('the record of a pair', () => {
  test('reads back from JSON as it was, and holds no field that nobody knows', () => {
    const pair = pairWith()
    expect(PairMeasurement.parse(JSON.parse(JSON.stringify(pair)))).toEqual(pair)
    expect(PairMeasurement.safeParse({ ...pair, ndvi_improvement: 0.4 }).success).toBe(false)
    expect(PairMeasurement.safeParse(unmeasured('crs-missing')).success).toBe(true)
  })

  test.each([
    ['an area error that is not the one of its areas', { area: { ...ha(5), error_fraction: 0.4 } }],
    ['a change that is not after minus before', { index: indexOf(0.1, 0.5, { delta: 0.9 }) }],
    ['NaN', { index: indexOf(0.1, Number.NaN) }],
    ['a share above 1', { valid_fraction_before: 1.2 }],
    ['no noise at all', { index: indexOf(0.1, 0.5, { sigma: 0 }) }],
  ])('is refused with %s', (_, changes) => {
    expect(PairMeasurement.safeParse(pairWith(changes as Partial<MeasuredPair>)).success).toBe(false)
  })

  test('the last of December and the first of January are a day apart, whatever the years', () => {
    expect(seasonGapDays('2022-12-31', '2024-01-01')).toBeLessThan(2)
    expect(seasonGapDays('2024-07-01', '2023-01-01')).toBeGreaterThan(180)
    expect(seasonGapDays('2024-03-01', '2023-03-01')).toBeLessThanOrEqual(1)
  })

  test('years are the days between over 365.25, and there are none the wrong way round', () => {
    expect(monitoredYears(pairWith())).toBe(366 / 365.25)
    const { before, after } = pairWith()
    expect(monitoredYears({ before: after, after: before })).toBeNull()
  })
})

describe('seed-ai-v1', () => {
  test('5.5 ha of mangrove, barren to dense, NDVI up 0.45, one year: 41,250 kg, 4,125 units, 41.25 t', () => {
    const sheet = new Sheet()
    const { value, t_co2e } = seedFormula(
      sheet,
      {
        ecosystem: 'mangrove',
        transition: 'barren_to_dense',
        ndvi_improvement: 0.45,
        area_ha: 5.5,
        years: 1,
        confidence_score: 75,
      },
      letter,
    )
    expect(sheet.lines.find(({ symbol }) => symbol === 'CO2_kg')).toMatchObject({
      value: 41_250,
      substituted: '1500 × 2.5 × 2 × 1 × 5.5 × 1',
      unit: 'kg CO2',
    })
    expect([value, t_co2e]).toEqual([4125, 41.25])
  })

  test.each([
    [0.7 - 0.3, 1.7],
    [0.41, 2],
    // In floating point 0.30000000000000004, which is not above 0.3.
    [0.8 - 0.5, 1.4],
    [0.4 - 0.3, 1],
    [0.300001, 1.7],
    [0.2, 1.1],
    [0.1, 1],
    [-0.5, 1],
  ])('an improvement of %d multiplies by %d: strictly above, after rounding', (improvement, multiplier) => {
    expect(seedNdviMultiplier(improvement, letter)).toBe(multiplier)
  })

  test('for a colour picture there is no NDVI multiplier, and the sheet says why', () => {
    const index = indexOf(0.1, 0.7, { kind: 'greenness', formula: 'NGRDI' })
    const result = seedAiV1(inputWith({ index }), letter)
    expect(result.lines.find(({ symbol }) => symbol === 'CO2_kg')?.substituted).toMatch(/^1500 × 2.5 × 1 × 1/)
    expect(result.warnings.map(({ code }) => code)).toContain('rgb-is-not-ndvi')
  })

  test('uncalibrated numbers have no NDVI multiplier either; a loss comes to nothing', () => {
    const of = (index: MeasuredPair['index']) => seedAiV1(inputWith({ index }), letter)
    const uncalibrated = of(indexOf(0.1, 0.7, { kind: 'ndvi_dn' }))
    expect(uncalibrated.lines.find(({ symbol }) => symbol === 'NDVI')).toMatchObject({
      value: 1,
      substituted: 'no NDVI',
    })
    expect(of(indexOf(0.7, 0.3))).toMatchObject({ outcome: 'applicable', value: 0, t_co2e: 0 })
  })

  test('high confidence multiplies by 1.1, quality by its own, and both stand in the last line', () => {
    const high = { ...inputWith(), confidence_score: 90 }
    const value = (input: MethodInput, parameters: object) =>
      seedAiV1(input, SeedParameters.parse(parameters)).value ?? 0
    expect(value(high, {})).toBeCloseTo(1.1 * value(inputWith(), {}), 5)
    expect(value(inputWith(), { quality: 'excellent' })).toBeCloseTo(1.3 * value(inputWith(), {}), 5)
  })

  test('says which parameters the source leaves open, and never calls its unit tonnes', () => {
    const result = seedAiV1(inputWith(), letter)
    expect(result.unspecified.map(({ parameter }) => parameter)).toEqual(
      expect.arrayContaining(['years', 'area_factor', 'transition_rule', 'low_confidence_multiplier', 'quality']),
    )
    expect(result.unit).toBe('seed credit units')
    expect(result.t_co2e).toBeCloseTo((result.value ?? 0) / 100, 6)
    expect(SeedParameters.parse(result.parameters)).toEqual(letter)
  })

  test.each([
    ['barren', 'dense', 'barren_to_dense'],
    ['barren', 'sparse', 'other_gain'],
    ['dense', 'dense', 'maintained'],
    ['barren', 'barren', 'no_vegetation'],
    ['water', 'dense', 'no_vegetation'],
    ['dense', 'moderate', 'loss'],
  ] as const)('from %s to %s is %s', (before, after, transition) => {
    expect(transitionOfClasses(before, after)).toBe(transition)
  })

  test('the later file is a preset of its own, with its table of areas and its rule on cover', () => {
    expect([0, 0.99, 1, 10, 10.1, 50, 50.1, 100, 101].map(laterAreaFactor)).toEqual([
      0, 0.8, 1, 1, 1.1, 1.1, 1.05, 1.05, 1,
    ])
    expect(transitionOfCover(10, 41)).toBe('barren_to_dense')
    expect(transitionOfCover(20, 41)).toBe('barren_to_moderate')
    expect([transitionOfCover(45, 60.5), transitionOfCover(45, 60)]).toEqual(['sparse_to_dense', 'moderate_to_dense'])
    expect(transitionOfCover(45, 47)).toBe('maintained')
    expect(transitionOfCover(60, 40)).toBe('loss')
    expect(seedAiV1(inputWith(), seedLaterCode).label).toBe('seed-ai-v1 (seed-later-code)')
  })
})

describe('what no method computes', () => {
  const methods = (input: MethodInput) => [seedAiV1(input, letter), ipccTier1V1(input, ipcc)]
  const block = { check: 'duplicate', found: true, value: 1, threshold: 1, effect: 'block', caveat: '' } as const
  test.each<[string, Partial<MeasuredPair>, string]>([
    ['a cloudy date', { valid_fraction_before: 0.4 }, 'too-few-clear-pixels'],
    ['a raster whose clouds nobody counted', { valid_fraction_after: null }, 'clear-share-unknown'],
    ['another season', { season_gap_days: 120 }, 'season-differs'],
    ['a missing date', { before: { ...pairWith().before, captured_on: null } }, 'date-missing'],
    ['dates the wrong way round', { before: pairWith().after, after: pairWith().before }, 'dates-reversed'],
    [
      'a claim of a fifth more than there is',
      { area: areaOf({ claimed_ha: 10, polygon_ha: 7.9, measured_ha: null }) },
      'area-mismatch',
    ],
    ['refused evidence', { integrity: [{ ...block, image: 'pair' }] }, 'evidence-refused'],
  ])('%s: not applicable, with the reason and without a number', (_, changes, reason) => {
    for (const result of methods(inputWith(changes))) {
      expect(result).toMatchObject({ outcome: 'not_applicable', value: null, t_co2e: null })
      expect(reasonsOf(result)).toContain(reason)
    }
  })

  test('what could not be told is handed on in its own words', () => {
    const input = { ...inputWith(), measurement: unmeasured('bands-unknown') }
    for (const result of methods(input)) expect(reasonsOf(result)).toEqual(['bands-unknown'])
  })

  test('seagrass from above; cover of a colour picture', () => {
    for (const result of methods(inputWith({}, 'seagrass')))
      expect(reasonsOf(result)).toContain('seagrass-not-seen-from-above')
    const index = indexOf(0.1, 0.3, { kind: 'greenness' })
    expect(reasonsOf(ipccTier1V1(inputWith({ index }), ipcc))).toEqual(['cover-needs-ndvi'])
  })
})

describe('the cover factor', () => {
  test.each([
    [0, 0],
    [0.1499, 0],
    [0.15, 0],
    [0.325, 0.5],
    [0.4999, 0.999714],
    [0.5, 1],
    [1, 1],
  ])('of a cover of %d is %d (VM0033 eq. 33)', (cover, factor) => {
    expect(coverFactor(cover)).toBeCloseTo(factor, 5)
  })

  test('on the way from one cover to another is the mean of the factors passed', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
        const steps = 400
        let sum = 0
        for (let i = 0; i < steps; i++) sum += coverFactor(a + ((b - a) * (i + 0.5)) / steps)
        expect(meanCoverFactor(a, b)).toBeCloseTo(sum / steps, 2)
      }),
      { numRuns: 50 },
    )
  })
})

describe('ipcc-ws2013-tier1-v1', () => {
  test('tropical dry mangrove over 40 years: 10.85 t CO2/ha/yr, within 7 % of an audited project in Senegal (10.22)', () => {
    const one = {
      ecosystem: 'mangrove',
      climate: 'tropical_dry',
      area_ha: 1,
      years: 40,
      age_at_start_years: 0,
    } as const
    const { soil_t_co2, biomass_t_co2 } = ipccRemovals(new Sheet(), { ...one, cover_factor: 1 })
    expect(roundTo(soil_t_co2 / 40, 2)).toBe(5.94)
    const mean = (soil_t_co2 + biomass_t_co2) / 40
    expect(mean).toBeCloseTo(10.85, 2)
    expect(mean / 10.22 - 1).toBeLessThan(0.07)
  })

  test.each([
    ['mangrove', 5.94],
    ['salt_marsh', 3.3367],
    ['seagrass', 1.5767],
  ] as const)('soil of %s takes up %d t CO2/ha/yr', (ecosystem, rate) => {
    const one = { ecosystem, climate: null, area_ha: 1, years: 1, age_at_start_years: 0, cover_factor: 1 }
    expect(ipccRemovals(new Sheet(), one).soil_t_co2).toBeCloseTo(rate, 4)
  })

  test.each([
    ['subtropical', 64.6],
    ['tropical_wet', 30.3],
  ] as const)('a young %s stand comes to %d t/ha/yr', (climate, rate) => {
    const one = {
      ecosystem: 'mangrove',
      climate,
      area_ha: 1,
      years: 1,
      age_at_start_years: 0,
      cover_factor: 1,
    } as const
    const { soil_t_co2, biomass_t_co2 } = ipccRemovals(new Sheet(), one)
    expect(soil_t_co2 + biomass_t_co2).toBeCloseTo(rate, 1)
  })

  test('biomass stops at the stock of its climate: a stand of 40 years gains none', () => {
    const one = { ecosystem: 'mangrove', climate: 'tropical_dry', area_ha: 1, years: 5, cover_factor: 1 } as const
    expect(ipccRemovals(new Sheet(), { ...one, age_at_start_years: 40 }).biomass_t_co2).toBe(0)
  })

  test('needs a climate for mangroves, and does not cover what the tables do not hold', () => {
    expect(reasonsOf(ipccTier1V1(inputWith(), IpccParameters.parse({ salinity_ppt: 35 })))).toEqual(['climate-needed'])
    expect(reasonsOf(ipccTier1V1(inputWith({}, 'restored_vegetation'), ipcc))).toEqual(['ecosystem-not-covered'])
  })

  test('below 18 ppt, and where salinity is unknown, methane is deducted; never below 0', () => {
    const t = (salinity_ppt: number | null) => ipccTier1V1(inputWith(), { ...ipcc, salinity_ppt }).t_co2e ?? NaN
    expect(t(18)).toBe(t(35))
    expect(t(17.9)).toBeLessThan(t(18))
    expect(t(null)).toBe(t(17.9))
    const bare = ipccTier1V1(
      inputWith({ cover: { share: { before: 0.1, after: 0.1, threshold: 0.4, sigma: 0 }, carlson_ripley: null } }),
      { ...ipcc, salinity_ppt: 0 },
    )
    expect(bare.t_co2e).toBe(0)
  })

  test('does not count what stood before: full cover on both dates is nothing gained', () => {
    const cover = (before: number) => ({
      share: { before, after: 0.8, threshold: 0.4, sigma: 0 },
      carlson_ripley: null,
    })
    const t = (before: number) => ipccTier1V1(inputWith({ cover: cover(before) }), ipcc).t_co2e ?? NaN
    expect(t(0.5)).toBe(0)
    expect(t(0.325)).toBeCloseTo(t(0) / 2, 5)
  })

  test('cover from the field stands in for a picture that cannot tell, and says so', () => {
    const field_cover = { cover_before: 0, cover_after: 0.6, cover_sigma: 0.05, source: 'Quadrats, 12 plots' }
    const input: MethodInput = { ...inputWith({}, 'seagrass'), measurement: unmeasured('seagrass-not-seen-from-above') }
    const result = ipccTier1V1(input, { ...ipcc, field_cover })
    expect(result.outcome).toBe('applicable')
    expect(result.warnings.map(({ code }) => code)).toContain('field-cover-used')
  })

  test('grows with the area, and listing the strata in another order moves no digit', () => {
    const stratum = fc.record({
      area_ha: fc.double({ min: 0, max: 1, noNaN: true }),
      cover_before: fc.double({ min: 0, max: 1, noNaN: true }),
      cover_after: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(
        fc.array(stratum, { minLength: 1, maxLength: 5 }),
        fc.double({ min: 1, max: 3, noNaN: true }),
        (list, times) => {
          const strata = list.map((one, i) => ({ ...one, stratum_id: `s${i}`, cover_sigma: 0.01, delta: 0 }))
          const computed = (strata_: typeof strata) => ipccTier1V1(inputWith({ strata: strata_, area: ha(15) }), ipcc)
          expect(computed([...strata].reverse())).toEqual(computed(strata))
          const larger = strata.map((one) => ({ ...one, area_ha: one.area_ha * times }))
          const t = computed(strata).t_co2e ?? NaN
          expect(t).toBeGreaterThanOrEqual(0)
          expect(computed(larger).t_co2e ?? NaN).toBeGreaterThanOrEqual(t - 1e-6)
        },
      ),
      { numRuns: 40 },
    )
  })

  test('strata that are listed twice, or add up to more than their polygon, are refused', () => {
    const one = { stratum_id: 'a', area_ha: 4, cover_before: 0, cover_after: 1, cover_sigma: null, delta: 0.4 }
    expect(reasonsOf(ipccTier1V1(inputWith({ strata: [one, one] }), ipcc))).toEqual([
      'strata-repeat',
      'strata-exceed-polygon',
    ])
  })
})

describe('conservation-v1', () => {
  const yearly = {
    loss_fraction_per_yr: 0.1,
    biomass_t_co2_per_ha: 100,
    soil_t_co2_per_ha_yr: 20,
    uptake_t_co2_per_ha_yr: 5,
  }
  test('a tenth lost a year of 100 ha: by hand, year by year', () => {
    // Year 1: 10 ha lost; 100×10 + 20×10 + 5×10. Year 2: 9 more; 100×9 + 20×19 + 5×19.
    const rows = avoidedYearly(100, 2, yearly)
    expect(rows.map(({ avoided_t_co2e }) => roundTo(avoided_t_co2e, 9))).toEqual([1250, 1375])
  })

  test('soil gives off for ten years after a loss and not longer', () => {
    const rows = avoidedYearly(100, 12, { ...yearly, biomass_t_co2_per_ha: 0, uptake_t_co2_per_ha_yr: 0 })
    const [first, last] = [rows[0], rows[11]]
    expect(last?.avoided_t_co2e).toBeCloseTo(20 * ((last?.lost_ha ?? 0) - (rows[1]?.lost_ha ?? 0)), 9)
    expect(first?.avoided_t_co2e).toBeCloseTo(200, 9)
  })

  test('the continuous form is nothing at the start, everything at the end, and steady where both rates meet', () => {
    const threat = { loss_fraction_per_yr: 0.2, stock_t_co2_per_ha: 500, decay_per_yr: 0.5, uptake_t_co2_per_ha_yr: 0 }
    expect(avoidedContinuous(10, 0, threat)).toBeCloseTo(0, 9)
    expect(avoidedContinuous(10, 500, threat)).toBeCloseTo(5000, 6)
    const at = (decay_per_yr: number) => avoidedContinuous(10, 3, { ...threat, decay_per_yr })
    expect(at(0.2)).toBeCloseTo(at(0.2001), 0)
    // Against the integral that the form solves: lost area d A e^(−d u) du, of which 1 − e^(−r (t − u)) has left at t.
    let sum = 0
    const steps = 20_000
    for (let i = 0; i < steps; i++) {
      const u = ((i + 0.5) * 3) / steps
      sum += 0.2 * 10 * Math.exp(-0.2 * u) * 500 * (1 - Math.exp(-0.5 * (3 - u))) * (3 / steps)
    }
    expect(at(0.5)).toBeCloseTo(sum, 4)
  })

  test('nothing without a declared threat, and nothing where the vegetation went', () => {
    expect(reasonsOf(conservationV1(inputWith(), null))).toEqual(['no-threat-declared'])
    const threat = ConservationParameters.parse({ form: 'yearly', ...yearly, loss_source: 'National inventory' })
    const gone = { share: { before: 0.8, after: 0.5, threshold: 0.4, sigma: null }, carlson_ripley: null }
    expect(reasonsOf(conservationV1(inputWith({ cover: gone }), threat))).toEqual(['vegetation-not-kept'])
    // One whole year of 5.5 ha: 0.55 ha × 125, less a fifth.
    expect(conservationV1(inputWith(), threat).value).toBeCloseTo(0.55 * 125 * 0.8, 6)
  })

  test('planting counts what stood through the year before and survived', () => {
    expect(plantedUptake(10, 12, 0.7, 0.2)).toBeCloseTo(67.2, 9)
  })
})
