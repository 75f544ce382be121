import { createHash } from 'node:crypto'
import type { Factor } from '@tidemark/core/factors/contract.ts'
import { headsOf, plainness, searchableWords } from '@tidemark/core/factors/search-text.ts'
import { findUnit } from '@tidemark/core/lib/units.ts'
import type { FactorRow } from './store.ts'

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** What identifies the words of a publisher about one row, whatever rendering it was read from. */
export function contentDigest(factor: Factor): string {
  return sha256(JSON.stringify({ ...factor, raw: undefined })).slice(0, 32)
}

/** A factor with everything it is found by, and the words it brings. */
export function rowOf(factor: Factor, embedded_in: string | null): { row: FactorRow; words: string[] } {
  const unit = findUnit(factor.unit)
  const { a, b, c } = searchableWords(factor)
  const row: FactorRow = {
    id: factor.id,
    edition: factor.edition,
    dataset: factor.dataset,
    embedded_in,
    content: contentDigest(factor),
    doc: JSON.stringify(factor),
    name_fr: factor.name.fr,
    name_en: factor.name.en,
    heads: headsOf(factor),
    unit: factor.unit,
    dimension: unit?.dimension ?? null,
    geography: factor.geography,
    category: factor.category ?? null,
    activity: factor.activity ?? null,
    status: factor.status,
    valid_from: factor.valid_from ?? null,
    valid_to: factor.valid_to ?? null,
    year: yearOf(factor),
    plainness: plainness(factor),
    search: [...a.map((word) => `${word}:1A`), ...b.map((word) => `${word}:2B`), ...c.map((word) => `${word}:3C`)].join(
      ' ',
    ),
  }
  return { row, words: [...a, ...b, ...c] }
}

function yearOf(factor: Factor): number | null {
  const day = factor.valid_to ?? factor.valid_from
  return day === undefined ? null : Number(day.slice(0, 4))
}
