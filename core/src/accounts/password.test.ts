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

test('the words stand for more than ten thousand passwords that are tried first', () => {
  const tails = ['', '!', '123', '1234', '2026', '2026!']
  let refused = 0
  for (const word of commonWords) {
    for (const tail of tails) {
      for (const spelt of [word, word.replaceAll('a', '@').replaceAll('o', '0').replaceAll('e', '3')]) {
        if (guessWork(spelt + tail) < GUESS_WORK_MIN) refused += 1
      }
    }
  }
  expect(refused).toBe(commonWords.size * tails.length * 2)
  expect(refused).toBeGreaterThan(10_000)
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
