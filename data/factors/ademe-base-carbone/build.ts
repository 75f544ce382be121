/**
 * Re-tabulates part of ADEME's Base Carbone as factors. The file is read by the importer that reads the whole of it, so
 * that an element means the same in this extract and after an import; the selection adds what the element serves.
 */
import { readFileSync } from 'node:fs'
import { findActivity } from '@tidemark/core/factors/activities.ts'
import type { Factor, FactorStage, QualityGrades } from '@tidemark/core/factors/contract.ts'
import { blends, gases } from '@tidemark/core/factors/gwp.ts'
import { baseCarboneReader } from '@tidemark/core/factors/import/base-carbone.ts'
import { parse } from 'csv-parse/sync'
import { type Entry, datasetText, monthsAfter, runBuild } from '../tabulate.ts'
import { selection } from './selection.ts'

/** The last element of this edition was changed on that day. */
const EDITION_DAY = '2025-04-24'

const kept = [
  "Statut de l'élément",
  'Structure',
  'Nom base français',
  'Nom attribut français',
  'Nom frontière français',
  'Code de la catégorie',
  'Unité français',
  'Localisation géographique',
  'Sous-localisation géographique français',
  'Date de modification',
  'Période de validité',
  'Incertitude',
]
const amounts = [
  'Total poste non décomposé',
  'CO2f',
  'CH4f',
  'CH4b',
  'N2O',
  'Autres GES',
  'CO2b',
  'Valeur gaz supplémentaire 1',
]

/** The columns that matter for judging the number; blank and padded cells are left out. */
export function trimRaw(raw: Record<string, string>): Record<string, string> {
  const trimmed: Record<string, string> = {}
  for (const [name, cell] of Object.entries(raw)) {
    const poste = /^Poste \d+: (.*)$/.exec(name)?.[1]
    const column = poste ?? name
    if (
      !kept.includes(column) &&
      !amounts.includes(column) &&
      column !== 'Type poste' &&
      !column.startsWith('Code gaz')
    )
      continue
    if (amounts.includes(column) && column !== 'Total poste non décomposé' && Number(cell) === 0) continue
    trimmed[name] = cell
  }
  return trimmed
}

/** Base Carbone's uncertainty to one grade, as the Bilan Carbone method does: decision 0016. */
export function gradeOfUncertainty(percent: number | undefined): number {
  if (percent === undefined) return 3
  if (percent < 5) return 5
  if (percent < 20) return 4
  if (percent < 45) return 3
  return percent < 75 ? 2 : 1
}

function qualityOf(factor: Factor): QualityGrades {
  const grade = gradeOfUncertainty(factor.uncertainty_percent)
  return {
    reliability: grade,
    technical: grade,
    geographic: grade,
    temporal: grade,
    completeness: grade,
    ...factor.quality,
  }
}

/** The base, and the study that it took the number from where it names one. */
function titleOf(source: string): string {
  const base = common.source.title
  return source.startsWith(base) ? base : `${base}; ${source.replaceAll(/^"|"$/g, '').slice(0, 160)}`
}

/** The export pads every gas column with zeros: gases that are nothing are left out, unless nothing else would stay. */
function withoutPadding(stage: FactorStage): FactorStage {
  if (!stage.gases_kg_co2e) return stage
  const said = Object.entries(stage.gases_kg_co2e).filter(([, value]) => value !== 0)
  if (said.length > 0) return { ...stage, gases_kg_co2e: Object.fromEntries(said) }
  const { gases_kg_co2e: _padding, ...rest } = stage
  return stage.total_kg_co2e === 0 ? stage : rest
}

/** One kilogram leaks: the masses are the composition, so that an inventory can apply its own set of potentials. */
function leakOf(factor: Factor, gas: string): Factor['stages'] {
  const parts = blends[gas]?.parts ?? { [gas]: 1 }
  const gases_kg = Object.fromEntries(Object.entries(parts).filter(([part]) => part in gases))
  return [{ stage: 'fugitive', total_kg_co2e: factor.total_kg_co2e, gases_kg }]
}

const common = {
  dataset: 'base-carbone',
  publisher: 'ADEME',
  edition: 'V23.6',
  best_before: monthsAfter(EDITION_DAY, 18),
  status: 'valid',
  geography: 'FR',
  gwp_set: 'AR5-fossil-ch4',
  boundary: 'life_cycle',
  source: {
    title: 'ADEME, Base Carbone V23.6',
    url: 'https://base-empreinte.ademe.fr/',
    licence: 'Licence Ouverte 2.0 (Etalab)',
  },
} as const

export function buildBaseCarbone(text: string): string {
  const [header = [], ...rows]: string[][] = parse(text, { bom: true })
  const reader = baseCarboneReader(header, common.edition)
  rows.forEach((cells, index) => reader.push(cells, index + 2))
  const read = new Map(reader.finish().factors.map((factor) => [factor.id, factor]))

  const entries = selection.map((chosen): Entry => {
    const factor = read.get(`base-carbone:${chosen.element}`)
    const activity = findActivity(chosen.activity)
    if (!factor || factor.status !== 'valid' || !activity)
      throw new Error(`Element ${chosen.element} cannot serve ${chosen.activity}.`)
    const {
      dataset: _dataset,
      publisher: _publisher,
      edition: _edition,
      source,
      status: _status,
      raw = {},
      note,
      attributes: _per,
      ...rest
    } = factor
    const notes = [chosen.more?.note, note?.startsWith('Per ') ? note?.split('. ')[0] : undefined].filter(
      (part) => part !== undefined,
    )
    const entry: Entry = {
      ...rest,
      stages: factor.stages.map(withoutPadding),
      id: chosen.suffix ? `${factor.id}/${chosen.suffix}` : factor.id,
      name: { en: chosen.en, fr: factor.name.fr },
      activity: chosen.activity,
      ...(chosen.attributes ? { attributes: chosen.attributes } : {}),
      ...(chosen.more?.valid_from ? { valid_from: chosen.more.valid_from } : {}),
      category: activity.category,
      quality: qualityOf(factor),
      source: { ...common.source, title: titleOf(source.title) },
      ...(notes.length > 0 ? { note: notes.join(' ') } : {}),
      raw: trimRaw(raw),
    }
    if (chosen.activity === 'refrigerant_leak') entry.stages = leakOf(factor, chosen.attributes?.gas ?? '')
    // What the head of the file says already is not repeated.
    for (const key of ['geography', 'gwp_set', 'boundary'] as const) if (entry[key] === common[key]) delete entry[key]
    return entry
  })
  return datasetText(common, entries)
}

runBuild(import.meta.url, ([path = '']) => buildBaseCarbone(readFileSync(path, 'utf8')))
