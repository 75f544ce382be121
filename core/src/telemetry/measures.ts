/**
 * What sensors measure, each with the one unit in which it is kept, how it behaves, and what is physically possible.
 * A reading may come in any unit of the same quantity; without a declared unit it is taken to be in the unit here.
 *
 * The ranges of temperature, humidity, co2_reduced, energy_output, air_quality, pressure and wind_speed are those of the
 * marketplace's published validator. The others are limits that no installation of the size named passes: they catch
 * wrong units and broken sensors, not unusual weather. A device may declare narrower ones.
 */
export interface Measure {
  id: string
  /** Id of a unit below. */
  unit: string
  /** A gauge shows a state. A counter only grows, until it rolls over or is reset. */
  kind: 'gauge' | 'counter'
  range: readonly [low: number, high: number]
  name: { en: string; fr: string }
}

/** What a number of this unit is in the quantity's base unit: `value * scale + offset`. */
export interface SensorUnit {
  id: string
  quantity: string
  scale: number
  offset: number
  symbol: string
}

type UnitRow = [id: string, scale: number, symbol: string, offset?: number]

const unitRows: Record<string, UnitRow[]> = {
  temperature: [
    ['degC', 1, '°C'],
    ['K', 1, 'K', -273.15],
    ['degF', 5 / 9, '°F', -160 / 9],
  ],
  share: [
    ['percent', 1, '%'],
    ['fraction', 100, ''],
  ],
  pressure: [
    ['hPa', 1, 'hPa'],
    ['mbar', 1, 'mbar'],
    ['Pa', 0.01, 'Pa'],
    ['kPa', 10, 'kPa'],
    ['bar', 1000, 'bar'],
  ],
  speed: [
    ['km/h', 1, 'km/h'],
    ['m/s', 3.6, 'm/s'],
    ['kn', 1.852, 'kn'],
    ['mph', 1.609344, 'mph'],
  ],
  power: [
    ['kW', 1, 'kW'],
    ['W', 1e-3, 'W'],
    ['MW', 1000, 'MW'],
  ],
  energy: [
    ['kWh', 1, 'kWh'],
    ['Wh', 1e-3, 'Wh'],
    ['MWh', 1000, 'MWh'],
    ['MJ', 1 / 3.6, 'MJ'],
    ['GJ', 1000 / 3.6, 'GJ'],
  ],
  energy_rate: [['kWh/h', 1, 'kWh/h']],
  mass_rate: [
    ['t/h', 1, 't/h'],
    ['kg/h', 1e-3, 'kg/h'],
  ],
  volume: [
    ['m3', 1, 'm³'],
    ['L', 1e-3, 'L'],
  ],
  voltage: [
    ['V', 1, 'V'],
    ['mV', 1e-3, 'mV'],
    ['kV', 1000, 'kV'],
  ],
  current: [
    ['A', 1, 'A'],
    ['mA', 1e-3, 'mA'],
  ],
  frequency: [['Hz', 1, 'Hz']],
  irradiance: [['W/m2', 1, 'W/m²']],
  intensity: [
    ['g/kWh', 1, 'gCO₂e/kWh'],
    ['kg/MWh', 1, 'kgCO₂e/MWh'],
  ],
  resistance: [
    ['mohm', 1, 'mΩ'],
    ['ohm', 1000, 'Ω'],
  ],
  vibration_speed: [['mm/s', 1, 'mm/s']],
  rotation: [['rpm', 1, 'rpm']],
  air_quality: [['AQI', 1, 'AQI']],
  amount_in_air: [['ppm', 1, 'ppm']],
  mass_in_air: [['ug/m3', 1, 'µg/m³']],
  acidity: [['pH', 1, 'pH']],
  salinity: [['PSU', 1, 'PSU']],
  oxygen_in_water: [['mg/L', 1, 'mg/L']],
  turbidity: [['NTU', 1, 'NTU']],
  level: [
    ['m', 1, 'm'],
    ['cm', 0.01, 'cm'],
    ['mm', 0.001, 'mm'],
  ],
  number: [['1', 1, '']],
}

const sensorUnits = new Map<string, SensorUnit>(
  Object.entries(unitRows).flatMap(([quantity, rows]) =>
    rows.map(([id, scale, symbol, offset = 0]) => [id, { id, quantity, scale, symbol, offset }] as const),
  ),
)

type MeasureRow = [id: string, unit: string, kind: Measure['kind'], low: number, high: number, en: string, fr: string]

const measureRows: MeasureRow[] = [
  ['temperature', 'degC', 'gauge', -50, 70, 'air temperature', "température de l'air"],
  ['humidity', 'percent', 'gauge', 0, 100, 'relative humidity', 'humidité relative'],
  ['co2_reduced', 't/h', 'gauge', 0, 1000, 'CO₂ reduced', 'CO₂ évité'],
  ['energy_output', 'kWh/h', 'gauge', 0, 10_000, 'energy output', 'énergie produite'],
  ['air_quality', 'AQI', 'gauge', 0, 500, 'air quality index', "indice de qualité de l'air"],
  ['pressure', 'hPa', 'gauge', 800, 1200, 'air pressure', 'pression atmosphérique'],
  ['wind_speed', 'km/h', 'gauge', 0, 200, 'wind speed', 'vitesse du vent'],
  // Energy sites. Positive power flows in the direction of the name; battery power is positive when it discharges.
  ['power_kw', 'kW', 'gauge', -100_000, 100_000, 'active power', 'puissance active'],
  ['generation_power_kw', 'kW', 'gauge', 0, 100_000, 'generation power', 'puissance produite'],
  ['load_power_kw', 'kW', 'gauge', 0, 100_000, 'load', 'puissance consommée'],
  ['grid_power_kw', 'kW', 'gauge', -100_000, 100_000, 'power from the grid', 'puissance tirée du réseau'],
  ['battery_power_kw', 'kW', 'gauge', -100_000, 100_000, 'battery power', 'puissance de la batterie'],
  ['energy_kwh', 'kWh', 'counter', 0, 1e12, 'energy counter', "compteur d'énergie"],
  ['generation_energy_kwh', 'kWh', 'counter', 0, 1e12, 'generation counter', 'compteur de production'],
  ['import_energy_kwh', 'kWh', 'counter', 0, 1e12, 'grid import counter', 'compteur de soutirage'],
  ['export_energy_kwh', 'kWh', 'counter', 0, 1e12, 'grid export counter', "compteur d'injection"],
  [
    'grid_intensity_g_per_kwh',
    'g/kWh',
    'gauge',
    0,
    3_000,
    'carbon intensity of the grid',
    'intensité carbone du réseau',
  ],
  ['voltage_v', 'V', 'gauge', 0, 1_000_000, 'voltage', 'tension'],
  ['current_a', 'A', 'gauge', -100_000, 100_000, 'current', 'courant'],
  ['power_factor', '1', 'gauge', -1, 1, 'power factor', 'facteur de puissance'],
  ['frequency_hz', 'Hz', 'gauge', 40, 70, 'grid frequency', 'fréquence du réseau'],
  ['state_of_charge_percent', 'percent', 'gauge', 0, 100, 'state of charge', 'état de charge'],
  ['battery_resistance_mohm', 'mohm', 'gauge', 0, 10_000, 'battery resistance', 'résistance de la batterie'],
  ['battery_capacity_kwh', 'kWh', 'gauge', 0, 1e6, 'usable battery capacity', 'capacité utile de la batterie'],
  ['irradiance_w_per_m2', 'W/m2', 'gauge', -10, 1800, 'irradiance in the plane', 'irradiance dans le plan'],
  ['module_temperature_c', 'degC', 'gauge', -50, 120, 'module temperature', 'température des modules'],
  ['equipment_temperature_c', 'degC', 'gauge', -50, 250, 'equipment temperature', "température de l'équipement"],
  ['vibration_rms_mm_per_s', 'mm/s', 'gauge', 0, 200, 'vibration speed, RMS', 'vitesse vibratoire efficace'],
  ['rotation_rpm', 'rpm', 'gauge', 0, 100_000, 'rotation speed', 'vitesse de rotation'],
  ['fuel_l', 'L', 'counter', 0, 1e9, 'fuel counter', 'compteur de carburant'],
  ['water_m3', 'm3', 'counter', 0, 1e9, 'water counter', "compteur d'eau"],
  // Coastal ecosystems.
  ['water_temperature_c', 'degC', 'gauge', -5, 50, 'water temperature', "température de l'eau"],
  ['water_level_m', 'm', 'gauge', -20, 50, 'water level', "niveau de l'eau"],
  ['salinity_psu', 'PSU', 'gauge', 0, 100, 'salinity', 'salinité'],
  ['ph', 'pH', 'gauge', 0, 14, 'acidity', 'pH'],
  ['dissolved_oxygen_mg_per_l', 'mg/L', 'gauge', 0, 30, 'dissolved oxygen', 'oxygène dissous'],
  ['turbidity_ntu', 'NTU', 'gauge', 0, 10_000, 'turbidity', 'turbidité'],
  ['soil_moisture_percent', 'percent', 'gauge', 0, 100, 'soil moisture', 'humidité du sol'],
  ['co2_ppm', 'ppm', 'gauge', 0, 100_000, 'CO₂ in air', "CO₂ dans l'air"],
  ['methane_ppm', 'ppm', 'gauge', 0, 100_000, 'methane in air', "méthane dans l'air"],
  ['pm2_5_ug_per_m3', 'ug/m3', 'gauge', 0, 5_000, 'fine particles, PM2.5', 'particules fines PM2,5'],
]

/** Every measure, by id. */
export const measures: ReadonlyMap<string, Measure> = new Map(
  measureRows.map(([id, unit, kind, low, high, en, fr]) => [
    id,
    { id, unit, kind, range: [low, high] as const, name: { en, fr } },
  ]),
)

/** Units in which a measure may be declared: those of the same quantity as its own. */
export function unitsOfMeasure({ unit }: Measure): SensorUnit[] {
  const quantity = sensorUnits.get(unit)?.quantity
  return [...sensorUnits.values()].filter((each) => each.quantity === quantity)
}

/** The number in the measure's own unit, or undefined when the declared unit measures something else. */
export function inUnitOfMeasure(value: number, declared: string, { unit }: Measure): number | undefined {
  if (declared === unit) return value
  const from = sensorUnits.get(declared)
  const to = sensorUnits.get(unit)
  if (from === undefined || to === undefined || from.quantity !== to.quantity) return undefined
  return (value * from.scale + from.offset - to.offset) / to.scale
}
