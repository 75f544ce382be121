/**
 * The inventory that the answers to the questionnaire make. Nothing is assumed: a question without an answer gives no
 * line, a unit that was not chosen gives no line, and what is missing is listed by `gapsOf`.
 */
import { conversionFactor } from '../lib/quantity.ts'
import type { Inventory, InventoryLine } from './contract.ts'
import { evidenceGrades, type Evidence } from './evidence.ts'
import {
  faultsOf,
  isAsked,
  isFieldAsked,
  rowsOf,
  unitOf,
  type AnswerValue,
  type Answers,
} from './questionnaire-answers.ts'
import {
  capitalNaics,
  factorMoney,
  findQuestion,
  goodsSectors,
  ownSources,
  serviceSectors,
  type Field,
  type Scalar,
  type Sector,
} from './questionnaire.ts'

/**
 * The inventory that these answers make. Deterministic and free of words: the same answers give the same document in
 * every language. Unanswered, "I don't know" and faulty answers give no line; without a country or a name those fields
 * stay empty, and an inventory with empty fields or no lines is refused by `checkInventory`.
 */
export function inventoryOf(answers: Answers): Inventory {
  const read = reader(answers)
  const company = read.question('company')
  const year = company.number('year')
  const country = company.text('country') ?? ''
  const employees = company.number('employees')
  const sector = company.text('sector')?.trim()
  const price_indices: Inventory['price_indices'] = []
  const money = (id: string, activity: string, naics: (sector: string) => string | undefined) =>
    spendLines(read, id, activity, naics, { country, year }, price_indices)
  const lines: InventoryLine[] = [
    ...electricityLines(read),
    ...heatingLines(read),
    ...refrigerantLines(read),
    ...vehicleLines(read),
    ...flightLines(read),
    ...travelLines(read),
    ...commutingLines(read),
    ...money('services', 'purchase_services', naicsIn(serviceSectors)),
    ...money('goods', 'purchase_goods', naicsIn(goodsSectors)),
    ...equipmentLines(read),
    ...wasteLines(read),
    ...freightLines(read),
    ...mealLines(read),
    ...investmentLines(read),
    ...money('investments', 'capital_goods', (key) => capitalNaics[key]),
  ]
  return {
    organisation: {
      name: company.text('name')?.trim() ?? '',
      country,
      ...(sector ? { sector } : {}),
      ...(employees === undefined ? {} : { employees }),
    },
    reporting_period:
      year === undefined
        ? { start_date: '', end_date: '' }
        : { start_date: `${year}-01-01`, end_date: `${year}-12-31` },
    // The set that the country's own publisher weights with, so that its published totals stand to the last digit.
    gwp_set: country === 'FR' ? 'AR5-fossil-ch4' : 'AR5',
    radiative_forcing: 'included',
    residual_mix: [],
    price_indices,
    lines,
  }
}

/** Reads answers that stand, and only those: faulty, unasked and unknown ones are as if they were not there. */
function reader(answers: Answers) {
  const faulty = new Set(faultsOf(answers).map((fault) => `${fault.question}.${fault.field}.${fault.row ?? ''}`))
  return {
    question(id: string) {
      const question = findQuestion(id)
      const given = answers[id]
      const answer = question && given && !given.unknown && isAsked(question, answers) ? given : undefined
      const field = (field_id: string): Field | undefined =>
        question?.fields.find((each) => each.id === field_id && isFieldAsked(each, answers))
      const stands = (field_id: string): AnswerValue | undefined =>
        field(field_id) && !faulty.has(`${id}.${field_id}.`) ? answer?.[field_id] : undefined
      const grades = stands('evidence')
      return {
        number: (field_id: string): number | undefined => numberIn(stands(field_id)),
        text: (field_id: string): string | undefined => textIn(stands(field_id)),
        yes: (field_id: string): boolean => stands(field_id) === true,
        choices: (field_id: string): readonly string[] => {
          const value = stands(field_id)
          return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []
        },
        unit: (field_id: string): string | undefined => {
          const found = field(field_id)
          return answer && found?.type === 'number' ? unitOf(found, answer, answers) : undefined
        },
        /** Rows with their position, each read like a question of its own. */
        rows: (field_id: string) => {
          const list = field(field_id)
          if (list?.type !== 'list') return []
          return rowsOf(stands(field_id)).map((row, index) => {
            const value = (item_id: string): Scalar | undefined =>
              faulty.has(`${id}.${field_id}.${item_id}.${index}`) ? undefined : row[item_id]
            return {
              position: index + 1,
              number: (item_id: string): number | undefined => numberIn(value(item_id)),
              text: (item_id: string): string | undefined => textIn(value(item_id)),
              flag: (item_id: string): boolean | undefined =>
                typeof value(item_id) === 'boolean' ? value(item_id) === true : undefined,
              unit: (item_id: string): string | undefined => {
                const item = list.item.find((each) => each.id === item_id)
                return item?.type === 'number' ? unitOf(item, row, answers) : undefined
              },
            }
          })
        },
        quality: (typeof grades === 'string' && Object.hasOwn(evidenceGrades, grades)
          ? { data_quality: { ...evidenceGrades[grades as Evidence] } }
          : {}) as Pick<InventoryLine, 'data_quality'>,
      }
    },
  }
}
type Reader = ReturnType<typeof reader>

const numberIn = (value: AnswerValue | undefined): number | undefined => (typeof value === 'number' ? value : undefined)
const textIn = (value: AnswerValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

function electricityLines(read: Reader): InventoryLine[] {
  const answer = read.question('electricity')
  const quantity = answer.number('kwh')
  if (quantity === undefined) return []
  const share_percent = answer.number('share_percent')
  const g_per_kwh = answer.number('contract_g_per_kwh')
  const covered = answer.yes('green') && share_percent !== undefined && g_per_kwh !== undefined
  return [
    {
      id: 'electricity',
      quantity,
      unit: 'kWh',
      activity: 'electricity',
      category: '2.1',
      ...(covered
        ? {
            contract: {
              type: 'guarantee_of_origin' as const,
              kg_co2e_per_kwh: g_per_kwh / 1000,
              share: share_percent / 100,
              source: ownSources.contract.en,
            },
          }
        : {}),
      ...answer.quality,
    },
  ]
}

const heatingCategory: Record<string, InventoryLine['category']> = { district_heating: '2.2' }

function heatingLines(read: Reader): InventoryLine[] {
  const answer = read.question('heating')
  return ['natural_gas', 'heating_oil', 'district_heating', 'wood_pellets', 'lpg'].flatMap((source) => {
    const quantity = answer.number(source)
    const unit = answer.unit(source)
    if (quantity === undefined || unit === undefined) return []
    return [
      {
        id: `heating-${source}`,
        quantity,
        unit,
        activity: source,
        category: heatingCategory[source] ?? '1.1',
        ...answer.quality,
      },
    ]
  })
}

function refrigerantLines(read: Reader): InventoryLine[] {
  const answer = read.question('refrigerants')
  return answer.rows('leaks').flatMap((row) => {
    const gas = row.text('gas')
    const quantity = row.number('mass')
    const unit = row.unit('mass')
    if (gas === undefined || quantity === undefined || unit === undefined) return []
    return [
      {
        id: `refrigerants-${row.position}`,
        quantity,
        unit,
        activity: 'refrigerant_leak',
        attributes: { gas },
        category: '1.4' as const,
        ...answer.quality,
      },
    ]
  })
}

function vehicleLines(read: Reader): InventoryLine[] {
  const answer = read.question('vehicles')
  const fuels = answer.rows('fuels').flatMap((row): InventoryLine[] => {
    const activity = row.text('fuel')
    const quantity = row.number('volume')
    const unit = row.unit('volume')
    if (activity === undefined || quantity === undefined || unit === undefined) return []
    return [{ id: `vehicles-fuel-${row.position}`, quantity, unit, activity, category: '1.2', ...answer.quality }]
  })
  const distances = answer.rows('distances').flatMap((row): InventoryLine[] => {
    const [activity, fuel] = row.text('vehicle')?.split('-') ?? []
    const quantity = row.number('distance')
    const unit = row.unit('distance')
    if (activity === undefined || fuel === undefined || quantity === undefined || unit === undefined) return []
    return [
      {
        id: `vehicles-distance-${row.position}`,
        quantity,
        unit: `vehicle.${unit}`,
        activity,
        attributes: { fuel },
        category: '1.2',
        ...answer.quality,
      },
    ]
  })
  return [...fuels, ...distances]
}

function flightLines(read: Reader): InventoryLine[] {
  const answer = read.question('flights')
  return answer.rows('routes').flatMap((row): InventoryLine[] => {
    const [from, to, cabin] = [row.text('from'), row.text('to'), row.text('class')]
    const quantity = row.number('trips')
    const round_trip = row.flag('round_trip')
    if (
      from === undefined ||
      to === undefined ||
      cabin === undefined ||
      quantity === undefined ||
      round_trip === undefined
    )
      return []
    return [
      {
        id: `flights-${row.position}`,
        quantity,
        unit: 'passenger',
        activity: 'flight',
        attributes: { from, to, class: cabin, round_trip },
        category: '3.6',
        ownership: 'third_party',
        ...answer.quality,
      },
    ]
  })
}

/** People are counted in passenger.km, cars in vehicle.km: a car carries its driver's whole trip. */
const countedByVehicle = new Set(['car', 'motorbike', 'electric_bike'])

function travelLines(read: Reader): InventoryLine[] {
  const answer = read.question('travel')
  const journeys = answer.rows('journeys').flatMap((row): InventoryLine[] => {
    const activity = row.text('mode')
    const quantity = row.number('distance')
    const unit = row.unit('distance')
    if (activity === undefined || quantity === undefined || unit === undefined) return []
    const counted = countedByVehicle.has(activity) ? `vehicle.${unit}` : `passenger.${unit}`
    return [
      {
        id: `travel-${row.position}`,
        quantity,
        unit: counted,
        activity,
        category: '3.6',
        ownership: 'third_party',
        ...answer.quality,
      },
    ]
  })
  const nights = answer.number('nights')
  if (nights === undefined) return journeys
  return [
    ...journeys,
    {
      id: 'travel-hotel',
      quantity: nights,
      unit: 'room.night',
      activity: 'hotel_night',
      category: '3.6',
      ownership: 'third_party',
      ...answer.quality,
    },
  ]
}

/** A working day at home, in hours: what the publisher of the homeworking factor takes for full time. */
const HOURS_PER_DAY = 8

function commutingLines(read: Reader): InventoryLine[] {
  const answer = read.question('commuting')
  return answer.rows('groups').flatMap((row): InventoryLine[] => {
    const mode = row.text('mode')
    const people = row.number('people')
    const days = row.number('days')
    if (mode === undefined || people === undefined || days === undefined || mode === 'walk') return []
    const common = {
      id: `commuting-${row.position}`,
      category: '3.7' as const,
      ownership: 'third_party' as const,
      ...answer.quality,
    }
    if (mode === 'home')
      return [{ ...common, quantity: people * days * HOURS_PER_DAY, unit: 'fte.hour', activity: 'homeworking' }]
    const distance = row.number('distance')
    const unit = row.unit('distance')
    if (distance === undefined || unit === undefined) return []
    const [activity = mode, fuel] = mode.split('-')
    const counted = countedByVehicle.has(activity) ? `vehicle.${unit}` : `passenger.${unit}`
    return [
      {
        ...common,
        quantity: people * days * distance,
        unit: counted,
        activity,
        ...(fuel ? { attributes: { fuel } } : {}),
      },
    ]
  })
}

/** Industries up to manufacturing (NAICS 11 to 33) sell goods, the others services; so the US factors are filed. */
const activityOfNaics = (code: string): string => (code < '34' ? 'purchase_goods' : 'purchase_services')

const naicsIn =
  (list: readonly Sector[]) =>
  (key: string): string | undefined =>
    list.find(([each]) => each === key)?.[1]

function spendLines(
  read: Reader,
  id: string,
  activity: string,
  naics: (sector: string) => string | undefined,
  company: { country: string; year: number | undefined },
  price_indices: Inventory['price_indices'],
): InventoryLine[] {
  const answer = read.question(id)
  const coin = answer.text('currency')
  const rate = answer.number('price_rate')
  if (coin === undefined || company.year === undefined) return []
  const from = `${coin}-${company.year}`
  const to = factorMoney(company.country)
  if (from !== to && rate === undefined) return []
  const lines = answer.rows('spend').flatMap((row): InventoryLine[] => {
    const sector = row.text('sector')
    const quantity = row.number('thousands')
    if (sector === undefined || quantity === undefined) return []
    const code = company.country === 'US' ? naics(sector) : undefined
    return [
      {
        id: `${id}-${row.position}`,
        quantity,
        unit: `k${from}`,
        activity: code === undefined ? activity : activityOfNaics(code),
        attributes: code === undefined ? { sector } : { naics: code },
        category: activity === 'capital_goods' ? '3.2' : '3.1',
        ...answer.quality,
      },
    ]
  })
  const stated = price_indices.some((index) => index.from === from && index.to === to)
  if (lines.length > 0 && from !== to && rate !== undefined && !stated) {
    price_indices.push({ from, to, rate, source: ownSources.rate.en })
  }
  return lines
}

const equipment = ['laptop', 'desktop_computer', 'monitor', 'smartphone', 'tablet', 'printer', 'server'] as const

function equipmentLines(read: Reader): InventoryLine[] {
  const answer = read.question('equipment')
  return equipment.flatMap((activity) => {
    const quantity = answer.number(activity)
    return quantity === undefined
      ? []
      : [{ id: `equipment-${activity}`, quantity, unit: 'item', activity, category: '3.2' as const, ...answer.quality }]
  })
}

function wasteLines(read: Reader): InventoryLine[] {
  const answer = read.question('waste')
  return answer.rows('streams').flatMap((row): InventoryLine[] => {
    const [material, treatment] = row.text('stream')?.split('.') ?? []
    const quantity = row.number('mass')
    const unit = row.unit('mass')
    if (material === undefined || treatment === undefined || quantity === undefined || unit === undefined) return []
    return [
      {
        id: `waste-${row.position}`,
        quantity,
        unit,
        activity: 'waste',
        attributes: { material, treatment },
        category: '3.5',
        ...answer.quality,
      },
    ]
  })
}

function freightLines(read: Reader): InventoryLine[] {
  const answer = read.question('freight')
  return answer.rows('shipments').flatMap((row): InventoryLine[] => {
    const [activity, paid_by] = [row.text('mode'), row.text('paid_by')]
    const [mass, mass_unit] = [row.number('mass'), row.unit('mass')]
    const [distance, distance_unit] = [row.number('distance'), row.unit('distance')]
    if (activity === undefined || paid_by === undefined || mass === undefined || distance === undefined) return []
    if (mass_unit === undefined || distance_unit === undefined) return []
    const tonnes_carried = mass * conversionFactor(mass_unit, 't')
    const km = distance * conversionFactor(distance_unit, 'km')
    return [
      {
        id: `freight-${row.position}`,
        quantity: tonnes_carried * km,
        unit: 'tonne.km',
        activity,
        // What the company pays for is upstream, also on the way to the customer; what the customer pays is downstream.
        category: paid_by === 'us' ? '3.4' : '3.9',
        ownership: 'third_party',
        ...answer.quality,
      },
    ]
  })
}

function mealLines(read: Reader): InventoryLine[] {
  const answer = read.question('meals')
  return ['average', 'vegetarian', 'classic_beef'].flatMap((type) => {
    const quantity = answer.number(type)
    return quantity === undefined
      ? []
      : [
          {
            id: `meals-${type}`,
            quantity,
            unit: 'meal',
            activity: 'meal',
            attributes: { type },
            category: '3.1' as const,
            ...answer.quality,
          },
        ]
  })
}

function investmentLines(read: Reader): InventoryLine[] {
  const answer = read.question('investments')
  const area = answer.number('office_area')
  const area_unit = answer.unit('office_area')
  const mass = answer.number('vehicle_mass')
  return [
    ...(area === undefined || area_unit === undefined
      ? []
      : [
          {
            id: 'investments-office',
            quantity: area,
            unit: area_unit,
            activity: 'building',
            attributes: { type: 'office' },
            category: '3.2' as const,
            ...answer.quality,
          },
        ]),
    ...(mass === undefined
      ? []
      : [
          {
            id: 'investments-vehicles',
            quantity: mass,
            unit: 'kg',
            activity: 'vehicle_manufacture',
            category: '3.2' as const,
            ...answer.quality,
          },
        ]),
  ]
}

/** What must be answered before anything can be calculated and stored. */
export function missingOf(answers: Answers): ('name' | 'country' | 'year' | 'lines')[] {
  const inventory = inventoryOf(answers)
  return [
    ...(inventory.organisation.name === '' ? (['name'] as const) : []),
    ...(inventory.organisation.country === '' ? (['country'] as const) : []),
    ...(inventory.reporting_period.start_date === '' ? (['year'] as const) : []),
    ...(inventory.lines.length === 0 ? (['lines'] as const) : []),
  ]
}

/** The activities that any line of the questionnaire can name, so that a server knows which factors to hand out. */
export const questionnaireActivities: readonly string[] = [
  'electricity',
  'natural_gas',
  'heating_oil',
  'district_heating',
  'wood_pellets',
  'lpg',
  'refrigerant_leak',
  'diesel',
  'petrol',
  'car',
  'van',
  'flight',
  'train',
  'taxi',
  'bus',
  'metro',
  'motorbike',
  'electric_bike',
  'homeworking',
  'hotel_night',
  'purchase_services',
  'purchase_goods',
  ...equipment,
  'waste',
  'truck_freight',
  'van_freight',
  'rail_freight',
  'sea_freight',
  'meal',
  'building',
  'vehicle_manufacture',
  'capital_goods',
]
