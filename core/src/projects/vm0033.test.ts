import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  allochthonousFromCarbon,
  allochthonousPercent,
  autochthonousOrganicMatter,
  mangroveCarbon,
  mangroveOrganicMatter,
  marshCarbon,
  marshOrganicMatter,
} from './allochthonous.ts'
import type { MeasuredPair } from './measurement.ts'
import type { MethodInput } from './method-gates.ts'
import { vm0033LikeV1, Vm0033Parameters } from './method-vm0033-like-v1.ts'
import { Sheet } from './method-result.ts'
import { pairWith } from './testing-measurement.ts'
import { adjustedForError, relativeError, unitsOf } from './vm0033-accounts.ts'
import { defaultMethane, defaultNitrousOxide, factorsOf, vm0033Declarations } from './vm0033-pools.ts'

const declarations = Object.fromEntries(vm0033Declarations.map((name) => [name, true]))
const organic = { declarations, soil_type: 'organic', salinity_ppt: 35, cover_path: 'end' }
const run = (
  parameters: object,
  changes: Partial<MeasuredPair> = {},
  ecosystem: MethodInput['ecosystem'] = 'mangrove',
) =>
  vm0033LikeV1({ ecosystem, measurement: pairWith(changes), confidence_score: 75 }, Vm0033Parameters.parse(parameters))
const reasonsOf = (result: ReturnType<typeof run>) => result.reasons.map(({ code }) => code)
const lineOf = (result: ReturnType<typeof run>, symbol: string) =>
  result.lines.find((line) => line.symbol.startsWith(symbol))?.value ?? NaN

describe('carbon washed in from elsewhere', () => {
  test('the marsh curve (eq. 41) and its inverse undo each other, and so do the mangrove lines (eq. 43)', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 60, noNaN: true }), (percent) => {
        expect(marshCarbon(marshOrganicMatter(percent))).toBeCloseTo(percent, 9)
        expect(mangroveCarbon(mangroveOrganicMatter(percent))).toBeCloseTo(percent, 9)
      }),
    )
    // By hand: 0.4 × 10 + 0.0025 × 100; 0.415 × 10 + 2.8857.
    expect(marshCarbon(10)).toBeCloseTo(4.25, 12)
    expect(mangroveCarbon(10)).toBeCloseTo(7.0357, 12)
  })

  test('organic matter of 11.5 %, of which 1.5 % came with the mud, leaves 10 / 0.985 % (eq. 40)', () => {
    expect(autochthonousOrganicMatter(11.5, 1.5)).toBeCloseTo(10 / 0.985, 12)
  })

  test('4.25 % carbon in a marsh: 14.4 % of it from elsewhere; nothing is above 100 % or below 0', () => {
    // OM 10 %; own 8.5 / 0.985 = 8.6294 %; own carbon 3.4518 + 0.18617 = 3.6379 %; (4.25 − 3.6379) / 4.25 = 14.4 %.
    expect(allochthonousFromCarbon('salt_marsh', 4.25, 1.5)).toBeCloseTo(14.402, 2)
    expect(allochthonousFromCarbon('mangrove', 2, 1.5)).toBe(100)
    expect(allochthonousPercent(4, 6)).toBe(0)
    expect(() => allochthonousPercent(0, 0)).toThrow(expect.objectContaining({ type: 'projects/invalid-analysis' }))
  })
})

describe('accounts', () => {
  test('errors add as squares over the absolute sum (eq. 87–91)', () => {
    const parts = [
      { t_co2e: -30, relative_half_width: 0.1 },
      { t_co2e: -40, relative_half_width: 0.1 },
    ]
    expect(relativeError(parts)).toBeCloseTo(5 / 70, 12)
    expect(relativeError([])).toBe(0)
    expect(relativeError([...parts, { t_co2e: 70, relative_half_width: 0 }])).toBe(Infinity)
  })

  test.each([
    // An error of 0 does not multiply by 1.2: the equation without its clamp would.
    [0, 0.2, 100],
    [0.2, 0.2, 100],
    [0.3, 0.2, 90],
    [1.2, 0.2, 0],
    [5, 0.2, 0],
    [Infinity, 0.2, 0],
  ])('an error of %d where %d is allowed leaves %d of 100 (eq. 92, clamped)', (error, allowable, left) => {
    expect(adjustedForError(100, error, allowable)).toBeCloseTo(left, 9)
  })

  const rules = {
    error_allowable_fraction: 0.2,
    buffer_percent: 20,
    sea_level_cap_t_co2e: null,
    earlier_adjusted_t_co2e: 0,
    earlier_stock_t_co2e: 0,
  }
  test('buffer comes off the stock, and whole units are issued: 100.9 t, 90 t of it in the ground, give 82', () => {
    expect(unitsOf(new Sheet(), { ner_t: 100.9, ner_stock_t: 90, error: 0.1 }, rules)).toBe(82)
    expect(unitsOf(new Sheet(), { ner_t: 100, ner_stock_t: 100, error: 0 }, rules)).toBe(80)
  })

  test('a cap at what stands after a hundred years holds, and earlier units are not issued again', () => {
    expect(
      unitsOf(new Sheet(), { ner_t: 100, ner_stock_t: 100, error: 0 }, { ...rules, sea_level_cap_t_co2e: 50 }),
    ).toBe(40)
    const later = { ...rules, earlier_adjusted_t_co2e: 60, earlier_stock_t_co2e: 60 }
    expect(unitsOf(new Sheet(), { ner_t: 100, ner_stock_t: 100, error: 0 }, later)).toBe(32)
  })

  test('issuance is never negative, whatever was lost', () => {
    const amount = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(
        amount,
        amount,
        amount,
        fc.double({ min: 0, max: 3, noNaN: true }),
        (ner_t, ner_stock_t, earlier, error) => {
          const issued = unitsOf(
            new Sheet(),
            { ner_t, ner_stock_t, error },
            { ...rules, earlier_adjusted_t_co2e: earlier },
          )
          expect(issued).toBeGreaterThanOrEqual(0)
          expect(Number.isInteger(issued)).toBe(true)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('default rates', () => {
  test('methane by salinity: no default up to 18 ppt', () => {
    expect([0, 18, 18.1, 19.99, 20, 35].map(defaultMethane)).toEqual([
      undefined,
      undefined,
      0.011,
      0.011,
      0.0056,
      0.0056,
    ])
  })

  test('nitrous oxide by salinity and surface', () => {
    expect([35, 18, 5, 4.9].map((ppt) => defaultNitrousOxide('open_water', ppt))).toEqual([
      0.000157, 0.00033, 0.00033, 0.00053,
    ])
    expect([35, 18, 4.9].map((ppt) => defaultNitrousOxide('wetland', ppt))).toEqual([0.000487, 0.000754, 0.000864])
  })
})

describe('vm0033-like-v1', () => {
  test('5.5 ha of mangrove on organic soil in sea water, 10 % to 80 % cover in 366 days: 22 units, by hand', () => {
    const years = 366 / 365.25
    const soil = -1.46 * (44 / 12) * 5.5 * years
    const trace = (0.0056 * 28 + 0.000487 * 265) * 5.5 * years
    const result = run(organic)
    expect(lineOf(result, 'soil (whole)')).toBeCloseTo(soil, 9)
    expect(lineOf(result, 'CH4 and N2O')).toBeCloseTo(trace, 9)
    expect(lineOf(result, 'NER')).toBeCloseTo(-soil - trace, 9)
    expect(result).toMatchObject({ value: Math.floor(-soil - trace + 0.2 * soil), unit: 'VM0033-like units (t CO2e)' })
    expect(result.value).toBe(22)
    // The buffer is of what stands in the ground alone.
    expect(lineOf(result, 'buffer')).toBeCloseTo(0.2 * -soil, 9)
    expect(result.label).toBe('VM0033-like, not a Verra quantification')
  })

  test('a nursery of seedlings earns nothing, and what stood before is not counted again', () => {
    const cover = (before: number, after: number) => ({
      cover: { share: { before, after, threshold: 0.4, sigma: 0.01 }, carlson_ripley: null },
    })
    expect(run(organic, cover(0, 0.14)).value).toBe(0)
    expect(run(organic, cover(0.8, 0.8)).value).toBe(0)
    const stratum = { stratum_id: 'a', area_ha: 1, cover_before: 0.15, cover_after: 0.5, cover_sigma: null }
    expect(factorsOf({ stratum, parameters: Vm0033Parameters.parse({}) })[0]).toBeCloseTo(0.5, 12)
  })

  test('on mineral soil carbon from elsewhere is deducted, and cannot be without a sample', () => {
    expect(reasonsOf(run({ ...organic, soil_type: 'mineral' }))).toEqual(['soil-carbon-needed'])
    const soil = lineOf(run(organic), 'soil (whole)')
    const mineral = run({ ...organic, soil_type: 'mineral', carbon_soil_percent: 8, carbon_autochthonous_percent: 6 })
    expect(lineOf(mineral, 'allochthonous')).toBeCloseTo(soil / 4, 9)
    expect(mineral.value ?? NaN).toBeLessThan(run(organic).value ?? NaN)
  })

  test('from soil that lost carbon nothing is deducted: there is no removal to deduct from', () => {
    const losing = {
      before_t_c_per_ha: 103,
      after_t_c_per_ha: 100,
      years: 1,
      relative_half_width_90: 0,
      source: 'Cores',
    }
    const result = run({ ...organic, soil_type: 'mineral', carbon_soil_percent: 8, soil_cores: losing })
    expect(lineOf(result, 'allochthonous')).toBeNaN()
    expect(result.value).toBe(0)
  })

  test('an allowance of 30 % is one at 95 %, where the same error is wider', () => {
    const rough = { share: { before: 0, after: 0.5, threshold: 0.4, sigma: 0.1 }, carlson_ripley: null }
    const of = (error_allowable_fraction: number) => run({ ...organic, error_allowable_fraction }, { cover: rough })
    const error = of(0.2).uncertainty?.relative_half_width_90 ?? NaN
    const adjusted = lineOf(of(0.3), 'adjusted') / lineOf(of(0.3), 'NER')
    expect(adjusted).toBeCloseTo(1 - ((error * 1.959964) / 1.644854 - 0.3), 5)
  })

  test('cores replace the default rate (eq. 36), and seagrass goes by nothing else', () => {
    const soil_cores = {
      before_t_c_per_ha: 100,
      after_t_c_per_ha: 103,
      years: 2,
      relative_half_width_90: 0.15,
      source: 'Cores of the project',
    }
    expect(lineOf(run({ ...organic, soil_cores }), 'soil rate')).toBeCloseTo(-5.5, 12)
    // What stood before would have gone on: cores do not measure that.
    const stood = { share: { before: 0.6, after: 0.8, threshold: 0.4, sigma: 0 }, carlson_ripley: null }
    const years = 366 / 365.25
    expect(lineOf(run({ ...organic, soil_cores }, { cover: stood }), 'soil baseline')).toBeCloseTo(
      -1.46 * (44 / 12) * 5.5 * years,
      9,
    )
    const field_cover = { cover_before: 0, cover_after: 0.6, source: 'Benthic survey' }
    expect(reasonsOf(run({ ...organic, field_cover }, {}, 'seagrass'))).toEqual(['seagrass-needs-cores'])
    expect(run({ ...organic, field_cover, soil_cores }, {}, 'seagrass').outcome).toBe('applicable')
  })

  test('herbs of a marsh count once, in their first year; trees only from plots', () => {
    const marsh = run({ ...organic, herbaceous_first_year: true }, {}, 'salt_marsh')
    expect(lineOf(marsh, 'biomass')).toBeCloseTo((-44 / 12) * 3 * 0.7 * 5.5, 9)
    expect(lineOf(run({ ...organic, herbaceous_first_year: true }), 'biomass')).toBeNaN()
    const trees = { delta_t_c_per_ha: 2, source: 'Plots of the project' }
    expect(lineOf(run({ ...organic, trees }), 'biomass')).toBeCloseTo((-44 / 12) * 2 * 5.5, 9)
  })

  test('is not applicable while a condition is open or broken, or data without a default are missing', () => {
    expect(reasonsOf(run({}))).toEqual([
      ...vm0033Declarations.map(() => 'not-declared'),
      'soil-type-needed',
      'salinity-needed',
    ])
    expect(reasonsOf(run({ ...organic, declarations: { ...declarations, no_nitrogen_fertiliser: false } }))).toEqual([
      'condition-not-met',
    ])
    expect(reasonsOf(run({ ...organic, salinity_ppt: 10 }))).toEqual(['methane-data-needed'])
    expect(run({ ...organic, salinity_ppt: 10, ch4_t_per_ha_yr: 0.02 }).outcome).toBe('applicable')
    expect(reasonsOf(run({ ...organic, buffer_percent: 5 }))).toEqual(['buffer-outside'])
    expect(reasonsOf(run(organic, {}, 'coastal_wetland'))).toEqual(['ecosystem-not-covered'])
  })

  test('a cover known only roughly takes from the units, and says on what assumption', () => {
    const rough = { share: { before: 0, after: 0.35, threshold: 0.4, sigma: 0.2 }, carlson_ripley: null }
    const sharp = { share: { ...rough.share, sigma: 0 }, carlson_ripley: null }
    expect(run(organic, { cover: rough }).value ?? NaN).toBeLessThan(run(organic, { cover: sharp }).value ?? NaN)
    const unknown = { share: { ...rough.share, sigma: null }, carlson_ripley: null }
    expect(run(organic, { cover: unknown }).warnings.map(({ code }) => code)).toContain('cover-uncertainty-assumed')
  })

  test('grows with the area, and the order of strata moves no digit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
        fc.double({ min: 1, max: 4, noNaN: true }),
        (areas, times) => {
          const strata = areas.map((area_ha, i) => ({
            stratum_id: `s${i}`,
            area_ha,
            cover_before: 0,
            cover_after: 0.2 * (i + 1),
            cover_sigma: 0.01,
            delta: 0.3,
          }))
          const area = {
            claimed_ha: 20,
            polygon_ha: 20,
            measured_ha: 20,
            error_fraction: 0,
            edge_uncertainty_fraction: 0.02,
          }
          const computed = (list: typeof strata) => run(organic, { strata: list, area })
          expect(computed([...strata].reverse())).toEqual(computed(strata))
          const larger = strata.map((one) => ({ ...one, area_ha: one.area_ha * times }))
          expect(computed(larger).value ?? NaN).toBeGreaterThanOrEqual(computed(strata).value ?? NaN)
        },
      ),
      { numRuns: 25 },
    )
  })

  test.each([
    [{ soil_default_t_c_per_ha_yr: -1 }],
    [{ salinity_ppt: Number.NaN }],
    [{ carbon_soil_percent: 0 }],
    [{ error_allowable_fraction: 0.9 }],
    [{ om_deposited_percent: 100 }],
    [{ unknown: 1 }],
  ])('parameters such as %j are refused', (parameters) => {
    expect(Vm0033Parameters.safeParse(parameters).success).toBe(false)
  })
})
