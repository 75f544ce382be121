import { describe, expect, test } from 'vitest'
import { findActivity } from '@tidemark/core/factors/activities.ts'
import { inventoryOf } from '@tidemark/core/footprint/questionnaire-inventory.ts'
import { ownSources, questions } from '@tidemark/core/footprint/questionnaire.ts'
import { lineName, sourceWords } from './line-words.ts'

const company = { name: 'Atelier Marée', country: 'FR', year: 2024, employees: 40, premises: 'own', trade: 'goods' }

/** The values that a choice inside a question's list offers. */
function offered(question: string, list: string, item: string): string[] {
  const field = questions.find(({ id }) => id === question)?.fields.find(({ id }) => id === list)
  const choice = field?.type === 'list' ? field.item.find(({ id }) => id === item) : undefined
  if (choice?.type !== 'choice') throw new Error(`${question}.${list}.${item} is no choice.`)
  return choice.options.map(({ value }) => value)
}

describe('a line without a label is called in the reader’s language', () => {
  const { lines } = inventoryOf({
    company,
    vehicles: {
      has: true,
      distances: offered('vehicles', 'distances', 'vehicle').map((vehicle) => ({ vehicle, distance: 1 })),
    },
    commuting: {
      groups: offered('commuting', 'groups', 'mode').map((mode) => ({ mode, people: 1, days: 1, distance: 1 })),
    },
    waste: {
      streams: offered('waste', 'streams', 'stream').map((stream) => ({ stream, mass: 1, mass_unit: 'kg' })),
    },
    meals: { average: 1, vegetarian: 1, classic_beef: 1 },
  })
  const named = lines.map((line): [string, string, string] => [
    lineName(line, line.id, 'fr'),
    lineName(line, line.id, 'en'),
    line.activity === undefined ? '' : (findActivity(line.activity)?.name.fr ?? ''),
  ])

  test.each(named)('%s is not %s', (fr, en, activity) => {
    expect(fr.startsWith(activity)).toBe(true)
    const [details_fr, details_en] = [fr, en].map((name) => name.split(/ ?: /)[1])
    if (details_fr !== undefined) expect(details_fr).not.toBe(details_en)
  })

  test('waste is called after the material that was thrown away, not after goods that were bought', () => {
    const waste = { id: 'w', activity: 'waste', attributes: { material: 'paper', treatment: 'recycling' } }
    expect(lineName(waste, 'w', 'fr')).toBe('Déchets : papier, recyclage')
  })
})

test('what the questionnaire states as a source is shown in the reader’s language, and what others wrote as they wrote it', () => {
  expect(sourceWords(ownSources.rate.en, 'fr')).toBe('Indiqué dans le questionnaire')
  expect(sourceWords('Insee, IPC 2024', 'fr')).toBe('Insee, IPC 2024')
})
