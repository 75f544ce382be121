import type { DeviceKind } from '@tidemark/core/telemetry/contract.ts'
import type { Language } from './format.ts'

const names: Record<DeviceKind, Record<Language, string>> = {
  weather_station: { en: 'Weather station', fr: 'Station météo' },
  air_monitor: { en: 'Air monitor', fr: 'Capteur d’air' },
  water_monitor: { en: 'Water monitor', fr: 'Capteur d’eau' },
  soil_probe: { en: 'Soil probe', fr: 'Sonde de sol' },
  meter: { en: 'Meter', fr: 'Compteur' },
  pv_inverter: { en: 'Solar inverter', fr: 'Onduleur solaire' },
  battery: { en: 'Battery', fr: 'Batterie' },
  genset: { en: 'Generator', fr: 'Groupe électrogène' },
  hvac: { en: 'Heating and cooling', fr: 'Chauffage et climatisation' },
  charger: { en: 'Charger', fr: 'Borne de recharge' },
  wind_turbine: { en: 'Wind turbine', fr: 'Éolienne' },
  vibration_sensor: { en: 'Vibration sensor', fr: 'Capteur de vibrations' },
  other: { en: 'Something else', fr: 'Autre chose' },
}

/** What a kind of device is called; a kind that this page does not know yet keeps its own name. */
export function deviceKindName(kind: string, language: Language): string {
  return (names as Partial<Record<string, Record<Language, string>>>)[kind]?.[language] ?? kind
}
