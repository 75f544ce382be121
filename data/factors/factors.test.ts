import { readdirSync, readFileSync } from 'node:fs'
import { acceptsDimension, allowsAttribute, findActivity } from '@tidemark/core/factors/activities.ts'
import type { Factor } from '@tidemark/core/factors/contract.ts'
import { expandDataset } from '@tidemark/core/factors/dataset.ts'
import { findUnit } from '@tidemark/core/lib/units.ts'
import { describe, expect, test } from 'vitest'

const here = new URL('./', import.meta.url)
const datasets = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

/** Expanding checks every factor against the contract. */
function load(dataset: string): Factor[] {
  return expandDataset(JSON.parse(readFileSync(new URL(`${dataset}/factors.json`, here), 'utf8')))
}
const factors = datasets.flatMap(load)

describe('every embedded factor', () => {
  test('has an id of its own within its edition', () => {
    const ids = factors.map((factor) => `${factor.id}@${factor.edition}`)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('is counted in a unit of the closed table', () => {
    expect(factors.filter((factor) => !findUnit(factor.unit)).map((factor) => `${factor.id} ${factor.unit}`)).toEqual([])
  })

  test('names an activity of the closed list in a unit and with attributes that the activity knows', () => {
    const wrong = factors.flatMap((factor) => {
      if (factor.activity === undefined) return []
      const activity = findActivity(factor.activity)
      const unit = findUnit(factor.unit)
      if (!activity || !unit) return [`${factor.id}: ${factor.activity}`]
      const attributes = Object.entries(factor.attributes ?? {}).filter(([name, value]) => !allowsAttribute(activity, name, value))
      if (!acceptsDimension(activity, unit.dimension)) return [`${factor.id}: ${factor.activity} in ${factor.unit}`]
      return attributes.map(([name, value]) => `${factor.id}: ${factor.activity} ${name} ${value}`)
    })
    expect(wrong).toEqual([])
  })
})
