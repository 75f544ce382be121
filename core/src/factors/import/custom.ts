import { findUnit } from '../../lib/units.ts'
import { unknownUnitSentence } from '../../lib/quantity.ts'
import type { Factor } from '../contract.ts'
import { gwpSets, stages } from '../contract.ts'
import { emptyCounts, Faults, tally, type FactorReader } from './report.ts'
import { cleanText, headerKey, readDay, readNumber, slug } from './text.ts'

export const CUSTOM_DATASET = 'custom'
/** Custom factors have one edition: a factor never changes, a corrected one is another factor with another id. */
export const CUSTOM_EDITION = '1'

/** What a person must say of a factor of their own, and what they may. */
export interface CustomInput {
  name: string
  name_fr?: string
  value: number
  unit: string
  source: string
  source_url?: string
  licence?: string
  geography?: string
  category?: string
  valid_from?: string
  valid_to?: string
  uncertainty_percent?: number
  boundary?: Factor['boundary']
  stage?: Factor['stages'][number]['stage']
  gwp_set?: Factor['gwp_set']
  note?: string
}

/**
 * Makes a factor from what a person says of it. Its id ends in a digest of its content, so the same factor entered
 * twice is one factor, and what was calculated with it can always be calculated again.
 */
export function customFactor(input: CustomInput, digest: (text: string) => string): Factor {
  const content = Object.entries(input)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const id = `custom:${slug(input.name).slice(0, 60) || 'factor'}-${digest(JSON.stringify(content)).slice(0, 12)}`
  return {
    id,
    dataset: CUSTOM_DATASET,
    publisher: 'own',
    edition: CUSTOM_EDITION,
    row: id,
    name: { en: input.name, fr: input.name_fr ?? input.name },
    unit: input.unit,
    total_kg_co2e: input.value,
    stages: [{ stage: input.stage ?? 'whole', total_kg_co2e: input.value }],
    boundary: input.boundary ?? 'life_cycle',
    ...(input.gwp_set ? { gwp_set: input.gwp_set } : {}),
    geography: input.geography ?? 'unknown',
    ...(input.category ? { category: input.category } : {}),
    ...(input.valid_from ? { valid_from: input.valid_from } : {}),
    ...(input.valid_to ? { valid_to: input.valid_to } : {}),
    ...(input.uncertainty_percent === undefined ? {} : { uncertainty_percent: input.uncertainty_percent }),
    status: 'valid',
    source: { title: input.source, url: input.source_url ?? '', licence: input.licence ?? 'not stated' },
    ...(input.note ? { note: input.note } : {}),
  }
}

/** Column names that are accepted, in English and French. The first three are mandatory, and so is a name. */
const columns: Record<keyof CustomInput, readonly string[]> = {
  value: ['value', 'valeur'],
  unit: ['unit', 'unité', 'unite'],
  source: ['source'],
  name: ['name', 'nom', 'name_en'],
  name_fr: ['name_fr', 'nom_fr'],
  source_url: ['source_url', 'url'],
  licence: ['licence', 'license'],
  geography: ['geography', 'géographie', 'pays'],
  category: ['category', 'catégorie'],
  valid_from: ['valid_from', 'valide_du'],
  valid_to: ['valid_to', 'valide_au'],
  uncertainty_percent: ['uncertainty_percent', 'incertitude_pourcent'],
  boundary: ['boundary', 'frontière'],
  stage: ['stage', 'étape'],
  gwp_set: ['gwp_set'],
  note: ['note', 'commentaire'],
}
const mandatory = ['value', 'unit', 'source', 'name'] as const
const boundaries = ['direct', 'life_cycle', 'upstream'] as const

/** Reads a CSV of one's own factors. Units are ours, by their exact id; a unit that is none is a fault, never a guess. */
export function customReader(header: readonly string[], digest: (text: string) => string): FactorReader {
  const faults = new Faults()
  const keys = header.map(headerKey)
  const at = Object.fromEntries(
    Object.entries(columns).map(([field, names]) => [field, keys.findIndex((key) => names.includes(key))]),
  ) as Record<keyof CustomInput, number>
  for (const field of mandatory) {
    if (at[field] < 0)
      faults.add(
        1,
        field,
        'missing-column',
        `this column is required and not in the header: ${columns[field].join(' or ')}.`,
      )
  }
  faults.refuseIfAny()

  const counts = emptyCounts()
  const factors: Factor[] = []
  const lines = new Map<string, number>()
  return {
    push(cells, line) {
      counts.lines += 1
      if (cells.length !== header.length) {
        return faults.add(
          line,
          '',
          'wrong-column-count',
          `there are ${cells.length} columns, and the header has ${header.length}.`,
        )
      }
      const said = (field: keyof CustomInput): string => cleanText(cells[at[field]] ?? '')
      const blank = mandatory.filter((field) => said(field) === '')
      for (const field of blank) faults.add(line, field, 'missing', 'this cell may not be blank.')
      const value = readNumber(said('value'))
      if (value === undefined && said('value') !== '')
        faults.add(line, 'value', 'bad-number', `"${said('value').slice(0, 40)}" is not a number.`)
      if (said('unit') !== '' && !findUnit(said('unit')))
        faults.add(line, 'unit', 'unknown-unit', unknownUnitSentence(said('unit').slice(0, 60)))
      // It becomes a link: "javascript:" would be a program.
      if (said('source_url') !== '' && !/^https?:\/\/[^\s/]/i.test(said('source_url')))
        faults.add(line, 'source_url', 'bad-address', 'an address begins with https:// or http://.')
      const uncertainty = said('uncertainty_percent') === '' ? undefined : readNumber(said('uncertainty_percent'))
      if (said('uncertainty_percent') !== '' && !(uncertainty !== undefined && uncertainty >= 0)) {
        faults.add(line, 'uncertainty_percent', 'bad-number', 'an uncertainty is a number of 0 or more.')
      }
      const input: CustomInput = { name: said('name'), value: value ?? 0, unit: said('unit'), source: said('source') }
      for (const field of ['name_fr', 'source_url', 'licence', 'geography', 'category', 'note'] as const) {
        if (said(field) !== '') input[field] = said(field)
      }
      for (const field of ['valid_from', 'valid_to'] as const) {
        const day = readDay(said(field))
        if (said(field) !== '' && !day)
          faults.add(line, field, 'bad-day', `"${said(field).slice(0, 40)}" is not a day such as 2026-12-31.`)
        if (day) input[field] = day
      }
      if (uncertainty !== undefined) input.uncertainty_percent = uncertainty
      input.boundary = oneOf(line, 'boundary', boundaries)
      input.stage = oneOf(line, 'stage', stages)
      input.gwp_set = oneOf(line, 'gwp_set', gwpSets)
      const factor = customFactor(input, digest)
      const earlier = lines.get(factor.id)
      if (earlier !== undefined)
        return faults.add(line, '', 'duplicate-id', `this is the factor of line ${earlier} once more.`)
      lines.set(factor.id, line)
      factors.push(factor)

      function oneOf<T extends string>(
        row: number,
        field: 'boundary' | 'stage' | 'gwp_set',
        allowed: readonly T[],
      ): T | undefined {
        const word = said(field)
        if (word === '') return undefined
        const known = allowed.find((value) => value === word)
        if (!known) faults.add(row, field, 'unknown-word', `it is one of ${allowed.join(', ')}.`, word)
        return known
      }
    },

    finish() {
      if (counts.lines === 0) faults.add(1, '', 'no-elements', 'the file holds no emission factor.')
      faults.refuseIfAny()
      tally(counts, factors)
      return { dataset: CUSTOM_DATASET, publisher: 'own', edition: CUSTOM_EDITION, factors, counts }
    },
  }
}
