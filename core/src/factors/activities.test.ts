import { describe, expect, test } from 'vitest'
import { categoryIds } from '../lib/categories.ts'
import { acceptsDimension, activities, allowsAttribute, findActivity } from './activities.ts'

describe('the closed list of activities', () => {
  test('names every activity once', () => {
    const keys = activities.map((activity) => activity.key)
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('says each in English and French', () => {
    for (const { key, name } of activities) expect(name.en && name.fr, key).toBeTruthy()
  })

  test('lands each in a category of the GHG Protocol', () => {
    for (const { key, category } of activities) expect(categoryIds, key).toContain(category)
  })

  test('completes only with activities that exist', () => {
    const unknown = activities.flatMap(({ companions }) => companions.filter((key) => !findActivity(key)))
    expect(unknown).toEqual([])
  })

  test('falls back only on values that an attribute may take', () => {
    const wrong = activities.flatMap((activity) =>
      Object.entries(activity.attributes).flatMap(([name, attribute]) =>
        attribute.default === undefined || allowsAttribute(activity, name, attribute.default)
          ? []
          : [`${activity.key}.${name}`],
      ),
    )
    expect(wrong).toEqual([])
  })
})

describe('an attribute takes only the values of its list', () => {
  const flight = findActivity('flight')
  const spend = findActivity('purchase_services')
  if (!flight || !spend) throw new Error('Both activities are in the list.')

  test.each([
    [flight, 'class', 'economy', true],
    [flight, 'class', 'cattle', false],
    [flight, 'class', 1, false],
    [flight, 'colour', 'red', false],
    [flight, 'constructor', 'x', false],
    [spend, 'naics', '541511', true],
    [spend, 'naics', '5415', false],
    [spend, 'naics', '541511x', false],
  ] as const)('%#', (activity, name, value, allowed) => expect(allowsAttribute(activity, name, value)).toBe(allowed))
})

test('an activity counted in money takes every currency and year, and nothing else', () => {
  const spend = findActivity('purchase_services')
  if (!spend) throw new Error('The activity is in the list.')
  expect(acceptsDimension(spend, 'money_EUR-2023')).toBe(true)
  expect(acceptsDimension(spend, 'mass')).toBe(false)
})

test('there is no activity of an inherited name', () => expect(findActivity('constructor')).toBeUndefined())
