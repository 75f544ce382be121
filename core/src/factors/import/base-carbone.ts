import type { Factor, FactorStage, GwpSet, QualityGrades, Stage } from '../contract.ts'
import { placeCode } from '../places.ts'
import {
  baseCarboneExtraGases,
  baseCarboneGases,
  baseCarboneStages,
  baseCarboneStatuses,
  perOf,
  readBaseCarboneUnit,
} from './base-carbone-units.ts'
import {
  checkRollUp,
  count,
  emptyCounts,
  Faults,
  sourceUnit,
  tally,
  tidy,
  type FactorReader,
  type ImportResult,
} from './report.ts'
import { cleanText, headerKey, readDay, readNumber, readValidity } from './text.ts'

/** Without these a line cannot become a factor. Every other column may be absent: older editions have 58. */
export const baseCarboneRequired = [
  'Type Ligne',
  "Identifiant de l'élément",
  "Type de l'élément",
  "Statut de l'élément",
  'Nom base français',
  'Unité français',
  'Localisation géographique',
  'Type poste',
  'Total poste non décomposé',
] as const

const EXTRA_GASES = [1, 2, 3, 4, 5] as const
const POSTE_COLUMNS = ['Type poste', 'Nom poste français', 'Nom poste anglais', 'Nom poste espagnol']
const GAS_COLUMNS = [
  'Total poste non décomposé',
  ...Object.keys(baseCarboneGases),
  ...EXTRA_GASES.flatMap((n) => [`Code gaz supplémentaire ${n}`, `Valeur gaz supplémentaire ${n}`]),
  'CO2b',
]

interface Line {
  cells: readonly string[]
  line: number
}

interface Element extends Line {
  postes: Line[]
}

/**
 * Reads Base Carbone: one `Elément` line and its `Poste` lines become one factor with its stages. Lines of one element
 * need not stand together. `Données source` lines (heating values, densities, statistics) are no factors and are
 * counted as skipped. An element whose unit has no exact counterpart is kept under the publisher's own unit.
 *
 * Gases in the file are kgCO2e already. `CO2b` never is in a total: where a line releases it (a positive value) it
 * goes to the biogenic ledger, and the negative value with which the `Amont` line cancels it stays in the raw row.
 *
 * Source: ADEME, Base Carbone documentation; the semantics are checked against all 18,616 lines of V23.6.
 */
export function baseCarboneReader(header: readonly string[], edition: string): FactorReader {
  const faults = new Faults()
  const column = new Map<string, number>()
  header.forEach((name, index) => {
    const key = headerKey(name)
    if (key === '') return
    if (column.has(key)) faults.add(1, name, 'duplicate-column', 'this column stands in the header twice.')
    else column.set(key, index)
  })
  for (const name of baseCarboneRequired) {
    if (!column.has(headerKey(name)))
      faults.add(1, name, 'missing-column', 'this column is required and not in the header.')
  }
  faults.refuseIfAny()

  const at = new Map<string, number>()
  const indexOf = (name: string): number => {
    const known = at.get(name)
    if (known !== undefined) return known
    const index = column.get(headerKey(name)) ?? -1
    at.set(name, index)
    return index
  }
  const cell = (line: Line, name: string): string => line.cells[indexOf(name)] ?? ''
  const text = (line: Line, name: string): string => cleanText(cell(line, name))

  const counts = emptyCounts()
  const elements = new Map<string, Element>()
  const postes: Line[] = []

  return {
    push(cells, line) {
      counts.lines += 1
      if (cells.length !== header.length) {
        faults.add(
          line,
          '',
          'wrong-column-count',
          `there are ${cells.length} columns, and the header has ${header.length}.`,
        )
        return
      }
      const row: Line = { cells, line }
      const kind = text(row, "Type de l'élément")
      if (kind === 'Données source') return count(counts.skipped, 'source-data-not-a-factor')
      if (kind !== "Facteur d'émission" && kind !== 'Facteur d’émission') {
        return faults.add(line, "Type de l'élément", 'unknown-element-type', 'neither a factor nor source data.', kind)
      }
      const type = text(row, 'Type Ligne')
      if (type === 'Poste') return void postes.push(row)
      if (type !== 'Elément' && type !== 'Élément') {
        return faults.add(line, 'Type Ligne', 'unknown-line-type', 'neither "Elément" nor "Poste".', type)
      }
      const id = text(row, "Identifiant de l'élément")
      if (!/^\d+$/.test(id))
        return faults.add(line, "Identifiant de l'élément", 'bad-id', 'an identifier is digits.', id)
      const earlier = elements.get(id)
      if (earlier)
        return faults.add(
          line,
          "Identifiant de l'élément",
          'duplicate-id',
          `element ${id} stands on line ${earlier.line} too.`,
          id,
        )
      elements.set(id, { ...row, postes: [] })
    },

    finish(): ImportResult {
      for (const poste of postes) {
        const id = text(poste, "Identifiant de l'élément")
        const element = elements.get(id)
        if (element) element.postes.push(poste)
        else
          faults.add(
            poste.line,
            "Identifiant de l'élément",
            'orphan-poste',
            `there is no element ${id} for this poste.`,
            id,
          )
      }
      const factors: Factor[] = []
      for (const [id, element] of elements) {
        const factor = readElement(id, element)
        if (factor) factors.push(factor)
      }
      if (elements.size === 0) faults.add(1, '', 'no-elements', 'the file holds no emission factor.')
      faults.refuseIfAny()
      tally(counts, factors)
      return { dataset: 'base-carbone', publisher: 'ADEME', edition, factors, counts }
    },
  }

  function readElement(id: string, element: Element): Factor | undefined {
    const status = text(element, "Statut de l'élément")
    if (!Object.hasOwn(baseCarboneStatuses, status)) {
      faults.add(element.line, "Statut de l'élément", 'unknown-status', 'not a status of Base Carbone.', status)
      return undefined
    }
    const row = `element ${id}`
    const amounts = readStages(element, row)
    if (!amounts) return undefined
    const category = text(element, 'Code de la catégorie')
    const spelling = text(element, 'Unité français')
    const read = readBaseCarboneUnit(spelling, category)
    const notes = [
      read?.of ? `Per ${perOf(spelling) ?? spelling} (${read.of.en}).` : '',
      text(element, 'Commentaire français'),
    ]
    const note = notes.filter((part) => part !== '').join(' ')
    return {
      id: `base-carbone:${id}`,
      dataset: 'base-carbone',
      publisher: 'ADEME',
      edition,
      row,
      name: namesOf(element),
      ...(read?.of ? { attributes: { per: read.of.en } } : {}),
      unit: read?.unit ?? sourceUnit(perOf(spelling) ?? spelling),
      ...amounts,
      boundary: boundaryOf(amounts.stages, category),
      gwp_set: gwpSetOf(category),
      ...geographyOf(
        text(element, 'Localisation géographique'),
        text(element, 'Sous-localisation géographique français'),
      ),
      ...categoryOf(category),
      ...validityOf(element),
      ...uncertaintyOf(element),
      ...qualityOf(element),
      status: baseCarboneStatuses[status] ?? 'archived',
      ...radiativeForcingOf(text(element, 'Nom frontière français')),
      ...priceOf(read?.unit),
      source: {
        title: text(element, 'Source') || text(element, 'Programme') || `ADEME, Base Carbone ${edition}, ${row}`,
        url: text(element, 'Url du programme') || 'https://base-empreinte.ademe.fr/',
        licence: 'Licence Ouverte 2.0 (Etalab)',
      },
      ...(note === '' ? {} : { note }),
      raw: rawOf(element),
    }
  }

  /** The published total and its stages, with both sums checked; undefined where a number cannot be read. */
  function readStages(element: Element, row: string): Pick<Factor, 'total_kg_co2e' | 'stages'> | undefined {
    const whole = readAmounts(element, 'whole')
    const read = element.postes.map((poste) => ({ type: text(poste, 'Type poste'), stage: readPoste(poste) }))
    const stages = read.flatMap(({ stage }) => (stage ? [stage] : []))
    if (!whole || stages.length < read.length) return undefined
    const { total_kg_co2e } = whole
    if (stages.length > 0)
      checkRollUp(
        counts.roll_ups.stages,
        row,
        total_kg_co2e,
        stages.map((stage) => stage.total_kg_co2e),
      )
    for (const { stage, total_kg_co2e: total, gases_kg_co2e } of [whole, ...stages]) {
      if (gases_kg_co2e) checkRollUp(counts.roll_ups.gases, `${row}, ${stage}`, total, Object.values(gases_kg_co2e))
    }
    // A poste of a type we do not know cannot be routed: such an element keeps its total and is not taken apart.
    const known = read.every(({ type }) => Object.hasOwn(baseCarboneStages, type))
    if (!known) count(counts.unread, 'unknown-poste-type')
    return { total_kg_co2e, stages: stages.length > 0 && known ? mergeStages(stages) : [whole] }
  }

  /** Where the publisher has no English name, the French one is shown rather than none. */
  function namesOf(element: Line): Factor['name'] {
    const part = (which: string, language: string): string => text(element, `Nom ${which} ${language}`)
    const fr = nameOf('fr', part('base', 'français'), part('attribut', 'français'), part('frontière', 'français'))
    const base_en = part('base', 'anglais')
    const en = base_en === '' ? fr : nameOf('en', base_en, part('attribut', 'anglais'), part('frontière', 'anglais'))
    return { en, fr }
  }

  function validityOf(element: Line): Pick<Factor, 'valid_from' | 'valid_to'> {
    const since = readDay(cell(element, 'Date de modification')) ?? readDay(cell(element, 'Date de création'))
    const validity = readValidity(text(element, 'Période de validité'), since)
    if (validity === undefined) count(counts.unread, 'validity')
    return validity ?? {}
  }

  function readPoste(poste: Line): FactorStage | undefined {
    const type = text(poste, 'Type poste')
    return readAmounts(poste, Object.hasOwn(baseCarboneStages, type) ? (baseCarboneStages[type] ?? 'other') : 'other')
  }

  /** The total and the gases of one line. A blank gas is not a zero: it is left out. */
  function readAmounts(line: Line, stage: Stage): FactorStage | undefined {
    const total = numberAt(line, 'Total poste non décomposé')
    if (total === undefined) faults.add(line.line, 'Total poste non décomposé', 'missing-number', 'the total is blank.')
    if (total === undefined || Number.isNaN(total)) return undefined
    const gases: Record<string, number> = {}
    let readable = true
    const add = (gas: string, value: number | undefined): void => {
      if (value === undefined) return
      if (Number.isNaN(value)) readable = false
      gases[gas] = tidy((gases[gas] ?? 0) + value)
    }
    for (const [name, gas] of Object.entries(baseCarboneGases)) add(gas, numberAt(line, name))
    for (const n of EXTRA_GASES) {
      const value = numberAt(line, `Valeur gaz supplémentaire ${n}`)
      const code = text(line, `Code gaz supplémentaire ${n}`)
      // A zero without a gas is only the padding of the export. A value without one (contrails of flights) is `other`.
      if (value === 0 && code === '') continue
      add(Object.hasOwn(baseCarboneExtraGases, code) ? (baseCarboneExtraGases[code] ?? 'other') : 'other', value)
    }
    const biogenic = numberAt(line, 'CO2b')
    if (!readable || Number.isNaN(biogenic)) return undefined
    return {
      stage,
      total_kg_co2e: total,
      ...(Object.keys(gases).length > 0 ? { gases_kg_co2e: gases } : {}),
      ...(biogenic !== undefined && biogenic > 0 ? { co2_biogenic_kg: biogenic } : {}),
    }
  }

  /** Undefined when blank; NaN, after noting the fault, when it is no number. */
  function numberAt(line: Line, name: string): number | undefined {
    const written = cell(line, name).trim()
    if (written === '') return undefined
    const value = readNumber(written)
    if (value !== undefined) return value
    faults.add(line.line, name, 'bad-number', `"${written.slice(0, 40)}" is not a number.`, written)
    return Number.NaN
  }

  function uncertaintyOf(line: Line): Pick<Factor, 'uncertainty_percent'> {
    const value = numberAt(line, 'Incertitude')
    return value !== undefined && value >= 0 ? { uncertainty_percent: value } : {}
  }

  /** The file grades 1 (poor) to 5 with half points, and writes 0 where nobody graded. */
  function qualityOf(line: Line): Pick<Factor, 'quality'> {
    const grade = (name: string): number | undefined => {
      const value = numberAt(line, name)
      return value !== undefined && value >= 1 && value <= 5 ? value : undefined
    }
    const grades: QualityGrades = {
      reliability: grade('Qualité P'),
      technical: grade('Qualité TeR'),
      geographic: grade('Qualité GR'),
      temporal: grade('Qualité TiR'),
      completeness: grade('Qualité C'),
    }
    const given = Object.entries(grades).filter(([, value]) => value !== undefined)
    return given.length > 0 ? { quality: Object.fromEntries(given) } : {}
  }

  /** Every cell that is not blank, as it was read; of a poste, what it adds to its element. */
  function rawOf(element: Element): Record<string, string> {
    const raw: Record<string, string> = {}
    header.forEach((name, index) => {
      const written = element.cells[index] ?? ''
      if (written !== '') raw[name.replaceAll('\uFEFF', '').normalize('NFC').trim()] = written
    })
    element.postes.forEach((poste, n) => {
      for (const name of [...POSTE_COLUMNS, ...GAS_COLUMNS]) {
        const written = cell(poste, name)
        if (written !== '') raw[`Poste ${n + 1}: ${name}`] = written
      }
    })
    return raw
  }
}

/** Joins what there is. An attribute that is a bare number takes the decimal mark of the language, whatever the file's. */
function nameOf(language: 'en' | 'fr', ...parts: string[]): string {
  return parts
    .filter((part) => part !== '')
    .map((part) => (/^\d+[.,]\d+$/.test(part) ? part.replace(/[.,]/, language === 'fr' ? ',' : '.') : part))
    .join(', ')
}

/** Postes that are one stage (two `Energie` lines: shaping, assembly) are added up: a factor names a stage once. */
function mergeStages(stages: readonly FactorStage[]): FactorStage[] {
  const merged = new Map<Stage, FactorStage>()
  for (const stage of stages) {
    const sum = merged.get(stage.stage)
    if (!sum) {
      merged.set(stage.stage, {
        ...stage,
        ...(stage.gases_kg_co2e ? { gases_kg_co2e: { ...stage.gases_kg_co2e } } : {}),
      })
      continue
    }
    sum.total_kg_co2e = tidy(sum.total_kg_co2e + stage.total_kg_co2e)
    if (stage.co2_biogenic_kg !== undefined)
      sum.co2_biogenic_kg = tidy((sum.co2_biogenic_kg ?? 0) + stage.co2_biogenic_kg)
    if (!stage.gases_kg_co2e || !sum.gases_kg_co2e) {
      // One of them does not say its gases, so their sum does not either.
      delete sum.gases_kg_co2e
      continue
    }
    for (const [gas, value] of Object.entries(stage.gases_kg_co2e)) {
      sum.gases_kg_co2e[gas] = tidy((sum.gases_kg_co2e[gas] ?? 0) + value)
    }
  }
  return [...merged.values()]
}

const atPointOfUse: readonly Stage[] = ['combustion', 'generation', 'fugitive', 'process', 'incineration', 'treatment']

/** Base Carbone counts a whole life cycle unless its stages, or its kind (a gas let out, a process), say otherwise. */
function boundaryOf(stages: readonly FactorStage[], category: string): Factor['boundary'] {
  if (stages.length === 1 && stages[0]?.stage === 'whole')
    return /^(?:Process|UTCF)/.test(category) ? 'direct' : 'life_cycle'
  if (stages.every(({ stage }) => stage === 'upstream' || stage === 'losses')) return 'upstream'
  return stages.every(({ stage }) => atPointOfUse.includes(stage)) ? 'direct' : 'life_cycle'
}

/** ADEME weights gases by AR5 with fossil methane at 30. A row that *is* a potential says in its category which report. */
function gwpSetOf(category: string): GwpSet {
  const report = /^Process.*PRG .*?(\d) ?[eè]me rapport/u.exec(category)
  if (report?.[1] === '4') return 'AR4'
  return report?.[1] === '6' ? 'AR6' : 'AR5-fossil-ch4'
}

function geographyOf(place: string, part: string): Pick<Factor, 'geography' | 'geography_name'> {
  const geography_name = [place, part === '#N/A' ? '' : part].filter((name) => name !== '').join(', ')
  const code = placeCode(part)
  const named = geography_name === '' ? {} : { geography_name }
  if (code !== undefined) return { geography: code, ...named }
  const wide = { Monde: 'world', Europe: 'EU', 'Outre-mer': 'FR', 'France continentale': 'FR' }
  return { geography: Object.hasOwn(wide, place) ? wide[place as keyof typeof wide] : 'unknown', ...named }
}

const categories: readonly [start: string, category: string][] = [
  ['Combustibles > Fossiles > Liquides > Usage sources mobiles', '1.2'],
  ['Combustibles', '1.1'],
  ['Process et émissions fugitives > Process industriels', '1.3'],
  ['Process et émissions fugitives', '1.4'],
  ['Electricité', '2.1'],
  ['Électricité', '2.1'],
  ['Réseaux de chaleur', '2.2'],
  ['Achats', '3.1'],
  ['Transport de marchandises', '3.4'],
  ['Transport de personnes', '3.6'],
  ['Traitement des déchets', '3.5'],
]

/** Where a factor of this part of the tree usually lands. Land use and territorial statistics have no place of their own. */
function categoryOf(category: string): Pick<Factor, 'category'> {
  const found = categories.find(([start]) => category.startsWith(start))
  return found ? { category: found[1] } : {}
}

function radiativeForcingOf(boundary_fr: string): Pick<Factor, 'radiative_forcing'> {
  if (/AVEC tra[iî]n[ée]es/iu.test(boundary_fr)) return { radiative_forcing: 'included' }
  return /SANS tra[iî]n[ée]es/iu.test(boundary_fr) ? { radiative_forcing: 'excluded' } : {}
}

function priceOf(unit: string | undefined): Pick<Factor, 'price'> {
  const money = /^kEUR-(\d{4})$/.exec(unit ?? '')
  return money ? { price: { currency: 'EUR', year: Number(money[1]), basis: 'unknown', tax: 'excluded' } } : {}
}
