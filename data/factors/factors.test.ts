import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { acceptsDimension, activities, allowsAttribute, findActivity } from '@tidemark/core/factors/activities.ts'
import { type Factor, gwpSets } from '@tidemark/core/factors/contract.ts'
import { expandDataset } from '@tidemark/core/factors/dataset.ts'
import { gases, gwpOf } from '@tidemark/core/factors/gwp.ts'
import { categoryIds } from '@tidemark/core/lib/categories.ts'
import { findUnit } from '@tidemark/core/lib/units.ts'
import { describe, expect, test } from 'vitest'

const here = new URL('./', import.meta.url)
const datasets = readdirSync(here, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
)

/** Expanding checks every factor against the contract. */
const factors = datasets.flatMap((dataset) =>
  expandDataset(JSON.parse(readFileSync(new URL(`${dataset}/factors.json`, here), 'utf8'))),
)
const byId = new Map(factors.map((factor) => [`${factor.id}@${factor.edition}`, factor]))
const from = (dataset: string) => factors.filter((factor) => factor.dataset === dataset)

function factor(id: string, edition: string): Factor {
  const found = byId.get(`${id}@${edition}`)
  if (!found) throw new Error(`There is no ${id} of edition ${edition}.`)
  return found
}
const desnz = (row: string) => factor(`desnz:${row}`, '2025')
const ademe = (element: number | string) => factor(`base-carbone:${element}`, 'V23.6')
const epa = (row: string) => factor(`epa-hub:${row}`, '2025')
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
const stageOf = (of: Factor, stage: string) => of.stages.find((each) => each.stage === stage)?.total_kg_co2e
const off = (value: number, reference: number) => Math.abs(value - reference) / Math.abs(reference)

describe('every embedded factor', () => {
  test('has an id of its own within its edition', () => expect(byId.size).toBe(factors.length))

  test('is counted in a unit of the closed table', () => {
    expect(factors.filter(({ unit }) => !findUnit(unit)).map(({ id, unit }) => `${id} ${unit}`)).toEqual([])
  })

  test('says where it is usually counted, how long it serves, how good it is and what row it was', () => {
    const bare = factors.filter(
      ({ category, best_before, quality, raw }) =>
        !categoryIds.some((id) => id === category) || !best_before || !quality || Object.keys(raw ?? {}).length === 0,
    )
    expect(bare.map(({ id }) => id)).toEqual([])
  })

  test('names each stage once, and its stages add up to what the publisher prints, up to rounding', () => {
    const wrong = factors.filter(({ stages, total_kg_co2e }) => {
      const apart = Math.abs(sum(stages.map((stage) => stage.total_kg_co2e)) - total_kg_co2e)
      return (
        new Set(stages.map(({ stage }) => stage)).size !== stages.length ||
        apart > Math.max(0.0065 * Math.abs(total_kg_co2e), 2e-5)
      )
    })
    expect(wrong.map(({ id }) => id)).toEqual([])
  })

  test('weighs no gas twice, and names only gases that the table or the contract knows', () => {
    const groups = ['hfc', 'pfc', 'other']
    const wrong = factors.flatMap(({ id, stages }) =>
      stages.flatMap((stage) => [
        ...(stage.gases_kg && stage.gases_kg_co2e ? [`${id}: masses and weights`] : []),
        ...Object.keys(stage.gases_kg ?? {}).flatMap((gas) => (gas in gases ? [] : [`${id}: ${gas} in kg`])),
        ...Object.keys(stage.gases_kg_co2e ?? {}).flatMap((gas) =>
          gas in gases || groups.includes(gas) ? [] : [`${id}: ${gas}`],
        ),
      ]),
    )
    expect(wrong).toEqual([])
  })

  test('adds up from its gases', () => {
    const wrong = factors.flatMap(({ id, gwp_set, stages }) =>
      stages.flatMap(({ total_kg_co2e, gases_kg, gases_kg_co2e }) => {
        const weighted = gases_kg_co2e && sum(Object.values(gases_kg_co2e))
        const masses =
          gases_kg &&
          gwp_set &&
          sum(Object.entries(gases_kg).map(([gas, kg]) => kg * (gwpOf(gas, gwp_set) ?? Number.NaN)))
        const added = weighted ?? masses
        if (added === undefined) return []
        return Math.abs(added - total_kg_co2e) <= Math.max(0.01 * Math.abs(total_kg_co2e), 3e-5)
          ? []
          : [`${id}: ${added} for ${total_kg_co2e}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  test('keeps biogenic CO2 out of its total', () => {
    const biogenic = factors.filter(({ stages }) => stages.some(({ co2_biogenic_kg }) => co2_biogenic_kg))
    expect(biogenic.length).toBeGreaterThan(30)
    for (const { id, stages } of biogenic) {
      for (const { co2_biogenic_kg } of stages) expect(co2_biogenic_kg ?? 0, id).toBeGreaterThanOrEqual(0)
    }
  })

  test('says of a flight whether effects at altitude are in it, in its attributes and in its field alike', () => {
    const flights = factors.filter(({ activity }) => activity === 'flight')
    expect(flights.length).toBeGreaterThanOrEqual(47)
    for (const { id, attributes, radiative_forcing } of flights)
      expect(attributes?.radiative_forcing, id).toBe(radiative_forcing)
  })

  test('says of money its currency, year and price', () => {
    const money = factors.filter(({ unit }) => findUnit(unit)?.dimension.startsWith('money_'))
    expect(money.length).toBeGreaterThan(1000)
    for (const { id, unit, price } of money) expect(unit, id).toMatch(new RegExp(`${price?.currency}-${price?.year}$`))
  })

  test('names a set of potentials that exists, or none where the publisher is silent', () => {
    const silent = new Set(factors.filter(({ gwp_set }) => gwp_set === undefined).map(({ dataset }) => dataset))
    expect([...silent].sort()).toEqual(['owid-grid', 'useeio'])
    for (const { gwp_set } of factors) if (gwp_set) expect(gwpSets).toContain(gwp_set)
  })
})

describe('what the library can pick from', () => {
  test('each factor names an activity in a unit and with attributes that the activity knows', () => {
    const wrong = factors.flatMap(({ id, activity: key, unit, attributes }) => {
      if (key === undefined) return []
      const activity = findActivity(key)
      const counted = findUnit(unit)
      if (!activity || !counted || !acceptsDimension(activity, counted.dimension)) return [`${id}: ${key} in ${unit}`]
      return Object.entries(attributes ?? {}).flatMap(([name, value]) =>
        allowsAttribute(activity, name, value) ? [] : [`${id}: ${name} ${value}`],
      )
    })
    expect(wrong).toEqual([])
  })

  test('no two factors of one edition serve the same thing in the same place, time and unit', () => {
    const served = factors
      .filter(({ activity }) => activity !== undefined)
      .map(({ id, dataset, edition, activity, attributes, unit, geography, valid_from }) => ({
        id,
        place: [
          dataset,
          edition,
          activity,
          JSON.stringify(Object.entries(attributes ?? {}).sort()),
          unit,
          geography,
          valid_from,
        ].join('|'),
      }))
    const seen = new Map<string, string>()
    const twins = served.flatMap(({ id, place }) => {
      const earlier = seen.get(place)
      seen.set(place, id)
      return earlier ? [`${earlier} and ${id}`] : []
    })
    expect(twins).toEqual([])
  })

  test.each(activities.map((activity) => [activity.key, activity] as const))(
    '%s has a factor for each dimension it can be counted in',
    (key, activity) => {
      const units = factors.flatMap((each) => (each.activity === key ? [findUnit(each.unit)?.dimension ?? ''] : []))
      const bare = activity.dimensions.filter(
        (dimension) => !units.some((unit) => (dimension === 'money' ? unit.startsWith('money_') : unit === dimension)),
      )
      expect(bare).toEqual([])
    },
  )

  test('every value that an attribute may take is served, so that nobody is offered what there is not', () => {
    const idle = activities
      .filter(({ key }) => !key.endsWith('_upstream'))
      .flatMap(({ key, attributes }) =>
        Object.entries(attributes).flatMap(([name, attribute]) =>
          (attribute.values ?? [])
            .filter(
              (value) =>
                value !== attribute.default &&
                !factors.some((each) => each.activity === key && each.attributes?.[name] === value),
            )
            .map((value) => `${key}.${name} ${value}`),
        ),
      )
    expect(idle).toEqual([])
  })

  test('a direct factor of DESNZ finds the rows that complete its chain, in its own unit', () => {
    const missing = from('desnz').flatMap(({ id, boundary, activity: key, unit, attributes }) => {
      const activity = key === undefined ? undefined : findActivity(key)
      if (!activity || boundary !== 'direct') return []
      return activity.companions.flatMap((companion) => {
        const rows = from('desnz').filter((each) => each.activity === companion && each.unit === unit)
        const fits = rows.some((row) =>
          Object.entries(row.attributes ?? {}).every(
            ([name, value]) => attributes?.[name] === undefined || attributes[name] === value,
          ),
        )
        return fits ? [] : [`${id}: ${companion}`]
      })
    })
    expect(missing).toEqual([])
  })
})

describe('ADEME Base Carbone V23.6', () => {
  test('holds at least 120 elements', () => {
    expect(new Set(from('base-carbone').map(({ row }) => row)).size).toBeGreaterThanOrEqual(120)
  })

  test.each([
    [37133, 'kWh_gross', 0.215, { combustion: 0.181, upstream: 0.0344 }],
    [37132, 'kWh_net', 0.239, { combustion: 0.201, upstream: 0.0382 }],
    [26621, 'kWh_net', 0.227, { combustion: 0.187, upstream: 0.0395 }],
    [26627, 'kWh_gross', 0.204, { combustion: 0.168, upstream: 0.0355 }],
    [25775, 'L', 3.1, { combustion: 2.49, upstream: 0.609 }],
    [25763, 'L', 2.69, { combustion: 2.2, upstream: 0.491 }],
    [14087, 'L', 3.25, { combustion: 2.68, upstream: 0.567 }],
    [28332, 'kWh', 0.0607, { generation: 0.0418, upstream: 0.0135, losses: 0.0054 }],
    [28333, 'kWh', 0.0599, { generation: 0.0407, upstream: 0.0138, losses: 0.0054 }],
    [37091, 'kWh', 0.0569, { generation: 0.038, upstream: 0.0138, losses: 0.00515 }],
    [42513, 'kWh', 0.052, { generation: 0.0338, upstream: 0.0135, losses: 0.00474 }],
    [43273, 'kWh', 0.058, { generation: 0.0394, upstream: 0.0133, losses: 0.0053 }],
    [43642, 'kWh', 0.0519, { generation: 0.035, upstream: 0.0131, losses: 0.0038 }],
  ])('element %d counts per %s %d kgCO2e, stage by stage', (element, unit, total, stages) => {
    const found = ademe(element)
    expect(found.unit).toBe(unit)
    expect(found.total_kg_co2e).toBe(total)
    expect(Object.fromEntries(found.stages.map((stage) => [stage.stage, stage.total_kg_co2e]))).toEqual(stages)
  })

  test('road diesel B7 releases 0.155899 kg of biogenic CO2 where it burns, and none is netted upstream', () => {
    const [burnt, before] = ademe(25775).stages
    expect(burnt?.co2_biogenic_kg).toBe(0.155899)
    expect(before?.co2_biogenic_kg).toBeUndefined()
  })

  test('the electricity of a year is valid in that year', () => {
    expect([ademe(42513).valid_from, ademe(42513).valid_to]).toEqual(['2022-01-01', '2022-12-31'])
  })

  test('gross and net values of the same gas differ by the heat of the vapour, about 11 %', () => {
    expect(ademe(37132).total_kg_co2e / ademe(37133).total_kg_co2e).toBeCloseTo(1.11, 2)
  })

  test('no credit for avoided emissions is among the factors', () => {
    expect(from('base-carbone').filter(({ total_kg_co2e }) => total_kg_co2e < 0)).toEqual([])
  })

  test('contrails nearly double a flight', () => {
    expect(ademe(43773).total_kg_co2e).toBe(0.151)
    expect(ademe(43774).total_kg_co2e).toBe(0.0832)
  })
})

describe('UK Government conversion factors 2025', () => {
  test.each([
    ['1_100_1004_6', 'kWh_gross', 0.18296],
    ['1_100_1004_7', 'kWh_net', 0.2027],
    ['1_101_1011_8', 'L', 2.57082],
    ['1_101_1017_8', 'L', 2.06916],
    ['7_400_4000_5', 'kWh', 0.177],
    ['13_402_4000_5', 'kWh', 0.01853],
    ['15_917_4000_5', 'kWh', 0.0459],
    ['15_918_4000_5', 'kWh', 0.00397],
    ['11_100_1004_6', 'kWh_gross', 0.03021],
    ['21_316_3164_11', 'passenger.km', 0.12576],
    ['21_316_3165_11', 'passenger.km', 0.07435],
    ['21_316_3170_11', 'passenger.km', 0.11704],
    ['21_316_3171_11', 'passenger.km', 0.06926],
    ['21_316_3180_11', 'passenger.km', 0.10916],
    ['21_316_3181_11', 'passenger.km', 0.06449],
    ['29_600_4000_13', 'room.night', 10.4],
    ['32_603_9999_12', 'fte.hour', 0.33378],
    ['17_404_4005_1', 'm3', 0.1913],
  ])('row %s counts per %s %d kgCO2e', (row, unit, total) => {
    expect([desnz(row).unit, desnz(row).total_kg_co2e]).toEqual([unit, total])
  })

  test('diesel of the forecourt releases 0.14 kg of biogenic CO2 per litre beside its total', () => {
    expect(desnz('1_101_1011_8').stages[0]?.co2_biogenic_kg).toBe(0.14)
  })

  test('CO2, CH4 and N2O add up to CO2e', () => {
    const split = from('desnz').filter(({ raw }) => raw?.kg_co2e_of_co2 !== undefined)
    expect(split.length).toBeGreaterThan(180)
    for (const { id, raw } of split) {
      const gases_sum = Number(raw?.kg_co2e_of_co2) + Number(raw?.kg_co2e_of_ch4) + Number(raw?.kg_co2e_of_n2o)
      expect(Math.abs(gases_sum - Number(raw?.kg_co2e)), id).toBeLessThanOrEqual(2.1e-5)
    }
  })

  test('radiative forcing is 1.70 times the CO2 and nothing else, shown as "other"', () => {
    const forced = from('desnz').filter((each) => each.radiative_forcing === 'included')
    expect(forced.length).toBe(18)
    for (const { id, stages } of forced) {
      const { co2 = 0, other = 0 } = stages[0]?.gases_kg_co2e ?? {}
      expect((co2 + other) / co2, id).toBeCloseTo(1.7, 3)
    }
  })

  test('flights hold the 8 % detour already', () => {
    const flights = from('desnz').filter(({ activity }) => activity === 'flight' || activity === 'flight_upstream')
    expect(flights.length).toBe(56)
    for (const { distance_uplift } of flights) expect(distance_uplift).toEqual({ percent: 8, included: true })
  })

  test('a battery car emits at the plant and on the line, not at the wheel', () => {
    const car = desnz('25_301_3076_4')
    expect(car.stages.map(({ stage }) => stage)).toEqual(['generation', 'losses'])
    expect(sum(car.stages.map(({ total_kg_co2e }) => total_kg_co2e))).toBeCloseTo(0.04047, 5)
  })
})

describe('EPA Hub 2025', () => {
  test.each([
    ['1.natural-gas.mmbtu', 'MMBtu_gross', { co2: 53.06, ch4: 0.001, n2o: 0.0001 }],
    ['1.natural-gas.scf', 'scf', { co2: 0.05444, ch4: 0.00000103, n2o: 0.0000001 }],
    ['1.distillate-fuel-oil-no-2.gallon', 'gal_us', { co2: 10.21, ch4: 0.00041, n2o: 0.00008 }],
    ['1.motor-gasoline.gallon', 'gal_us', { co2: 8.78, ch4: 0.00038, n2o: 0.00008 }],
    ['1.propane.mmbtu', 'MMBtu_gross', { co2: 62.87, ch4: 0.003, n2o: 0.0006 }],
    ['1.propane.gallon', 'gal_us', { co2: 5.72, ch4: 0.00027, n2o: 0.00005 }],
    ['1.bituminous.mmbtu', 'MMBtu_gross', { co2: 93.28, ch4: 0.011, n2o: 0.0016 }],
    ['1.bituminous.short-ton', 'short_ton', { co2: 2325, ch4: 0.274, n2o: 0.04 }],
    ['1.kerosene-type-jet-fuel.gallon', 'gal_us', { co2: 9.75, ch4: 0.00041, n2o: 0.00008 }],
    ['2.diesel-fuel.gallon', 'gal_us', { co2: 10.21 }],
    ['7.steam-and-heat', 'MMBtu', { co2: 66.33, ch4: 0.00125, n2o: 0.000125 }],
    ['8.rail.short-ton-mile', 'short_ton.mi', { co2: 0.021, ch4: 0.0000016, n2o: 0.0000005 }],
    ['8.waterborne-craft.short-ton-mile', 'short_ton.mi', { co2: 0.077, ch4: 0.000031, n2o: 0.000002 }],
    ['8.aircraft.short-ton-mile', 'short_ton.mi', { co2: 1.086, ch4: 0, n2o: 0.0000334 }],
    ['10.passenger-car.vehicle-mile', 'vehicle.mi', { co2: 0.297, ch4: 0.0000059, n2o: 0.0000053 }],
  ])('%s counts per %s in kilograms of gas', (row, unit, masses) => {
    expect(epa(row).unit).toBe(unit)
    expect(epa(row).stages[0]?.gases_kg).toEqual(masses)
  })

  test.each([
    ['short', 0.207],
    ['medium', 0.129],
    ['long', 0.163],
  ])('a %s flight emits %d kg of CO2 per passenger-mile, without radiative forcing', (haul, co2) => {
    const flight = from('epa-hub').find(
      ({ activity, attributes }) => activity === 'flight' && attributes?.haul === haul,
    )
    expect(flight?.stages[0]?.gases_kg?.co2).toBe(co2)
    expect(flight?.radiative_forcing).toBe('excluded')
  })

  test('freight by lorry emits 0.186 kg of CO2 per short ton-mile', () => {
    const lorry = from('epa-hub').find(({ activity, unit }) => activity === 'truck_freight' && unit === 'short_ton.mi')
    expect(lorry?.stages[0]?.gases_kg?.co2).toBe(0.186)
  })

  test.each([
    ['us-average', 771.523],
    ['camx', 436.655],
    ['erct', 738.038],
    ['nyup', 240.99],
    ['mroe', 1402.005],
  ])('the grid of %s emits %d lb of CO2 per MWh', (subregion, pounds) => {
    const grid = epa(`6.${subregion}`)
    expect(grid.unit).toBe('MWh')
    expect(grid.stages[0]?.gases_kg?.co2).toBeCloseTo(pounds * 0.45359237, 9)
  })

  test('a kWh of the average grid is 0.3516 kgCO2e in 2025 and 0.3753 in 2024, both under AR5', () => {
    expect(epa('6.us-average').total_kg_co2e / 1000).toBeCloseTo(0.3516, 4)
    expect(factor('epa-hub:6.us-average', '2024').total_kg_co2e / 1000).toBeCloseTo(0.3753, 4)
  })

  test('the grid tells its gross loss and says that it is not for scope 2', () => {
    expect(epa('6.us-average').note).toMatch(/4\.2 %.*not to apply it to scope 2/)
  })

  test('heat content times factor per mmBtu is the factor per unit, within the rounding of the table', () => {
    const per_unit = from('epa-hub').filter(({ row, unit }) => row.startsWith('Table 1,') && unit !== 'MMBtu_gross')
    expect(per_unit.length).toBe(58)
    for (const { id, row, raw } of per_unit) {
      const per_heat = from('epa-hub').find((each) => each.row === row && each.unit === 'MMBtu_gross')
      const worked_out = Number(raw?.mmbtu_per_unit) * Number(per_heat?.raw?.kg_co2)
      expect(off(worked_out, Number(raw?.kg_co2)), id).toBeLessThanOrEqual(0.00113)
    }
  })

  test('the CO2 of biomass stands apart, its methane and nitrous oxide stay in the total', () => {
    const wood = epa('1.wood-and-wood-residuals.mmbtu').stages[0]
    expect(wood?.co2_biogenic_kg).toBe(93.8)
    expect(wood?.gases_kg).toEqual({ ch4: 0.0072, n2o: 0.0036 })
    expect(wood?.total_kg_co2e).toBeCloseTo(0.0072 * 28 + 0.0036 * 265, 9)
  })

  test('waste is weighted by AR4 and shows no gases', () => {
    const waste = from('epa-hub').filter(({ row }) => row.startsWith('Table 9,'))
    expect(waste.length).toBeGreaterThan(150)
    for (const { gwp_set, stages } of waste) {
      expect(gwp_set).toBe('AR4')
      expect(stages[0]?.gases_kg ?? stages[0]?.gases_kg_co2e).toBeUndefined()
    }
  })
})

describe('USEEIO 1.3', () => {
  test('holds 1,016 industries', () => expect(new Set(from('useeio').map(({ row }) => row)).size).toBe(1016))

  test('with margins is without margins and margins, to the last printed digit', () => {
    for (const { id, raw, total_kg_co2e } of from('useeio')) {
      const parts = Number(raw?.without_margins) + Number(raw?.margins)
      expect(Math.abs(parts - total_kg_co2e), id).toBeLessThanOrEqual(0.00101)
    }
  })

  test('soybeans are 0.532 kgCO2e per dollar of 2022 at the purchaser’s price', () => {
    const soybeans = factor('useeio:111110', '1.3')
    expect([soybeans.total_kg_co2e, soybeans.unit, soybeans.price?.basis]).toEqual([0.532, 'USD-2022', 'purchaser'])
  })
})

describe('country grids and leaks', () => {
  test('France is 0.056039 kgCO2e per kWh over the life cycle, which no direct factor may be', () => {
    expect(factor('owid-grid:FRA', '2023').total_kg_co2e).toBe(0.056039)
    expect(new Set(from('owid-grid').map(({ boundary }) => boundary))).toEqual(new Set(['life_cycle']))
  })

  test('a country without a value has no factor: blank is not zero', () => {
    expect(from('owid-grid').filter(({ total_kg_co2e }) => total_kg_co2e === 0)).toEqual([])
  })

  test('a leak of R-410A is half R-32, half R-125', () => {
    const leak = factor('ipcc-gwp:R-410A', 'AR6')
    expect(leak.stages).toEqual([
      { stage: 'fugitive', total_kg_co2e: 2255.5, gases_kg: { 'HFC-32': 0.5, 'HFC-125': 0.5 } },
    ])
  })

  test('R-507A is 4,775 from its parts; Base Carbone’s element 43638 at 2,635 is left out', () => {
    expect(factor('ipcc-gwp:R-507A', 'AR6').total_kg_co2e).toBe(4775)
    expect(byId.has('base-carbone:43638@V23.6')).toBe(false)
    expect(ademe(43637).total_kg_co2e).toBe(4775)
  })
})

test('the fuel of a French car costs the same per litre by three publishers, within what blends explain', () => {
  const litre_ademe = stageOf(ademe(25775), 'combustion') ?? 0
  const litre_desnz = desnz('1_101_1011_8').total_kg_co2e
  const litre_epa = epa('2.diesel-fuel.gallon').total_kg_co2e / 3.785411784
  expect(off(litre_ademe, litre_desnz)).toBeLessThan(0.05)
  expect(off(litre_epa, litre_desnz)).toBeLessThan(0.06)
})

test('each dataset says where it comes from and how to make it again', () => {
  for (const dataset of datasets) {
    expect(existsSync(new URL(`${dataset}/source.md`, here)), `${dataset}/source.md`).toBe(true)
    expect(existsSync(new URL(`${dataset}/build.ts`, here)), `${dataset}/build.ts`).toBe(true)
  }
})

test('every country of a factor is a code that ISO 3166 holds today, so that an inventory can ask for it', () => {
  const withdrawn = factors
    .map(({ geography }) => geography)
    .filter((code) => /^[A-Z]{2}$/.test(code) && new Intl.Locale('und', { region: code }).region !== code)
  expect([...new Set(withdrawn)]).toEqual([])
})
