import type { Stage } from '../contract.ts'

/**
 * The closed tables that turn the words of ADEME's Base Carbone into ours. The importer and the script that builds the
 * embedded extract read the same ones, so that an element is never one thing here and another there.
 */

/** What a spelling of the file means. `of` says what is counted where the unit alone does not: kilograms *of what*. */
export interface ReadUnit {
  unit: string
  of?: { en: string; fr: string }
}

const of = (unit: string, en: string, fr: string): ReadUnit => ({ unit, of: { en, fr } })

/**
 * Every spelling seen in V17 to V23.6 that has an exact counterpart in our table, without its `kgCO2e/`. The letters
 * are the file's: `mL` is *mètre linéaire* (pipes, beams), a linear metre and not a millilitre; `livre` is a book and
 * not a pound. `peq.km` is the passenger-equivalent of aviation, `t.km` and `tonne.km` are both one tonne over one km.
 */
const spellings: Record<string, ReadUnit> = {
  kg: { unit: 'kg' },
  Kg: { unit: 'kg' },
  t: { unit: 't' },
  tonne: { unit: 't' },
  'kg de poids net': of('kg', 'net weight', 'poids net'),
  'kg de poids vif': of('kg', 'live weight', 'poids vif'),
  'kg de matière active': of('kg', 'active substance', 'matière active'),
  'kg de cuir traité': of('kg', 'treated leather', 'cuir traité'),
  'kg de biodéchets': of('kg', 'bio-waste', 'biodéchets'),
  "kg d'azote épandu": of('kg', 'nitrogen spread', 'azote épandu'),
  'kg BioGNC': of('kg', 'compressed biomethane', 'BioGNC'),
  'kg DCO éliminée': of('kg', 'chemical oxygen demand removed', 'DCO éliminée'),
  'kg NTK': of('kg', 'Kjeldahl nitrogen', 'azote NTK'),
  kgH2: of('kg', 'hydrogen', 'hydrogène'),
  'tonne de déchets': of('t', 'waste', 'déchets'),
  'tonne de N': of('t', 'nitrogen (N)', 'azote (N)'),
  'tonne de P2O5': of('t', 'P2O5', 'P2O5'),
  'tonne de K2O': of('t', 'K2O', 'K2O'),
  'tonne de clinker': of('t', 'clinker', 'clinker'),
  'tonne produites': of('t', 'product', 'produit'),
  litre: { unit: 'L' },
  Litre: { unit: 'L' },
  m3: { unit: 'm3' },
  'm³': { unit: 'm3' },
  'm3 (n)': { unit: 'm3_0c' },
  kWh: { unit: 'kWh' },
  'kWh PCI': { unit: 'kWh_net' },
  'KWh PCI': { unit: 'kWh_net' },
  kWhPCI: { unit: 'kWh_net' },
  'kWh (PCI)': { unit: 'kWh_net' },
  'kWh PCS': { unit: 'kWh_gross' },
  kWhPCS: { unit: 'kWh_gross' },
  'GJ PCI': { unit: 'GJ_net' },
  'GJ PCS': { unit: 'GJ_gross' },
  'MJ PCI': { unit: 'MJ_net' },
  'tep PCI': { unit: 'tep_net' },
  'TEP PCI': { unit: 'tep_net' },
  'Tep PCI': { unit: 'tep_net' },
  'tep PCS': { unit: 'tep_gross' },
  'TEP PCS': { unit: 'tep_gross' },
  'Tep PCS': { unit: 'tep_gross' },
  // Everything the file counts per bare km is a vehicle: cars, lorries, boats, cable cars, bicycles.
  km: { unit: 'vehicle.km' },
  'véhicule.km': { unit: 'vehicle.km' },
  'voiture.km': of('vehicle.km', 'car carried', 'voiture transportée'),
  'passager.km': { unit: 'passenger.km' },
  'km.personne': { unit: 'passenger.km' },
  'peq.km': of('passenger.km', 'passenger equivalent', 'passager équivalent'),
  't.km': { unit: 'tonne.km' },
  'tonne.km': { unit: 'tonne.km' },
  'm3.km': { unit: 'm3.km' },
  'm³.km': { unit: 'm3.km' },
  'véhicule.an': { unit: 'vehicle.year' },
  m: { unit: 'm' },
  mL: { unit: 'm' },
  'm de route': of('m', 'road', 'route'),
  'm²': { unit: 'm2' },
  m2: { unit: 'm2' },
  'm² SHON': of('m2', 'net floor area', 'SHON'),
  'm2 SHON': of('m2', 'net floor area', 'SHON'),
  'm² de sol': of('m2', 'floor', 'sol'),
  'm² de paroi': of('m2', 'wall', 'paroi'),
  'm² de toiture': of('m2', 'roof', 'toiture'),
  ha: { unit: 'ha' },
  Ha: { unit: 'ha' },
  'ha.an': { unit: 'ha.year' },
  heure: { unit: 'hour' },
  unité: { unit: 'item' },
  appareil: of('item', 'device', 'appareil'),
  plant: of('item', 'plant', 'plant'),
  livre: of('item', 'book', 'livre'),
  '100 feuilles A4': of('hundred_items', 'A4 sheets', 'feuilles A4'),
  repas: { unit: 'meal' },
}

const table = new Map(Object.entries(spellings).map(([spelling, read]) => [spelling.normalize('NFC'), read]))
const MONEY = /^keuro \((20\d{2})\) HT$/

/**
 * Returns the unit of a spelling such as `kgCO2e/kWh PCI`, or undefined when ours has no exact counterpart.
 *
 * Two spellings are exact only in context. A cubic metre of a fuel is a gas volume without its reference state, and a
 * bare kWh of a fuel has no calorific basis: under the category `Combustibles` neither is a unit.
 * `keuro` without a year, `euro dépensé` and `Franc CFP` have no price year; `kgH2/100km`, `course.km` and
 * `personne.mois` measure things that nothing else measures.
 */
export function readBaseCarboneUnit(spelling: string, category: string): ReadUnit | undefined {
  const per = perOf(spelling)
  if (per === undefined) return undefined
  const money = MONEY.exec(per)
  if (money) return { unit: `kEUR-${money[1]}` }
  const isFuel = category.startsWith('Combustibles')
  if (isFuel && (per === 'kWh' || per === 'm3' || per === 'm³')) return undefined
  return table.get(per)
}

/** What follows `kgCO2e/`, in one Unicode form; undefined when the cell is not an emission per something. */
export function perOf(spelling: string): string | undefined {
  const match = /^kgCO2e\s*\/\s*(.+)$/u.exec(spelling.normalize('NFC').replaceAll(/\s+/gu, ' ').trim())
  return match?.[1]
}

/** `Type poste` of the file to a stage. The file's own spelling, `Carburant (amont/combustion)` included. */
export const baseCarboneStages: Readonly<Record<string, Stage>> = {
  Amont: 'upstream',
  Combustion: 'combustion',
  'Combustion à la centrale': 'generation',
  'Transport et distribution': 'losses',
  Fabrication: 'manufacture',
  Energie: 'process',
  Transport: 'transport',
  'Emissions fugitives': 'fugitive',
  Fuites: 'fugitive',
  Intrants: 'inputs',
  Collecte: 'collection',
  Traitement: 'treatment',
  Incinération: 'incineration',
  'Carburant (amont/combustion)': 'fuel',
  Autre: 'other',
  Amortissement: 'amortisation',
}

/** `Statut de l'élément`: the two valid ones differ only in how wide the element applies. */
export const baseCarboneStatuses: Readonly<Record<string, 'valid' | 'archived'>> = {
  'Valide générique': 'valid',
  'Valide spécifique': 'valid',
  Archivé: 'archived',
}

/** Gas columns to keys of `gases_kg_co2e`. The file weights them already; biogenic CO2 has a ledger of its own. */
export const baseCarboneGases: Readonly<Record<string, string>> = {
  CO2f: 'co2',
  CH4f: 'ch4_fossil',
  CH4b: 'ch4_biogenic',
  N2O: 'n2o',
  'Autres GES': 'other',
}

/** `Code gaz supplémentaire` to keys of `gases_kg_co2e`. `Divers` is the file's word for a mix it does not name. */
export const baseCarboneExtraGases: Readonly<Record<string, string>> = {
  Divers: 'other',
  SF6: 'sf6',
  NF3: 'nf3',
  HFC: 'hfc',
  PFC: 'pfc',
}
