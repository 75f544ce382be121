import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPattern } from './pattern.ts'

describe('a pattern', () => {
  it.each([
    ['[A-Z]{2}\\d{3}', 'AB123', 'AB12'],
    ['^FR-\\d+$', 'FR-7', 'FR-'],
    ['(gas|wood)( pellets)?', 'wood pellets', 'wood gas'],
    ['a|b|', '', 'c'],
    ['[^,]*', 'x y', 'x,y'],
    ['\\w+@\\w+\\.(com|fr)', 'ada@example.fr', 'ada@example'],
    ['.{3}', 'éà😀', 'éà'],
    ['(ab){2,3}', 'ababab', 'ab'],
    ['x{0}', '', 'x'],
    ['[a\\-z]+', 'a-z', 'b'],
    ['[\\d.]+', '1.2', 'a'],
    ['\\D\\S\\W', 'ab-', '1b-'],
    ['(a*)*b', 'aab', 'aa'],
    ['\\[x\\]\\$', '[x]$', 'x'],
  ])('%s fits %o and not %o', (source, fitting, other) => {
    expect(readPattern(source).matches(fitting)).toBe(true)
    expect(readPattern(source).matches(other)).toBe(false)
  })

  it('says what the engine of the language says, on any text', () => {
    const sources = ['(a|ab)(c|bcd)(d*)', '(a+|b)*c?', '[ab]{1,3}(cd|c)*', '((a?b)|c){2}', '(?:a|b)+d{2,}']
    const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 8 }).map((parts) => parts.join(''))
    for (const source of sources) {
      const [ours, theirs] = [readPattern(source), new RegExp(`^(?:${source})$`)]
      fc.assert(fc.property(texts, (text) => ours.matches(text) === theirs.test(text)))
    }
  })

  it('made to run for ever on a text answers at once', () => {
    const text = `${'a'.repeat(50_000)}!`
    for (const source of ['(a+)+', '(a|a)*', '(a|aa)+', '(.*a){12}'])
      expect(readPattern(source).matches(text)).toBe(false)
  })

  it.each([
    '(',
    ')',
    '[a',
    '*',
    'a**',
    'a{2}{3}',
    '(?=a)',
    '(?<n>a)',
    '\\1',
    '\\b',
    'a{600}',
    'a{3,2}',
    '[z-a]',
    'a\\',
    '((a{500}){500}){500}',
    '('.repeat(60),
    'a$b',
    ']',
  ])('%s is refused, and the place is named', (source) => {
    const unfit = expect.objectContaining({
      type: 'models/pattern-unfit',
      message: expect.stringMatching(/at character \d+ /),
    })
    expect(() => readPattern(source)).toThrow(unfit)
  })
})
