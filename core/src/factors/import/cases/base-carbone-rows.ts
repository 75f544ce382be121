/**
 * Invented rows in the official column layout of Base Carbone, with every quirk that the real file has. Names and
 * values are ours; they are data for tests and say nothing about the world.
 */
export const columns67 = [
  'Type Ligne',
  "Identifiant de l'élément",
  'Structure',
  "Type de l'élément",
  "Statut de l'élément",
  'Nom base français',
  'Nom base anglais',
  'Nom base espagnol',
  'Nom attribut français',
  'Nom attribut anglais',
  'Nom attribut espagnol',
  'Nom frontière français',
  'Nom frontière anglais',
  'Nom frontière espagnol',
  'Code de la catégorie',
  'Tags français',
  'Tags anglais',
  'Tags espagnol',
  'Unité français',
  'Unité anglais',
  'Unité espagnol',
  'Contributeur',
  'Autres Contributeurs',
  'Programme',
  'Url du programme',
  'Source',
  'Localisation géographique',
  'Sous-localisation géographique français',
  'Sous-localisation géographique anglais',
  'Sous-localisation géographique espagnol',
  'Date de création',
  'Date de modification',
  'Période de validité',
  'Incertitude',
  'Réglementations',
  'Transparence',
  'Qualité',
  'Qualité TeR',
  'Qualité GR',
  'Qualité TiR',
  'Qualité C',
  'Qualité P',
  'Qualité M',
  'Commentaire français',
  'Commentaire anglais',
  'Commentaire espagnol',
  'Type poste',
  'Nom poste français',
  'Nom poste anglais',
  'Nom poste espagnol',
  'Total poste non décomposé',
  'CO2f',
  'CH4f',
  'CH4b',
  'N2O',
  'Code gaz supplémentaire 1',
  'Valeur gaz supplémentaire 1',
  'Code gaz supplémentaire 2',
  'Valeur gaz supplémentaire 2',
  'Code gaz supplémentaire 3',
  'Valeur gaz supplémentaire 3',
  'Code gaz supplémentaire 4',
  'Valeur gaz supplémentaire 4',
  'Code gaz supplémentaire 5',
  'Valeur gaz supplémentaire 5',
  'Autres GES',
  'CO2b',
] as const

/** Older exports have 58: no Spanish and no `Autres Contributeurs`. */
export const columns58 = columns67.filter((name) => !name.includes('espagnol') && name !== 'Autres Contributeurs')

export type CaseRow = Partial<Record<(typeof columns67)[number], string>>

export const element = (id: string, row: CaseRow): CaseRow => ({
  'Type Ligne': 'Elément',
  "Identifiant de l'élément": id,
  Structure: 'élément non décomposé',
  "Type de l'élément": "Facteur d'émission",
  "Statut de l'élément": 'Valide générique',
  'Nom base français': `Chose ${id}`,
  'Code de la catégorie': 'Achats de biens > Choses',
  'Unité français': 'kgCO2e/kg',
  'Localisation géographique': 'France continentale',
  'Total poste non décomposé': '1,5',
  ...row,
})

export const poste = (of: CaseRow, type: string, row: CaseRow): CaseRow => ({
  ...of,
  'Type Ligne': 'Poste',
  'Type poste': type,
  ...row,
})

const fuel = element('900001', {
  Structure: 'élément décomposé par poste et par gaz',
  'Nom base français': 'Carburant inventé',
  'Nom base anglais': 'Invented fuel',
  'Nom attribut français': 'B9',
  'Code de la catégorie': 'Combustibles > Fossiles > Liquides > Usage sources mobiles > Usage routier',
  'Tags français': 'carburant,gazole inventé',
  'Unité français': 'kgCO2e/Litre',
  'Date de modification': '18/06/2021',
  'Période de validité': 'déc.-27',
  Incertitude: '10',
  'Qualité TeR': '4,5',
  'Qualité GR': '0',
  Réglementations: "DonnÃ©es de l'article L0",
  'Total poste non décomposé': '3,1',
  CO2f: '3,04',
  CH4f: '0,00622',
  CH4b: '0',
  N2O: '0,0537',
  'Valeur gaz supplémentaire 1': '0,00000000000000',
  'Autres GES': '0',
  CO2b: '0',
})

/** A file with one row of every kind. */
export const goodRows: CaseRow[] = [
  fuel,
  poste(fuel, 'Combustion', {
    'Total poste non décomposé': '2,49',
    CO2f: '2,47',
    CH4f: '9,21E-4',
    CH4b: '0',
    N2O: '0,0207',
    CO2b: '0,155899',
    'Autres GES': '0',
  }),
  poste(fuel, 'Amont', {
    'Total poste non décomposé': '0,609',
    CO2f: '0,571',
    CH4f: '0,0053',
    CH4b: '0',
    N2O: '0,033',
    CO2b: '-0,155899',
    'Autres GES': '0',
  }),
  element('900002', {
    Structure: 'élément décomposé par gaz',
    'Nom base français': '"""Eau """"très"""" sale"""',
    'Code de la catégorie': 'Traitement des déchets > Eaux usées',
    'Unité français': 'kgCO2e/m³',
    'Total poste non décomposé': '0,5',
    CO2f: '0',
    CH4b: '0,5',
    'Commentaire français': 'Tout en\nméthane\tbiogénique',
  }),
  element('900003', {
    'Nom base français': '\tTuyau',
    'Unité français': 'kgCO2e/mL',
    "Statut de l'élément": 'Archivé',
  }),
  element('900004', { 'Unité français': 'kgCO2e/keuro', 'Code de la catégorie': 'Achats de services' }),
  element('900005', { 'Unité français': 'kgCO2e/keuro (2023) HT', "Statut de l'élément": 'Valide spécifique' }),
  element('900006', {
    'Nom base français': 'Avion passagers',
    'Nom frontière français': 'AVEC trainées',
    'Code de la catégorie': 'Transport de personnes > Aérien',
    'Unité français': 'kgCO2e/peq.km',
    'Total poste non décomposé': '0,2',
    CO2f: '0,1',
    'Valeur gaz supplémentaire 1': '0,1',
  }),
  element('900007', {
    "Type de l'élément": 'Données source',
    'Unité français': 'GJ / tonne',
    'Total poste non décomposé': '42',
  }),
  element('900008', {
    'Total poste non décomposé': '-0,25',
    'Localisation géographique': 'Autre pays du monde',
    'Sous-localisation géographique français': 'Corée du sud',
  }),
]

/** Rows as cells of the columns given. */
export function cellsOf(rows: readonly CaseRow[], columns: readonly string[] = columns67): string[][] {
  return rows.map((row) => columns.map((name) => row[name as keyof CaseRow] ?? ''))
}

/** The file as ADEME's download writes it: semicolons, decimal commas. Encode it as Windows-1252. */
export function asDownload(rows: readonly CaseRow[], columns: readonly string[] = columns67): string {
  return csv([columns, ...cellsOf(rows, columns)], ';')
}

/** The file as the open-data export writes it: commas, decimal points, ISO days. Encode it as UTF-8. */
export function asOpenData(rows: readonly CaseRow[], columns: readonly string[] = columns67): string {
  const cells = cellsOf(rows, columns).map((row) =>
    row.map((cell) =>
      /^-?\d+,\d+(E-?\d+)?$/.test(cell)
        ? cell.replace(',', '.')
        : cell.replace(/^(\d\d)\/(\d\d)\/(\d{4})$/, '$3-$2-$1'),
    ),
  )
  return csv([columns, ...cells], ',')
}

function csv(rows: readonly (readonly string[])[], separator: string): string {
  const quoted = (cell: string): string => (/["\n\r;,]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
  return `${rows.map((row) => row.map(quoted).join(separator)).join('\n')}\n`
}
