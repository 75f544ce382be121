import { measures } from '@tidemark/core/telemetry/measures.ts'
import type { Language } from '../lib/format.ts'

export function measureName(id: string, language: Language): string {
  const name = measures.get(id)?.name[language] ?? id
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1)
}

const symbols: Record<string, string> = {
  degC: '°C',
  percent: '%',
  'W/m2': 'W/m²',
  'g/kWh': 'gCO₂e/kWh',
  m3: 'm³',
  mohm: 'mΩ',
  'ug/m3': 'µg/m³',
  '1': '',
}

/** How a unit of sensors is written. */
export function sensorUnit(id: string): string {
  return symbols[id] ?? id
}
