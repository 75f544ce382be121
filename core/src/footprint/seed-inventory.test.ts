import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Factor } from '../factors/contract.ts'
import type { Problem } from '../lib/problem.ts'
import { requestWith, sample } from './cases/seed-request.ts'
import { Inventory, type InventoryLine } from './contract.ts'
import { libraryOf } from './library.ts'
import { readSeedRequest } from './seed-contract.ts'
import { inventoryOfSeedRequest, settleSeedInventory, type SeedConversion } from './seed-inventory.ts'

const convert = (document: unknown): SeedConversion => inventoryOfSeedRequest(readSeedRequest(document))
const linesOf = (document: unknown): InventoryLine[] => convert(document).inventory.lines
const electricity = (fields: unknown) => requestWith({ energy_data: { electricity: fields } })
const vehicle = (fields: unknown, more = {}) =>
  requestWith({ ...more, transportation_data: { ground_vehicles: [fields] } })
const shipment = (fields: unknown) => requestWith({ transportation_data: { shipping: [fields] } })
const material = (fields: unknown, more = {}) =>
  requestWith({ ...more, supply_chain_data: { raw_materials: [fields] } })
const waste = (fields: unknown, more = {}) => requestWith({ ...more, supply_chain_data: { waste: [fields] } })
const whyNot = (document: unknown) =>
  convert(document)
    .not_counted.map(({ path, reason }) => `${path}: ${reason}`)
    .join('\n')
const noticesOf = (document: unknown) =>
  convert(document)
    .notices.map(({ path, reason }) => `${path}: ${reason}`)
    .join('\n')

/** Pointers to every field of a document that holds something. */
function leavesOf(value: unknown, path = ''): string[] {
  if (value === null || value === undefined || value === '') return []
  if (typeof value !== 'object') return [path]
  return Object.entries(value).flatMap(([key, each]) =>
    leavesOf(each, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  )
}

/** Leaves that the conversion does not speak of: neither they nor anything above them. */
function lost(document: unknown): string[] {
  const { read_fields, unread_fields, not_counted } = convert(document)
  const spoken = [...read_fields, ...unread_fields.map(({ path }) => path), ...not_counted.map(({ path }) => path)]
  const of = (leaf: string) => (path: string) =>
    leaf === path || leaf.startsWith(`${path}/`) || (path.endsWith('/*') && leaf.startsWith(path.slice(0, -1)))
  return leavesOf(document).filter((leaf) => !spoken.some(of(leaf)))
}

describe('the sample of the guide', () => {
  test('becomes nine lines, each with its category', () => {
    expect(
      linesOf(sample).map(({ id, quantity, unit, activity, category }) => [id, quantity, unit, activity, category]),
    ).toEqual([
      ['energy_data.electricity', 50000, 'kWh', 'electricity', '2.1'],
      ['energy_data.natural_gas', 1200, 'therm_gross', 'natural_gas', '1.1'],
      ['energy_data.fuel.gasoline_gallons', 800, 'gal_us', 'petrol', '1.2'],
      ['energy_data.fuel.diesel_gallons', 200, 'gal_us', 'diesel', '1.2'],
      ['energy_data.fuel.heating_oil_gallons', 150, 'gal_us', 'heating_oil', '1.1'],
      ['transportation_data.flights.0', 2, 'passenger', 'flight', '3.6'],
      ['transportation_data.ground_vehicles.0', 15000 / 28, 'gal_us', 'petrol', '1.2'],
      ['supply_chain_data.raw_materials.0', 50, 'short_ton', 'steel', '3.1'],
      ['supply_chain_data.waste.0', 2, 'short_ton', 'waste', '3.5'],
    ])
  })

  test('leaves nothing unspoken of, and says what was not counted', () => {
    expect(lost(sample)).toEqual([])
    expect(convert(sample).not_counted.map(({ path }) => path)).toEqual([
      '/transportation_data/shipping/0',
      '/facility_data/buildings/0',
      '/facility_data/industrial_processes/0',
      '/supply_chain_data/raw_materials/0/transport_mode',
      '/supply_chain_data/products/0',
    ])
  })

  test('warns that the gasoline bought and the gasoline of the sedan may be the same', () => {
    expect(convert(sample).warnings.map(({ code, line_ids }) => [code, line_ids])).toEqual([
      ['fleet-by-fuel-and-distance', ['energy_data.fuel.gasoline_gallons', 'transportation_data.ground_vehicles.0']],
    ])
  })

  test('is an inventory of the United States under AR5, by the company’s own name', () => {
    const { inventory } = convert(sample)
    expect(Inventory.parse(inventory)).toEqual(inventory)
    expect(inventory.organisation).toEqual({ id: 'comp_123', name: 'comp_123', country: 'US', sector: 'technology' })
    expect(inventory.gwp_set).toBe('AR5')
    expect(noticesOf(sample)).toContain('/country: No country was sent: US is taken')
    const french = convert({ ...sample, country: 'FR', company_name: 'Marée' }).inventory
    expect([french.organisation.name, french.organisation.country, french.gwp_set]).toEqual([
      'Marée',
      'FR',
      'AR5-fossil-ch4',
    ])
  })
})

describe('electricity', () => {
  test.each([
    ['regional_average', undefined],
    ['national_average', undefined],
    ['camx', 'US-CAMX'],
    ['US-NYUP', 'US-NYUP'],
    ['eGRID ERCT', 'US-ERCT'],
    ['california', 'US-CAMX'],
    ['Texas', 'US-ERCT'],
    ['Pacific Gas & Electric', undefined],
    ['constructor', undefined],
  ])('takes the grid of %s', (grid_mix, region) => {
    expect(linesOf(electricity({ consumption_kwh: 1, grid_mix }))[0]?.attributes?.region).toBe(region)
  })

  test('says so when a grid is not known, names no region, or lies elsewhere', () => {
    expect(noticesOf(electricity({ consumption_kwh: 1, grid_mix: 'PG&E' }))).toContain('"PG&E" is no eGRID subregion')
    expect(noticesOf(electricity({ consumption_kwh: 1, grid_mix: 'regional_average' }))).toContain(
      'does not say which region',
    )
    expect(noticesOf(electricity({ consumption_kwh: 1, grid_mix: 'usa_national_average' }))).not.toContain('grid_mix')
    const french = { ...electricity({ consumption_kwh: 1, grid_mix: 'california' }), country: 'FR' }
    expect(noticesOf(french)).toContain('lies in the United States')
    expect(linesOf(french)[0]?.attributes).toBeUndefined()
  })

  test('takes the region from grid_region when grid_mix names none', () => {
    const given = { consumption_kwh: 1, grid_mix: 'regional_average', grid_region: 'MROE' }
    expect(linesOf(electricity(given))[0]?.attributes).toEqual({ region: 'US-MROE' })
  })

  test('is the total of the period, whatever time_period says, and says so when the two differ', () => {
    for (const [time_period, told] of [
      ['monthly', true],
      ['annual', false],
      ['fortnightly', true],
    ] as const) {
      const document = electricity({ consumption_kwh: 50000, time_period })
      expect(linesOf(document)[0]?.quantity).toBe(50000)
      expect(noticesOf(document).includes('time_period')).toBe(told)
    }
    const january = {
      ...electricity({ consumption_kwh: 1, time_period: 'monthly' }),
      reporting_period: { start_date: '2025-01-01', end_date: '2025-01-31' },
    }
    expect(noticesOf(january)).not.toContain('time_period')
  })

  test('without consumption is the sum of readings that are surely use per interval', () => {
    // 4100 + 3900 + 4300 = 12300; a register never runs backwards, so the second says that these are intervals.
    const [line] = linesOf(electricity({ meter_readings: [4100, 3900, 4300] }))
    expect([line?.quantity, line?.data_quality]).toEqual([12300, { reliability: 5, technical: 5, geographic: 5 }])
    expect(
      linesOf(electricity({ meter_readings: [{ consumption_kwh: 1, at: 'x' }, null, { consumption_kwh: 2 }] }))[0]
        ?.quantity,
    ).toBe(3)
  })

  test('refuses readings that may be positions of a register', () => {
    for (const meter_readings of [[120000, 124100, 128000], [50000], [5, 5], [1, { consumption_kwh: 2 }]]) {
      const { inventory, not_counted } = convert(electricity({ meter_readings }))
      expect([inventory.lines, not_counted.map(({ path }) => path)]).toEqual([
        [],
        ['/energy_data/electricity/meter_readings'],
      ])
    }
  })

  test('and readings that agree make the figure a metered one; those that do not are told and fail the check', () => {
    for (const meter_readings of [
      [6000, 4000],
      [120000, 124000, 130000],
    ]) {
      const { inventory, checks } = convert(electricity({ consumption_kwh: 10000, meter_readings }))
      expect(inventory.lines[0]?.data_quality?.completeness).toBe(5)
      expect(checks.every((check) => check.passed)).toBe(true)
    }
    const { inventory, checks, notices } = convert(
      electricity({ consumption_kwh: 10000, meter_readings: [9000, 4000] }),
    )
    expect([inventory.lines[0]?.quantity, inventory.lines[0]?.data_quality]).toEqual([10000, undefined])
    expect(checks.filter((check) => !check.passed).map(({ path }) => path)).toEqual([
      '/energy_data/electricity/meter_readings',
    ])
    expect(notices.map(({ reason }) => reason).join()).toContain('13000 kWh')
  })
})

describe('gas and fuels', () => {
  const gas = (fields: unknown) => requestWith({ energy_data: { natural_gas: fields } })
  test.each(['higher_heating_value', 'HHV', 'Higher Heating-Value', 'gross', undefined, null, ''])(
    'counts therms by %s',
    (heating_value) => {
      expect(linesOf(gas({ consumption_therms: 1200, heating_value }))[0]).toMatchObject({
        quantity: 1200,
        unit: 'therm_gross',
      })
    },
  )
  test.each(['lower_heating_value', 'LHV', 'net', 'middling'])(
    'refuses therms by %s and says what would help',
    (heating_value) => {
      const { inventory, not_counted, checks } = convert(gas({ consumption_therms: 1200, heating_value }))
      expect(inventory.lines).toEqual([])
      expect(not_counted[0]?.path).toBe('/energy_data/natural_gas')
      expect(checks.some((check) => check.passed)).toBe(false)
    },
  )
  test('zero is a figure, null is none', () => {
    const fuel = { gasoline_gallons: 0, diesel_gallons: null, heating_oil_gallons: '' }
    expect(linesOf(requestWith({ energy_data: { fuel } })).map(({ id, quantity }) => [id, quantity])).toEqual([
      ['energy_data.fuel.gasoline_gallons', 0],
    ])
  })
  test('a figure that no organisation has is counted, told and fails its check', () => {
    const { inventory, checks, notices } = convert(electricity({ consumption_kwh: 5e11 }))
    expect([inventory.lines.length, checks[0]?.passed, notices[0]?.path]).toEqual([
      1,
      false,
      '/energy_data/electricity/consumption_kwh',
    ])
  })
})

describe('flights', () => {
  const flight = (fields: unknown) =>
    requestWith({
      transportation_data: {
        flights: [{ origin_airport: 'sfo ', destination_airport: 'LAX', passengers: 2, ...(fields as object) }],
      },
    })
  test('carry airports, class and legs', () => {
    expect(linesOf(flight({ class: 'First Class', round_trip: true }))[0]?.attributes).toEqual({
      from: 'SFO',
      to: 'LAX',
      round_trip: true,
      class: 'first',
    })
    expect(linesOf(flight({}))[0]?.attributes).toEqual({ from: 'SFO', to: 'LAX', round_trip: false })
    expect(noticesOf(flight({}))).toContain('counted one way')
  })
  test('of an unknown class are counted at the average, and say so', () => {
    expect(noticesOf(flight({ class: 'cargo hold' }))).toContain('average of all classes')
  })
  test.each(['origin_airport', 'destination_airport', 'passengers'])('without %s are not counted', (field) => {
    expect(linesOf(flight({ [field]: null }))).toEqual([])
    expect(whyNot(flight({ [field]: null }))).toContain(field)
  })
  test.each([0, 1.5, 1e9])('with %d passengers fail the check', (passengers) => {
    expect(convert(flight({ passengers })).checks).toMatchObject([{ passed: false }])
  })
})

describe('vehicles', () => {
  test('with miles per gallon are counted by the fuel, and the line says how', () => {
    // 15000 ÷ 28 = 535.7143 gallons.
    const [line] = linesOf(
      vehicle({ vehicle_type: 'sedan', fuel_type: 'gasoline', distance_miles: 15000, fuel_efficiency_mpg: 28 }),
    )
    expect(line?.quantity).toBeCloseTo(535.714286, 6)
    expect(line?.comment).toBe('15000 miles ÷ 28 miles per gallon = 535.7143 US gallons.')
  })
  test.each([
    ['sedan', 'US', 'car'],
    ['SUV', 'US', 'van'],
    ['suv', 'GB', 'car'],
    ['van', 'US', 'van'],
    ['pickup truck', 'US', 'van'],
    ['truck', 'US', 'truck_freight'],
    ['motorcycle', 'US', 'motorbike'],
  ])('%s in %s without miles per gallon is counted by the mile as %s', (vehicle_type, country, activity) => {
    const [line] = linesOf(vehicle({ vehicle_type, distance_miles: 100 }, { country }))
    expect([line?.quantity, line?.unit, line?.activity, line?.category]).toEqual([100, 'vehicle.mi', activity, '1.2'])
  })
  test('by the mile state the fuel where factors tell it apart', () => {
    const car = (fuel_type: string, country: string) =>
      linesOf(vehicle({ vehicle_type: 'sedan', fuel_type, distance_miles: 1 }, { country }))[0]?.attributes
    expect(car('diesel', 'GB')).toEqual({ fuel: 'diesel' })
    expect(car('diesel', 'US')).toBeUndefined()
    expect(car('plug-in hybrid', 'US')).toEqual({ fuel: 'plug_in_hybrid' })
  })
  test.each([0, 1.9, 151, 1e12])(
    'with %d miles per gallon fall back to the mile, and the check fails',
    (fuel_efficiency_mpg) => {
      const { inventory, checks } = convert(
        vehicle({ vehicle_type: 'sedan', fuel_type: 'gasoline', distance_miles: 100, fuel_efficiency_mpg }),
      )
      expect(inventory.lines[0]?.unit).toBe('vehicle.mi')
      expect(checks.filter((check) => !check.passed).map(({ path }) => path)).toEqual([
        '/transportation_data/ground_vehicles/0/fuel_efficiency_mpg',
      ])
    },
  )
  test('that run on electricity are counted by their kWh, and only when no meter is stated', () => {
    const ev = { vehicle_type: 'sedan', fuel_type: 'electric', distance_miles: 10000, fuel_efficiency_mpg: 100 }
    // 10000 ÷ 100 × 33.7 = 3370 kWh.
    const [charged] = linesOf(vehicle(ev))
    expect(charged).toMatchObject({ unit: 'kWh', activity: 'electricity', category: '2.1' })
    expect(charged?.quantity).toBeCloseTo(3370, 9)
    expect(linesOf(vehicle(ev, { energy_data: { electricity: { consumption_kwh: 1 } } })).map(({ id }) => id)).toEqual([
      'energy_data.electricity',
    ])
    expect(whyNot(vehicle({ ...ev, fuel_efficiency_mpg: null }))).toContain('miles alone do not tell')
  })
  test('of no known type, or without distance, are not counted', () => {
    expect(whyNot(vehicle({ vehicle_type: 'hovercraft', distance_miles: 5 }))).toContain('hovercraft')
    expect(whyNot(vehicle({ vehicle_type: 'sedan', fuel_efficiency_mpg: 28 }))).toContain('without a distance')
  })
  test('beside another fuel than theirs do not count anything twice', () => {
    const diesel = { energy_data: { fuel: { diesel_gallons: 10 } } }
    expect(
      convert(
        vehicle({ vehicle_type: 'sedan', fuel_type: 'gasoline', distance_miles: 1, fuel_efficiency_mpg: 20 }, diesel),
      ).warnings,
    ).toEqual([])
  })
})

describe('shipping', () => {
  test.each([
    ['ground_freight', 'truck_freight'],
    ['Rail', 'rail_freight'],
    ['ocean', 'sea_freight'],
    ['air', 'air_freight'],
  ])('by %s with a distance is %s', (shipping_method, activity) => {
    // 5000 lb = 2.5 short tons × 2800 miles = 7000 short ton-miles.
    const [line] = linesOf(shipment({ weight_lbs: 5000, shipping_method, distance_miles: 2800 }))
    expect([line?.quantity, line?.unit, line?.activity, line?.category]).toEqual([
      7000,
      'short_ton.mi',
      activity,
      '3.4',
    ])
  })
  test('reads kilometres too, and miles before kilometres', () => {
    const by_km = linesOf(shipment({ weight_lbs: 2000, shipping_method: 'rail', distance_km: 1609.344 }))[0]
    expect(by_km?.quantity).toBeCloseTo(1000, 9)
    expect(
      linesOf(shipment({ weight_lbs: 2000, shipping_method: 'rail', distance_km: 5, distance_miles: 7 }))[0]?.quantity,
    ).toBe(7)
  })
  test.each([
    [{ weight_lbs: 1, shipping_method: 'air', origin: 'A', destination: 'B' }],
    [{ weight_lbs: 1, distance_miles: 5, shipping_method: 'pigeon' }],
    [{ distance_miles: 5, shipping_method: 'air' }],
  ])('without weight, distance or a known means is not counted: %o', (fields) => {
    expect(linesOf(shipment(fields))).toEqual([])
    expect(convert(shipment(fields)).not_counted).toHaveLength(1)
  })
})

describe('facilities', () => {
  const process = {
    process_type: 'anodising',
    production_volume: 10000,
    energy_intensity: 2.5,
    materials_used: ['acid'],
  }
  test('a process is electricity only when no electricity is stated', () => {
    // 10000 units × 2.5 kWh = 25000 kWh.
    const alone = convert(requestWith({ facility_data: { industrial_processes: [process] } }))
    expect(alone.inventory.lines[0]).toMatchObject({
      quantity: 25000,
      unit: 'kWh',
      activity: 'electricity',
      category: '2.1',
    })
    expect(alone.not_counted.map(({ path }) => path)).toEqual(['/facility_data/industrial_processes/0/materials_used'])
    const beside = requestWith({
      facility_data: { industrial_processes: [process] },
      energy_data: { electricity: { consumption_kwh: 1 } },
    })
    expect(linesOf(beside).map(({ id }) => id)).toEqual(['energy_data.electricity'])
    expect(whyNot(beside)).toContain('count it twice')
  })
  test('a building is never emissions', () => {
    expect(whyNot(requestWith({ facility_data: { buildings: [{ square_footage: 100000 }] } }))).toContain(
      'do not tell how much energy',
    )
  })
})

describe('supply chain', () => {
  test.each([
    ['steel', 'steel', undefined],
    ['Aluminum', 'aluminium', undefined],
    ['copper', 'copper', undefined],
    ['concrete', 'concrete', undefined],
    ['glass', 'glass', undefined],
    ['plastics', 'plastic', undefined],
    ['HDPE', 'plastic', { polymer: 'hdpe' }],
    ['paper', 'paper', undefined],
    ['timber', 'wood_material', undefined],
    ['recycled steel', 'steel', { origin: 'recycled' }],
  ])('%s is %s', (material_type, activity, attributes) => {
    const [line] = linesOf(material({ material_type, quantity_tons: 1 }))
    expect([line?.activity, line?.attributes]).toEqual([activity, attributes])
  })
  test('takes a ton as the short ton in the United States and as the tonne elsewhere, and says which', () => {
    for (const [country, unit, says] of [
      ['US', 'short_ton', 'short tons'],
      ['FR', 't', 'metric tonnes'],
    ] as const) {
      const document = material({ material_type: 'steel', quantity_tons: 50 }, { country })
      expect(linesOf(document)[0]?.unit).toBe(unit)
      expect(noticesOf(document)).toContain(says)
    }
  })
  test('looks for the factor of the country of origin', () => {
    const origin = (origin_country: string) =>
      linesOf(material({ material_type: 'steel', quantity_tons: 1, origin_country }))[0]?.attributes?.country
    expect([origin('USA'), origin('DE'), origin('Germany'), origin('Atlantis')]).toEqual(['US', 'DE', 'DE', undefined])
  })
  test('does not count what it knows no factor for', () => {
    expect(whyNot(material({ material_type: 'unobtainium', quantity_tons: 1 }))).toContain('unobtainium')
    expect(whyNot(material({ material_type: 'toString', quantity_tons: 1 }))).toContain('toString')
  })
  test('never counts products made, because their making is counted already', () => {
    expect(
      whyNot(requestWith({ supply_chain_data: { products: [{ product_category: 'laptop', units_produced: 10 }] } })),
    ).toContain('count it twice')
  })
  test.each([
    ['electronic', 'recycling', 'electronics', 'recycling'],
    ['MSW', 'landfilled', 'household', 'landfill'],
    ['food waste', 'composted', 'food', 'composting'],
    ['tires', 'waste-to-energy', 'tyres', 'incineration'],
    ['organic', 'anaerobic digestion', 'food', 'anaerobic_digestion'],
  ])('waste: %s by %s', (waste_type, disposal_method, material_name, treatment) => {
    expect(linesOf(waste({ waste_type, disposal_method, quantity_tons: 1 }))[0]?.attributes).toEqual({
      material: material_name,
      treatment,
    })
  })
  test.each([
    [{ waste_type: 'electronic', quantity_tons: 1 }],
    [{ disposal_method: 'landfill', quantity_tons: 1 }],
    [{ waste_type: 'paper', disposal_method: 'landfill' }],
    [{ waste_type: 'paper', disposal_method: 'magic', quantity_tons: 1 }],
  ])('waste without material, treatment or quantity is not counted: %o', (fields) => {
    expect(linesOf(waste(fields))).toEqual([])
    expect(convert(waste(fields)).not_counted).toHaveLength(1)
  })
})

describe('what has no place', () => {
  test('production data are listed, key by key, and never counted', () => {
    const { inventory, not_counted } = convert(
      requestWith({ production_data: { tonnes: 5, 'a/b': { c: [1] }, empty: null } }),
    )
    expect(inventory.lines).toEqual([])
    expect(not_counted.map(({ path }) => path)).toEqual(['/production_data/tonnes', '/production_data/a~1b'])
  })
  test('unknown fields are named where they stand, and many of them together', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`x${n}`, n]))
    const document = {
      ...sample,
      goal: { year: 2030 },
      energy_data: { electricity: { consumption_kwh: 1, phase: 3 }, ...many },
    }
    const paths = convert(document).unread_fields.map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining(['/goal', '/energy_data/electricity/phase', '/energy_data/*']))
    expect(lost(document)).toEqual([])
  })
  test('a whole unknown entry is named once', () => {
    expect(
      convert(requestWith({ transportation_data: { flights: [{ ticket: 7 }] } })).not_counted.map(({ path }) => path),
    ).toEqual(['/transportation_data/flights/0'])
    expect(convert(requestWith({ transportation_data: { flights: [{}, { class: null }] } })).not_counted).toEqual([])
  })
})

describe('any request', () => {
  const anyNumber = fc.oneof(
    fc.double({ min: 0, max: 1e12, noNaN: true }),
    fc.integer({ min: 0, max: 200 }),
    fc.constant(null),
  )
  const anyWord = fc.constantFrom(
    null,
    '',
    'gasoline',
    'electric',
    'sedan',
    'truck',
    'steel',
    'paper',
    'recycling',
    'landfill',
    'air',
    'rail',
    'economy',
    'SFO',
    'LAX',
    'CAMX',
    'monthly',
    'higher',
    'USA',
    '?',
  )
  const anyFlag = fc.constantFrom(null, true, false)
  const arbitrary = (like: unknown): fc.Arbitrary<unknown> => {
    if (Array.isArray(like))
      return like.length > 0 ? fc.array(arbitrary(like[0]), { maxLength: 3 }) : fc.array(anyNumber, { maxLength: 4 })
    if (typeof like === 'object' && like !== null) {
      const shape = Object.fromEntries(Object.entries(like).map(([key, each]) => [key, arbitrary(each)]))
      return fc.record({ ...shape, extra: fc.jsonValue({ maxDepth: 2 }) }, { requiredKeys: [] })
    }
    return typeof like === 'number' ? anyNumber : typeof like === 'boolean' ? anyFlag : anyWord
  }
  const sections = arbitrary({
    energy_data: sample.energy_data,
    transportation_data: sample.transportation_data,
    facility_data: { ...sample.facility_data, buildings: [{ square_footage: 1, year_built: 1, location: 'x' }] },
    supply_chain_data: sample.supply_chain_data,
    production_data: { a: 1 },
  })
  const anyRequest = fc.tuple(sections, fc.constantFrom('US', 'FR', 'GB', undefined)).map(([given, country]) => {
    const document = requestWith({ ...(given as object), ...(country ? { country } : {}) })
    const { facility_data } = document as { facility_data?: { buildings?: { year_built?: number | null }[] } | null }
    for (const building of facility_data?.buildings ?? []) if (building.year_built) building.year_built %= 3000
    return document
  })

  test('loses no field, gives an inventory that the engine reads, and no line twice', () => {
    fc.assert(
      fc.property(anyRequest, (document) => {
        expect(lost(document)).toEqual([])
        const { inventory, line_sources, checks, read_fields } = convert(document)
        if (inventory.lines.length > 0) expect(Inventory.safeParse(inventory).error).toBeUndefined()
        expect(Object.keys(line_sources)).toHaveLength(inventory.lines.length)
        expect(new Set(read_fields).size).toBe(read_fields.length)
        for (const check of checks) expect(check.passed || check.reason !== undefined).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('is read the same way twice', () => {
    const same = (document: unknown) => {
      expect(convert(structuredClone(document))).toEqual(convert(document))
    }
    fc.assert(fc.property(anyRequest, same), { numRuns: 50 })
  })
})

describe('settling with a library', () => {
  const petrol: Factor = {
    id: 'test:petrol',
    dataset: 'test',
    publisher: 'Test',
    edition: '1',
    row: '1',
    name: { en: 'Petrol', fr: 'Essence' },
    activity: 'petrol',
    unit: 'gal_us',
    total_kg_co2e: 8.78,
    stages: [{ stage: 'combustion', total_kg_co2e: 8.78 }],
    boundary: 'direct',
    gwp_set: 'AR5',
    geography: 'US',
    status: 'valid',
    source: { title: 'Test', url: '', licence: '' },
  }
  const library = libraryOf({ factors: [petrol] })

  test('keeps what can be calculated and moves the rest to not_counted with the engine’s reason', () => {
    const before = convert(sample)
    const after = settleSeedInventory(before, library)
    expect(after.inventory.lines.map(({ id }) => id)).toEqual([
      'energy_data.fuel.gasoline_gallons',
      'transportation_data.ground_vehicles.0',
    ])
    expect(after.not_counted).toHaveLength(before.not_counted.length + 7)
    expect(after.not_counted.find(({ path }) => path === '/transportation_data/flights/0')).toEqual({
      path: '/transportation_data/flights/0',
      reason: 'This is not the IATA code of an airport with scheduled flights. GET /api/v1/airports?q= finds codes.',
      what_would_help: 'The IATA codes of two airports with scheduled flights.',
    })
    expect(after.read_fields).not.toContain('/transportation_data/flights/0/passengers')
    expect(after.checks.find(({ path }) => path === '/energy_data/electricity/consumption_kwh')?.passed).toBe(false)
    expect(after.warnings).toEqual(before.warnings)
  })

  test('refuses a request of which nothing is left, and every fault says what would help', () => {
    for (const document of [
      requestWith({}),
      requestWith({ facility_data: { buildings: [{ occupancy: 5 }] } }),
      electricity({ consumption_kwh: 5 }),
    ]) {
      try {
        settleSeedInventory(convert(document), library)
        expect.unreachable()
      } catch (error) {
        expect((error as Problem).type).toBe('footprint/invalid-seed-request')
        expect((error as Problem).details.faults).toHaveLength(1)
      }
    }
  })

  test('refuses a figure beyond a gigatonne instead of leaving it out', () => {
    const absurd = requestWith({ energy_data: { fuel: { gasoline_gallons: 1e12 } } })
    expect(() => settleSeedInventory(convert(absurd), library)).toThrowError(/any organisation emits/)
  })
})
