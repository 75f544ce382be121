import type { search as searchRoute } from '@tidemark/core/factors/contract.ts'
import { queryTerms, synonymsOf, type QueryTerm } from '@tidemark/core/factors/search-text.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import type { Context } from '../platform/context.ts'
import { shown, todayOf } from './shown.ts'
import * as store from './store.ts'

type Answer = OutputOf<typeof searchRoute>

/** Searches the library: every word first, and where no factor has them all, those that have most of them. */
export async function searchFactors(ctx: Context, input: InputOf<typeof searchRoute>): Promise<Answer> {
  const { q = '', limit, offset, ...filter } = input
  const today = todayOf(ctx)
  const terms = queryTerms(q)
  if (terms.length === 0) {
    const { total, found } = await store.searchFactors(ctx.db, filter, { phrases: [], today, limit, offset })
    return answer('no_query', total, found, [])
  }
  const answers = await store.lookUpWords(ctx.db, [...new Set(terms.flatMap(({ typed }) => typed))])
  const corrections = new Map(answers.map((word) => [word.word, nearestOf(word)]))
  const corrected = [...corrections].flatMap(([word, to]) => (to.length > 0 ? [{ word, to }] : []))
  const begun = new Set(
    answers.flatMap(({ word, is_known, begins_another }) => (begins_another && !is_known ? [word] : [])),
  )
  const last = /\s$/.test(q) ? undefined : terms.at(-1)?.typed.at(-1)
  const groups = terms.map((term) =>
    termQuery(term, (word) => formsOf(word, corrections.get(word) ?? [], begun.has(word), word === last)),
  )
  const order = { phrases: phrasesOf(terms, answers, corrections), today, limit, offset }
  const all = await store.searchFactors(ctx.db, filter, { ...order, tsquery: groups.join(' & ') })
  if (all.total > 0 || groups.length === 1) return answer('all_words', all.total, all.found, corrected)
  const some = await store.searchFactors(ctx.db, filter, { ...order, tsquery: groups.join(' | ') })
  return answer('some_words', some.total, some.found, corrected)

  function answer(
    matched: Answer['matched'],
    total: number,
    found: readonly store.Found[],
    corrected_words: Answer['corrected'],
  ): Answer {
    const factors = found.map(({ factor, is_current }) => ({ ...shown(factor, is_current, today), raw: undefined }))
    return { total, matched, corrected: corrected_words, factors }
  }
}

/** One letter begins half the library: it stands for itself alone. */
const PREFIX_LENGTH_MIN = 2

/**
 * What a typed word is looked for as: what it was put right to; what it begins, where nothing is called so or it is
 * still being typed; itself. An exact match of a word that is still being typed weighs twice.
 */
function formsOf(word: string, near: readonly string[], is_begun: boolean, is_last: boolean): readonly string[] {
  if (near.length > 0) return near
  if (word.length < PREFIX_LENGTH_MIN) return [word]
  if (is_begun) return [`${word}:*`]
  return is_last ? [word, `${word}:*`] : [word]
}

/** One term as a tsquery. Its words are made of a to z and 0 to 9 only, so nothing in them can be syntax. */
function termQuery({ typed, others }: QueryTerm, forms: (word: string) => readonly string[]): string {
  const phrase = typed.map((word) => `(${forms(word).join(' | ')})`)
  const alternatives = [phrase.join(' & '), ...others.map((other) => other.join(' & '))].map((each) => `(${each})`)
  return `(${alternatives.join(' | ')})`
}

/** The whole query, put right and completed, and said otherwise, as phrases to compare plain names with. */
function phrasesOf(
  terms: readonly QueryTerm[],
  answers: readonly store.WordAnswer[],
  corrections: ReadonlyMap<string, string[]>,
): string[] {
  const completions = new Map(answers.map(({ word, completion }) => [word, completion]))
  const right = terms.flatMap(({ typed }) =>
    typed.map((word) => corrections.get(word)?.[0] ?? completions.get(word) ?? word),
  )
  const [only] = terms
  const others = terms.length === 1 && only ? only.others : []
  return [...new Set([right, ...others, ...synonymsOf(right)].map((each) => each.join(' ')))].slice(0, 20)
}

/** Words that the database finds alike and that are within two slips of the typed one; the closest only. */
function nearestOf({ word, is_known, begins_another, near }: store.WordAnswer): string[] {
  if (is_known || begins_another || word.length < 4) return []
  const measured = near.map((candidate) => ({ candidate, slips: slipsBetween(word, candidate) }))
  const allowed = measured.filter(({ slips }) => slips <= (word.length < 6 ? 1 : 2))
  const least = Math.min(...allowed.map(({ slips }) => slips))
  return allowed
    .filter(({ slips }) => slips === least)
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

/** Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment). */
export function slipsBetween(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : Infinity
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
