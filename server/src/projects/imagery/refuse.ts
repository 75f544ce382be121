import { Problem } from '@tidemark/core/lib/problem.ts'

/** Nothing of a file's own text goes into a sentence longer than this, nor with control characters. */
const SHOWN_CHARACTERS = 120

/** A picture that is not what its header says, or not what any reader could read. */
export function unreadable(detail: string, facts: Record<string, unknown> = {}): Problem {
  return new Problem('projects/image-unreadable', { detail, ...facts })
}

/** A picture that may be in order, but is not of a kind that is read here. */
export function notSupported(detail: string, facts: Record<string, unknown> = {}): Problem {
  return new Problem('projects/image-not-supported', { detail, ...facts })
}

export function tooLarge(detail: string, facts: Record<string, unknown> = {}): Problem {
  return new Problem('projects/image-too-large', { detail, ...facts })
}

/** What a decoder said about a file, as part of a sentence: on one line, short, without paths. */
export function saidBy(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return plainText(text.replaceAll(/\/\S+\/\S+/g, '…')) ?? 'no reason was given'
}

/** Text out of a file for display and comparison: printable, on one line, short. Null when nothing is left. */
export function plainText(text: unknown, characters = SHOWN_CHARACTERS): string | null {
  if (typeof text !== 'string' && typeof text !== 'number') return null
  const plain = String(text)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  if (plain === '') return null
  return plain.length > characters ? `${plain.slice(0, characters - 1)}…` : plain
}
