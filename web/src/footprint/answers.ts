import type { Answer, Answers, AnswerValue, Gap } from '@tidemark/core/footprint/questionnaire-answers.ts'
import { useSyncExternalStore } from 'react'
import { forget, keep, readKept } from '../lib/store.ts'

const KEY = 'tidemark.answers.1'
const listeners = new Set<() => void>()
let answers: Answers = readAnswers()
let kept = true

function readAnswers(): Answers {
  const text = readKept(KEY)
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Answers) : {}
  } catch {
    return {}
  }
}

function change(next: Answers): void {
  answers = next
  kept = keep(KEY, JSON.stringify(next))
  for (const listener of listeners) listener()
}

/** Answers one field. `undefined` takes the answer back. */
export function setAnswer(question: string, field: string, value: AnswerValue | undefined): void {
  const { unknown: _, [field]: __, ...rest } = (answers[question] ?? {}) as Record<string, AnswerValue | undefined>
  const next: Record<string, AnswerValue> = {}
  for (const [key, each] of Object.entries(rest)) if (each !== undefined) next[key] = each
  if (value !== undefined) next[field] = value
  const { [question]: ___, ...others } = answers
  change(Object.keys(next).length === 0 ? others : { ...others, [question]: next as Answer })
}

/** "I don't know" keeps what was typed, so that it can be taken back. */
export function setUnknown(question: string, unknown: boolean): void {
  const { unknown: _, ...rest } = (answers[question] ?? {}) as Record<string, AnswerValue>
  change({ ...answers, [question]: (unknown ? { ...rest, unknown } : rest) as Answer })
}

export function clearAnswers(): void {
  change({})
  forget(KEY)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useAnswers(): { answers: Answers; kept: boolean } {
  const current = useSyncExternalStore(subscribe, () => answers)
  return { answers: current, kept }
}

const gapsKey = (calculation_id: string) => `tidemark.gaps.${calculation_id}`

/** What a calculation did not know of is known here only: the inventory holds what was answered, not what was not. */
export function keepGaps(calculation_id: string, gaps: readonly Gap[]): void {
  keep(gapsKey(calculation_id), JSON.stringify(gaps))
}

/** The gaps of a calculation that was made in this browser, undefined for one that came from elsewhere. */
export function readGaps(calculation_id: string): Gap[] | undefined {
  const text = readKept(gapsKey(calculation_id))
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? (value as Gap[]) : undefined
  } catch {
    return undefined
  }
}
