/**
 * The words that the marketplace's request uses, and what each means in our closed lists. A word that is not here is
 * never guessed: the field is refused into `not_counted`, or the country's average is taken and the answer says so.
 */

/** Lower case, underscores for blanks and hyphens: `Higher Heating-Value` and `higher_heating_value` are one word. */
export function wordOf(text: string): string {
  return text
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replaceAll(/[\s\-_/.]+/g, '_')
    .replaceAll(/^_|_$/g, '')
}

/** Looks a word up without finding what every object inherits. */
function lookUp<Meaning>(table: Readonly<Record<string, Meaning>>, text: string): Meaning | undefined {
  const word = wordOf(text)
  return Object.hasOwn(table, word) ? table[word] : undefined
}

function table<Meaning>(...rows: readonly (readonly [meaning: Meaning, words: string])[]): Record<string, Meaning> {
  return Object.fromEntries(rows.flatMap(([meaning, words]) => words.split(' ').map((word) => [word, meaning])))
}

/** Subregions of eGRID, as EPA's hub lists them in table 6. */
export const egridSubregions = (
  'AKGD AKMS AZNM CAMX ERCT FRCC HIMS HIOA MROE MROW NEWE NWPP NYCW NYLI NYUP PRMS ' +
  'RFCE RFCM RFCW RMPA SPNO SPSO SRMV SRMW SRSO SRTV SRVC'
).split(' ')

export type Grid =
  | { kind: 'subregion'; code: string }
  | { kind: 'average'; names_region: boolean }
  | { kind: 'unknown' }

/** States that lie in one subregion nearly whole, as the request's own factor list names them. */
const gridNames = table(['CAMX', 'california wecc_california'], ['ERCT', 'texas ercot ercot_all'])
const gridAverages = table(
  [false, 'regional_average'],
  [true, 'national_average usa_national_average us_national_average us_average country_average average grid_average'],
)

export function gridOf(text: string): Grid {
  const code = wordOf(text)
    .toUpperCase()
    .replace(/^(US|EGRID)_/, '')
  if (egridSubregions.includes(code)) return { kind: 'subregion', code }
  const named = lookUp(gridNames, text)
  if (named) return { kind: 'subregion', code: named }
  const average = lookUp(gridAverages, text)
  return average === undefined ? { kind: 'unknown' } : { kind: 'average', names_region: average }
}

/** Shortest and longest span in days that a word for a period can mean. */
const periods = table<readonly [number, number]>(
  [[1, 1], 'daily day'],
  [[7, 7], 'weekly week'],
  [[28, 31], 'monthly month'],
  [[90, 92], 'quarterly quarter'],
  [[365, 366], 'annual annually yearly year'],
)
export const periodOf = (text: string) => lookUp(periods, text)

const heatingValues = table<'gross' | 'net'>(
  ['gross', 'higher_heating_value higher hhv gross gross_calorific_value gcv'],
  ['net', 'lower_heating_value lower lhv net net_calorific_value ncv'],
)
export const heatingValueOf = (text: string) => lookUp(heatingValues, text)

const cabins = table(
  ['economy', 'economy coach main_cabin'],
  ['premium_economy', 'premium_economy'],
  ['business', 'business'],
  ['first', 'first first_class'],
)
export const cabinOf = (text: string) => lookUp(cabins, text.replace(/\s+class$/i, ''))

/** `liquid`: a gallon of it has a factor, so that miles and mpg give fuel. */
export interface VehicleFuel {
  fuel: 'petrol' | 'diesel' | 'hybrid' | 'plug_in_hybrid' | 'electric' | 'lpg' | 'cng' | 'e85'
  liquid?: { activity: 'petrol' | 'diesel'; blend?: string }
}
const vehicleFuels = table<VehicleFuel>(
  [{ fuel: 'petrol', liquid: { activity: 'petrol' } }, 'gasoline petrol gas unleaded motor_gasoline'],
  [{ fuel: 'diesel', liquid: { activity: 'diesel' } }, 'diesel gasoil'],
  // A hybrid without a plug takes all its energy from the pump.
  [{ fuel: 'hybrid', liquid: { activity: 'petrol' } }, 'hybrid gasoline_hybrid hev'],
  [{ fuel: 'e85', liquid: { activity: 'petrol', blend: 'e85' } }, 'e85 flex_fuel'],
  [{ fuel: 'plug_in_hybrid' }, 'plug_in_hybrid plugin_hybrid phev'],
  [{ fuel: 'electric' }, 'electric ev bev battery_electric'],
  [{ fuel: 'lpg' }, 'lpg propane autogas'],
  [{ fuel: 'cng' }, 'cng compressed_natural_gas natural_gas'],
)
export const vehicleFuelOf = (text: string) => lookUp(vehicleFuels, text)

export type VehicleKind = 'car' | 'suv' | 'van' | 'truck' | 'motorcycle'
const vehicles = table<VehicleKind>(
  ['car', 'sedan car passenger_car coupe hatchback wagon station_wagon compact'],
  ['suv', 'suv crossover sport_utility_vehicle'],
  ['van', 'van minivan pickup pickup_truck light_duty_truck light_truck'],
  ['truck', 'truck heavy_truck heavy_duty_truck medium_duty_truck lorry semi semi_truck box_truck'],
  ['motorcycle', 'motorcycle motorbike scooter'],
)
export const vehicleOf = (text: string) => lookUp(vehicles, text)

const freights = table(
  ['truck_freight', 'ground_freight ground truck trucking road road_freight ltl ftl'],
  ['rail_freight', 'rail rail_freight train'],
  ['sea_freight', 'sea sea_freight ocean ocean_freight ship maritime container_ship'],
  ['air_freight', 'air air_freight air_cargo plane'],
)
export const freightOf = (text: string) => lookUp(freights, text)

export interface Material {
  activity: string
  attributes?: Record<string, string>
}
const polymers = ['pet', 'hdpe', 'ldpe', 'pp', 'ps', 'pvc', 'nylon']
const materials: Record<string, Material> = {
  ...table<Material>(
    [{ activity: 'steel' }, 'steel'],
    [{ activity: 'aluminium' }, 'aluminum aluminium'],
    [{ activity: 'copper' }, 'copper'],
    [{ activity: 'concrete' }, 'concrete'],
    [{ activity: 'concrete', attributes: { type: 'reinforced' } }, 'reinforced_concrete'],
    [{ activity: 'cement' }, 'cement portland_cement'],
    [{ activity: 'glass' }, 'glass'],
    [{ activity: 'plastic' }, 'plastic plastics'],
    [{ activity: 'plastic', attributes: { polymer: 'pp' } }, 'polypropylene'],
    [{ activity: 'plastic', attributes: { polymer: 'ps' } }, 'polystyrene'],
    [{ activity: 'paper' }, 'paper office_paper'],
    [{ activity: 'cardboard' }, 'cardboard corrugated_cardboard'],
    [{ activity: 'wood_material' }, 'wood timber lumber'],
  ),
  ...Object.fromEntries(polymers.map((polymer) => [polymer, { activity: 'plastic', attributes: { polymer } }])),
}

/** `recycled steel` is steel of recycled origin. */
export function materialOf(text: string): Material | undefined {
  const recycled = /^recycled_(.+)$/.exec(wordOf(text))
  const found = lookUp(materials, recycled?.[1] ?? text)
  return found && recycled ? { ...found, attributes: { ...found.attributes, origin: 'recycled' } } : found
}

const wastes = table(
  ['mixed', 'mixed general general_waste commercial'],
  ['household', 'household municipal municipal_solid_waste msw'],
  ['food', 'food food_waste organic organics'],
  ['garden', 'garden yard yard_trimmings green'],
  ['paper', 'paper office_paper mixed_paper'],
  ['cardboard', 'cardboard corrugated_cardboard'],
  ['plastic', 'plastic plastics mixed_plastics'],
  ['glass', 'glass'],
  ['metal', 'metal metals mixed_metals scrap_metal'],
  ['aluminium', 'aluminum aluminium'],
  ['steel', 'steel'],
  ['wood', 'wood timber lumber'],
  ['textiles', 'textile textiles clothing'],
  ['electronics', 'electronic electronics e_waste ewaste electronic_waste weee'],
  ['batteries', 'battery batteries'],
  ['furniture', 'furniture'],
  ['construction', 'construction construction_waste demolition construction_and_demolition'],
  ['hazardous', 'hazardous hazardous_waste'],
  ['tyres', 'tire tires tyre tyres'],
)
export const wasteOf = (text: string) => lookUp(wastes, text)

const treatments = table(
  ['landfill', 'landfill landfilled landfilling'],
  ['incineration', 'incineration incinerated combustion combusted waste_to_energy energy_recovery'],
  ['recycling', 'recycling recycled recycle'],
  ['composting', 'composting composted compost'],
  ['anaerobic_digestion', 'anaerobic_digestion biogas digestion'],
  ['reuse', 'reuse reused donation donated'],
)
export const treatmentOf = (text: string) => lookUp(treatments, text)
