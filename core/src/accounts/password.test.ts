import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commonWords } from './common-words.ts'
import { guessWork, GUESS_WORK_MIN, normalPassword, passwordFaults } from './password.ts'

const alone = { second_factor: false }
const codes = (password: string, context: Parameters<typeof passwordFaults>[1] = alone) =>
  passwordFaults(password, context).map((fault) => fault.code)

describe('length (NIST SP 800-63B-4 3.1.1)', () => {
  test.each([
    ['fourteen is one too few alone', 'kX7qLm2vRt9bNz', alone, ['too-short']],
    ['fifteen is enough alone', 'kX7qLm2vRt9bNzW', alone, []],
    ['seven is too few beside a second factor', 'kX7qLm2', { second_factor: true }, ['too-short']],
    ['eight is enough beside a second factor', 'kX7qLm2v', { second_factor: true }, []],
    ['128 is taken', `a boat ${'kqzjxvbw'.repeat(20)}`.slice(0, 128), alone, []],
    ['129 is refused, not cut off', `a boat ${'kqzjxvbw'.repeat(20)}`.slice(0, 129), alone, ['too-long']],
    ['a character outside the basic plane counts once', '🐟'.repeat(14), alone, ['too-short']],
  ])('%s', (_title, password, context, expected) => {
    expect(codes(password, context)).toEqual(expected)
  })
})

test.each([
  'a boat that nobody else rows',
  'correct horse battery staple',
  'trois vélos rouillés sous la pluie',
  'Zürich-Käse-Fahrradpumpe',
  '八十年前の海岸線に立つ灯台守の古い時計',
  'kX7#qLm2vRt9!bNz',
  'monkey dragon love sunshine quiet',
])('%j is taken: no capitals, digits or signs are asked for', (password) => {
  expect(codes(password)).toEqual([])
})

test.each([
  'passwordpassword',
  'Password123456!',
  'P@ssw0rd2026!!!!',
  'motdepasse123456',
  'Azertyuiop123456',
  'qwertyuiopasdfgh',
  '1qaz2wsx3edc4rfv',
  '123456789012345',
  'aaaaaaaaaaaaaaaa',
  'abcabcabcabcabc',
  'iloveyouiloveyou',
  'September2026!!!',
  'Marseille13.2026',
  'letmeinletmein123',
  'Summer-Winter-2026',
  '01011990-31121999',
  'contrasena.princesa',
  'Schmetterling.Liebling',
  'buongiornoamoremio1',
  'tartaruga-borboleta',
  'ManchesterUnited1999',
  'Volkswagen&Porsche!',
  'carbonneutral2030netzero',
  'sustainabilityreport',
  'drowssapemoclew2026',
  'qazxswedcvfrtgbnhy',
  'Guillaume+Delphine',
])('%j is refused: a guesser tries it early', (password) => {
  expect(codes(password)).toEqual(['guessable'])
})

test.each([
  ['ada.lovelace@example.org', 'Ada Lovelace', 'Example Shipping', 'AdaLovelace2026!'],
  ['ada.lovelace@example.org', 'Ada Lovelace', 'Example Shipping', 'exampleshipping1!'],
  ['ada.lovelace@example.org', 'Ada Lovelace', 'Example Shipping', 'ecalevolada12345'],
  ['ada.lovelace@example.org', 'Ada Lovelace', 'Example Shipping', '4d4.l0v3l4c3.2026'],
])('%s, %s of %s cannot use %j', (email, name, organisation, password) => {
  expect(codes(password, { ...alone, email, name, organisation })).toEqual(['guessable'])
})

test('more than five thousand words are known, each in small letters without accents', () => {
  expect(commonWords.size).toBeGreaterThan(5_000)
  expect([...commonWords].filter((word) => !/^[a-z0-9]{2,}$/.test(word))).toEqual([])
})

test('every word is refused in each spelling and with each tail that guessers add: more than ten thousand passwords', () => {
  const spellings: readonly ((word: string) => string)[] = [
    (word) => word,
    (word) => word.slice(0, 1).toUpperCase() + word.slice(1),
    (word) => word.replaceAll('a', '@').replaceAll('o', '0').replaceAll('e', '3').replaceAll('s', '$'),
    (word) => [...word].reverse().join(''),
  ]
  const tails = ['', '2026!']
  const words = [...commonWords]
  const known = words.flatMap((word) => spellings.flatMap((spell) => tails.map((tail) => spell(word) + tail)))
  expect(new Set(known).size).toBeGreaterThan(10_000)
  // One in twenty-three is judged, in turn of every spelling and tail: all of them would take seconds.
  const judged = known.filter((_, index) => index % 23 === 0)
  expect(judged.filter((password) => guessWork(password) >= GUESS_WORK_MIN)).toEqual([])
})

test('chance is not taken for words: of three hundred random passwords of fifteen characters all are taken', () => {
  // A linear congruential generator (Numerical Recipes), so that the test is the same every time.
  let state = 20_261_121
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0)
  const signs = 'abcdefghijklmnopqrstuvwxyz0123456789'
  const random = () => Array.from({ length: 15 }, () => signs[(next() >>> 8) % signs.length] ?? '').join('')
  const refused = Array.from({ length: 300 }, random).filter((password) => codes(password).length > 0)
  expect(refused).toEqual([])
})

test('two ways of typing é are one password', () => {
  expect(normalPassword('cafe\u0301')).toBe(normalPassword('caf\u00e9'))
})

test('any text gets an answer, quickly enough to be asked at every keystroke', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 128 }), (password) => {
      expect(passwordFaults(password, { ...alone, email: 'ada@example.org' }).length).toBeLessThanOrEqual(1)
    }),
  )
})
