import { describe, expect, test } from 'vitest'
import type { Factor } from './contract.ts'
import { fold, headsOf, plainness, queryTerms, searchableWords, stem, words } from './search-text.ts'

const factor = (more: Partial<Factor>): Factor => ({
  id: 'base-carbone:1',
  dataset: 'base-carbone',
  publisher: 'ADEME',
  edition: 'V99',
  row: 'element 1',
  name: { fr: 'Chose', en: 'Thing' },
  unit: 'kg',
  total_kg_co2e: 1,
  stages: [{ stage: 'whole', total_kg_co2e: 1 }],
  boundary: 'life_cycle',
  geography: 'FR',
  status: 'valid',
  source: { title: 't', url: '', licence: 'l' },
  ...more,
})

test.each([
  ['Électricité d’Été', 'electricite d ete'],
  ['Cœur de bœuf', 'coeur de boeuf'],
  ['m³ (n)', 'm3 n'],
  ['R-410A', 'r 410a'],
  ['!&|():*<->\'"', ''],
])('"%s" folds to "%s"', (text, folded) => expect(fold(text)).toBe(folded))

test.each([
  ['dechets', 'dechet'],
  ['matieres', 'matiere'],
  ['eaux', 'eau'],
  ['batteries', 'battery'],
  ['gas', 'gas'],
  ['glass', 'glass'],
  ['gaz', 'gaz'],
  ['101s', '101s'],
])('%s and its plural meet at %s', (word, root) => expect(stem(word)).toBe(root))

test('small words are passed over, unless there is nothing else', () => {
  expect(words('Réseau de chaleur à Lyon')).toEqual(['reseau', 'chaleur', 'lyon'])
  expect(words('de la')).toEqual(['de', 'la'])
  expect(words('  ')).toEqual([])
})

describe('a query is taken apart', () => {
  test('a phrase that is known is one term with its other names, in both languages', () => {
    const [term, ...rest] = queryTerms('gaz naturel')
    expect(rest).toEqual([])
    expect(term?.typed).toEqual(['gaz', 'naturel'])
    expect(term?.others).toContainEqual(['natural', 'gas'])
  })
  test('other words are terms of their own', () => {
    expect(queryTerms('diesel allemagne').map(({ typed }) => typed)).toEqual([['diesel'], ['allemagne']])
  })
  test('a word in two groups has the names of both', () => {
    expect(queryTerms('maritime')[0]?.others.map((other) => other.join(' '))).toEqual(
      expect.arrayContaining(['ship', 'marine']),
    )
  })
  test('only the first twelve words count, and names of object members are only words', () => {
    expect(queryTerms('a1 '.repeat(500))).toHaveLength(12)
    expect(queryTerms('constructor __proto__ toString').every(({ others }) => others.length === 0)).toBe(true)
  })
})

test('a factor is found by its names, its place in both languages, its activity and the publisher’s tags', () => {
  const { a, b, c } = searchableWords(
    factor({
      name: { fr: 'Électricité, mix moyen', en: 'Grid electricity, average' },
      geography: 'DE',
      activity: 'electricity',
      raw: { 'Tags français': 'réseau,courant', Commentaire: 'nulle part' },
    }),
  )
  expect(a).toEqual(expect.arrayContaining(['electricite', 'grid', 'electricity']))
  expect(b).toEqual(expect.arrayContaining(['mix', 'moyen', 'allemagne', 'germany']))
  expect(c).toEqual(expect.arrayContaining(['reseau', 'ademe']))
  expect([...a, ...b, ...c]).not.toContain('nulle')
  expect(new Set([...a, ...b, ...c]).size).toBe(a.length + b.length + c.length)
})

describe('what is plain comes first', () => {
  test('a factor the library would pick before one it would not', () => {
    const picked = factor({ activity: 'electricity', unit: 'kWh' })
    const special = factor({ activity: 'electricity', unit: 'kWh', attributes: { origin: 'nuclear' } })
    expect(plainness(picked)).toBeGreaterThan(plainness(special))
    expect(plainness(special)).toBeGreaterThan(plainness(factor({ unit: 'kWh' })))
  })
  test('a country before a town, a whole chain before its first part, a unit of ours before another’s', () => {
    expect(plainness(factor({}))).toBeGreaterThan(
      plainness(factor({ geography_name: 'France continentale, Bretagne, Brest' })),
    )
    expect(plainness(factor({}))).toBeGreaterThan(plainness(factor({ boundary: 'upstream' })))
    expect(plainness(factor({}))).toBeGreaterThan(plainness(factor({ unit: 'source:keuro' })))
  })
  test('the usual factor of an activity is called by the name of the activity', () => {
    expect(headsOf(factor({ activity: 'electricity', name: { fr: 'Mix 2024', en: 'Mix 2024' } }))).toEqual(
      expect.arrayContaining(['electricite', 'electricity', 'mix 2024']),
    )
    expect(headsOf(factor({ activity: 'electricity', attributes: { origin: 'nuclear' } }))).toEqual(['chose', 'thing'])
  })
})
