import type { Fault } from '../lib/problem.ts'
import { commonWords } from './common-words.ts'

/**
 * What a password must be (NIST SP 800-63B-4 3.1.1, OWASP ASVS 5.0 6.2): long, and not what a guesser tries first. No rule
 * asks for capitals, digits or signs, and nothing expires.
 */

/** For a password that stands alone. */
export const LENGTH_MIN_ALONE = 15
/** For a password with a second factor beside it. */
export const LENGTH_MIN_WITH_SECOND_FACTOR = 8
export const LENGTH_MAX = 128

export interface PasswordContext {
  /** Whether a second factor stands beside it. */
  second_factor: boolean
  email?: string
  name?: string
  organisation?: string
}

/** The form that is hashed: one byte form for one text, whatever the keyboard sends (NIST SP 800-63B-4 3.1.1.2). */
export function normalPassword(password: string): string {
  return password.normalize('NFC')
}

/**
 * Everything that speaks against a password; empty when nothing does. Length counts characters of Unicode.
 */
export function passwordFaults(password: string, context: PasswordContext): Fault[] {
  const length = [...normalPassword(password)].length
  const length_min = context.second_factor ? LENGTH_MIN_WITH_SECOND_FACTOR : LENGTH_MIN_ALONE
  const fault = (code: string, message: string, expected: unknown): Fault => ({
    path: '/password',
    code,
    message,
    expected,
  })
  if (length > LENGTH_MAX) {
    return [fault('too-long', `At most ${LENGTH_MAX} characters; this has ${length}.`, { length_max: LENGTH_MAX })]
  }
  if (length < length_min) {
    const why = context.second_factor ? '' : ' Four or five words that do not belong together are easy to keep in mind.'
    return [fault('too-short', `At least ${length_min} characters; this has ${length}.${why}`, { length_min })]
  }
  if (guessWork(password, contextWords(context)) < GUESS_WORK_MIN) {
    return [
      fault(
        'guessable',
        'A guesser tries this early: it is made of common words, names, years, rows of keys or repetition. Add words that have nothing to do with you.',
        { pieces_min: GUESS_WORK_MIN },
      ),
    ]
  }
  return []
}

/** A random character counts one, a common word two: four common words in a row, or eight characters of chance. */
export const GUESS_WORK_MIN = 8

/**
 * How much there is to guess, in units of about one free character: the cheapest way to put the password together from
 * common words (2), words from the person's own data (1), rows of keys and sequences (1), walks over the keyboard (2), years (1), dates (2), repeated
 * characters (1) and single characters (1). Blanks, hyphens, dots and a tail of signs are free, because everybody adds them.
 */
export function guessWork(password: string, own_words: readonly string[] = []): number {
  const text = plainLetters(password)
  const unit = repeatedUnit(text)
  const characters = [...unit]
  const own = new Set(own_words)
  const cheapest = Array<number>(characters.length + 1).fill(Number.POSITIVE_INFINITY)
  cheapest[0] = 0
  const tail_from = unit.length - (/[^\p{L}\p{N}]*$/u.exec(unit)?.[0].length ?? 0)
  for (let from = 0; from < characters.length; from++) {
    const so_far = cheapest[from] ?? 0
    const reach = (to: number, cost: number) => {
      cheapest[to] = Math.min(cheapest[to] ?? so_far + cost, so_far + cost)
    }
    reach(from + 1, isFree(characters[from] ?? '', from >= tail_from) ? 0 : 1)
    for (let to = from + 3; to <= Math.min(characters.length, from + PIECE_LENGTH_MAX); to++) {
      const cost = costOfPiece(characters.slice(from, to).join(''), own)
      if (cost !== undefined) reach(to, cost)
    }
  }
  return cheapest[characters.length] ?? 0
}

const PIECE_LENGTH_MAX = 24

function costOfPiece(piece: string, own: ReadonlySet<string>): number | undefined {
  const spelt = withoutLeet(piece)
  if (own.has(spelt) || own.has(piece)) return 1
  if (isYear(piece) || isSequence(piece) || isOneCharacter(piece)) return 1
  if (isDate(piece) || isCommon(spelt) || isCommon(piece) || isWalk(piece)) return 2
  return undefined
}

/** A common word, forwards or backwards. */
function isCommon(word: string): boolean {
  return commonWords.has(word) || backwards.has(word)
}

const backwards: ReadonlySet<string> = new Set([...commonWords].map((word) => [...word].reverse().join('')))

function isFree(character: string, in_tail: boolean): boolean {
  return in_tail || /[\s._-]/.test(character)
}

/** Small letters without accents: `É` and `e` are one guess apart at most. */
function plainLetters(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

const leet: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'l',
  '+': 't',
}

function withoutLeet(text: string): string {
  return text.replaceAll(/[0134578@$!|+]/g, (sign) => leet[sign] ?? sign)
}

/** `abcabcabcabcabc` holds no more than `abc`. */
function repeatedUnit(text: string): string {
  for (let length = 1; length <= text.length / 2; length++) {
    if (text.length % length === 0 && text === text.slice(0, length).repeat(text.length / length)) {
      return text.slice(0, length)
    }
  }
  return text
}

function isYear(text: string): boolean {
  return /^(?:19|20)\d\d$/.test(text)
}

/** Six or eight digits that read as day, month and year in any usual order. */
function isDate(text: string): boolean {
  return /^(?:(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:(?:19|20)?\d\d)|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:(?:19|20)?\d\d)|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))$/.test(
    text,
  )
}

function isOneCharacter(text: string): boolean {
  return new Set(text).size === 1
}

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  'qwertzuiop',
  'yxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  'qazwsxedcrfvtgbyhnujm',
  '1234567890-=',
  '&é"(-è_çà)',
]
const sequences = rows.flatMap((row) => [row, [...row].reverse().join('')])

function isSequence(text: string): boolean {
  return sequences.some((row) => row.includes(text))
}

/** Keys side by side, on the keyboards of the languages whose words are known here: QWERTY, AZERTY and QWERTZ. */
const keyboards = [
  ['1234567890', 'qwertyuiop', 'asdfghjkl;', 'zxcvbnm,./'],
  ['1234567890', 'azertyuiop', 'qsdfghjklm', 'wxcvbn,;:!'],
  ['1234567890', 'qwertzuiop', 'asdfghjkl', 'yxcvbnm,.-'],
]
const WALK_KEYS_MIN = 6
const neighbours = keyboards.map((rows_of_keys) => {
  const near = new Set<string>()
  for (const [row, keys] of rows_of_keys.entries()) {
    for (const [column, key] of [...keys].entries()) {
      // Each row stands half a key to the right of the one above.
      const around = [keys[column + 1], rows_of_keys[row + 1]?.[column], rows_of_keys[row + 1]?.[column - 1]]
      for (const other of around) if (other !== undefined) near.add(key + other).add(other + key)
    }
  }
  return near
})

/** Six keys or more, each beside the one before or the same: `qazxsw`, `wsxcde`, `rfvgt6`. */
function isWalk(text: string): boolean {
  if (text.length < WALK_KEYS_MIN) return false
  return neighbours.some((near) => {
    for (let at = 1; at < text.length; at++) {
      const step = text.slice(at - 1, at + 1)
      if (step[0] !== step[1] && !near.has(step)) return false
    }
    return true
  })
}

/** Words of the person's own data of three letters or more, in the form in which they are looked for. */
export function contextWords({ email, name, organisation }: Omit<PasswordContext, 'second_factor'>): string[] {
  const texts = [email, name, organisation].filter((text) => text !== undefined)
  const whole = texts.map((text) => plainLetters(text).replaceAll(/[^\p{L}\p{N}]/gu, ''))
  const parts = texts.flatMap((text) => plainLetters(text).split(/[^\p{L}\p{N}]+/u))
  const words = [...parts, ...whole].filter((word) => word.length >= 3)
  return [...new Set(words.flatMap((word) => [word, withoutLeet(word), [...word].reverse().join('')]))]
}
