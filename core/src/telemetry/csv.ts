import type { Fault } from '../lib/problem.ts'
import { measures } from './measures.ts'

/**
 * Files of readings: `wide`, with a column for each measure, or `long`, with a row for each value. A row becomes a reading
 * as any device would send it, and is judged like one: what stands in a cell is passed on, not interpreted.
 */
export interface Heading {
  form: 'wide' | 'long'
  columns: readonly Column[]
}

type Column =
  | { is: 'field'; name: (typeof fields)[number] }
  | { is: 'measure'; name: string; unit: string | undefined }
  /** Without a name: spreadsheets leave such columns behind. */
  | { is: 'nothing' }

const fields = [
  'sensor_id',
  'timestamp',
  'project_id',
  'measure',
  'value',
  'unit',
  'battery_level',
  'signal_strength',
  'calibration_date',
  'latitude',
  'longitude',
  'simulated',
] as const
type Field = (typeof fields)[number]

/** `temperature [degF]`, `temperature (degF)` */
const WITH_UNIT = /^([a-z][a-z0-9_]*)\s*[[(]\s*(\S{1,20})\s*[\])]$/i

/** Reads the first row. Every fault is found, not only the first. */
export function readHeading(cells: readonly string[]): Heading | { faults: Fault[] } {
  const faults: Fault[] = []
  const columns = cells.map((cell, at): Column => {
    const text = cell.trim()
    if (text === '') return { is: 'nothing' }
    const [, with_unit, unit] = WITH_UNIT.exec(text) ?? []
    const name = (with_unit ?? text).toLowerCase()
    const field = unit === undefined ? fields.find((each) => each === name) : undefined
    if (field !== undefined) return { is: 'field', name: field }
    if (measures.has(name)) return { is: 'measure', name, unit }
    const message = `"${text.slice(0, 80)}" is neither a measure (GET /api/v1/measures lists them) nor one of ${fields.join(', ')}.`
    faults.push({ path: `/columns/${at + 1}`, code: 'unknown-column', message })
    return { is: 'nothing' }
  })
  const names = columns.flatMap((column) => (column.is === 'nothing' ? [] : [column.name as string]))
  const has = (name: Field) => names.includes(name)
  for (const name of new Set(names.filter((each, at) => names.indexOf(each) !== at))) {
    faults.push({ path: '/columns', code: 'column-twice', message: `There are two columns ${name}.` })
  }
  const form = has('measure') || has('value') ? 'long' : 'wide'
  const needed: Field[] = form === 'long' ? ['sensor_id', 'timestamp', 'measure', 'value'] : ['sensor_id', 'timestamp']
  for (const name of needed.filter((each) => !has(each))) {
    faults.push({ path: '/columns', code: 'missing-column', message: `There is no column ${name}.` })
  }
  const measured = columns.some(({ is }) => is === 'measure')
  if (form === 'wide' && !measured) {
    faults.push({ path: '/columns', code: 'missing-column', message: 'There is no column for a measure.' })
  }
  if (form === 'long' && measured) {
    const message = 'A file has a column for each measure, or the columns measure and value, not both.'
    faults.push({ path: '/columns', code: 'two-forms', message })
  }
  return faults.length > 0 ? { faults } : { form, columns }
}

/** One row as the reading it stands for. A cell that holds no number where one belongs is passed on as text, and refused. */
export function readingOfRow(
  { form, columns }: Heading,
  cells: readonly string[],
  options: { decimal: '.' | ','; project_id?: string | undefined },
): Record<string, unknown> {
  const field: Partial<Record<Field, string>> = {}
  const measurements: Record<string, unknown> = {}
  const units: Record<string, string> = {}
  columns.forEach((column, at) => {
    const text = (cells[at] ?? '').trim()
    if (text === '' || column.is === 'nothing') return
    if (column.is === 'field') field[column.name] = text
    else {
      measurements[column.name] = numberOf(text, options.decimal)
      if (column.unit !== undefined) units[column.name] = column.unit
    }
  })
  if (form === 'long' && field.measure !== undefined) {
    const measure = field.measure.toLowerCase()
    measurements[measure] = numberOf(field.value ?? '', options.decimal)
    if (field.unit !== undefined) units[measure] = field.unit
  }
  const number = (name: Field) => (field[name] === undefined ? undefined : numberOf(field[name], options.decimal))
  const metadata = without({
    battery_level: number('battery_level'),
    signal_strength: number('signal_strength'),
    calibration_date: field.calibration_date,
  })
  const location = without({ latitude: number('latitude'), longitude: number('longitude') })
  return without({
    timestamp: field.timestamp,
    sensor_id: field.sensor_id,
    project_id: field.project_id ?? options.project_id,
    measurements,
    units: Object.keys(units).length > 0 ? units : undefined,
    metadata: Object.keys(metadata).length > 0 ? metadata : undefined,
    location: Object.keys(location).length > 0 ? location : undefined,
    simulated: field.simulated === undefined ? undefined : truthOf(field.simulated),
  })
}

function without(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}

const NUMBER = {
  '.': /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i,
  ',': /^[+-]?(?:\d+,?\d*|,\d+)(?:e[+-]?\d{1,3})?$/i,
}

function numberOf(text: string, decimal: '.' | ','): number | string {
  return NUMBER[decimal].test(text) ? Number(text.replace(',', '.')) : text
}

function truthOf(text: string): boolean | string {
  if (/^(?:true|1|yes)$/i.test(text)) return true
  return /^(?:false|0|no)$/i.test(text) ? false : text
}

/** The sign that stands between cells, as the heading shows it. */
export function separatorOf(heading: string): string {
  const count = (sign: string) => heading.split(sign).length
  return [',', ';', '\t'].reduce((best, sign) => (count(sign) > count(best) ? sign : best))
}
