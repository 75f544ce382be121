import { describe, expect, test } from 'vitest'
import { base32Of, hotp, normalRecoveryCode, otpauthUri, recoveryCodeOf, stepAt, stepOfCode } from './totp.ts'

/** Secret of RFC 4226 appendix D and RFC 6238 appendix B. */
const secret = new TextEncoder().encode('12345678901234567890')

// RFC 4226, appendix D: counters 0 to 9.
const codes = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ')

test.each(codes.map((code, counter) => [counter, code] as const))('RFC 4226: counter %i gives %s', (counter, code) => {
  expect(hotp(secret, counter)).toBe(code)
})

// RFC 6238, appendix B, the SHA-1 rows: eight digits.
test.each([
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
])('RFC 6238: second %i gives %s', (second, code) => {
  expect(hotp(secret, stepAt(new Date(second * 1000)), 8)).toBe(code)
})

describe('a code counts in its own half minute and one to either side', () => {
  const at = new Date(1111111111_000)
  const step = stepAt(at)
  test.each([
    [-2, undefined],
    [-1, step - 1],
    [0, step],
    [1, step + 1],
    [2, undefined],
  ])('%i steps away: %s', (away, found) => {
    expect(stepOfCode(secret, hotp(secret, step + away), at)).toBe(found)
  })
  test('typed with blanks it is the same code', () => {
    const code = hotp(secret, step)
    expect(stepOfCode(secret, `${code.slice(0, 3)} ${code.slice(3)}`, at)).toBe(step)
  })
  test.each(['', '0', '12345', '1234567', 'abcdef', '١٢٣٤٥٦'])('%j is no code', (code) => {
    expect(stepOfCode(secret, code, at)).toBeUndefined()
  })
})

// RFC 4648, section 10, without padding.
test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('RFC 4648: base 32 of %j is %j', (text, expected) => {
  expect(base32Of(new TextEncoder().encode(text))).toBe(expected)
})

test('the address behind the QR code names issuer and account, and cannot be broken by either', () => {
  expect(otpauthUri(secret, 'ada&secret=x@example.org')).toBe(
    'otpauth://totp/Tidemark:ada%26secret%3Dx%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Tidemark&algorithm=SHA1&digits=6&period=30',
  )
})

test('a recovery code is read back however it is typed', () => {
  const shown = recoveryCodeOf(Uint8Array.from([0, 68, 50, 20, 199, 66, 84, 182, 53, 207]))
  expect(shown).toBe('ABCD-EFGH-IJKL-MNOP')
  expect(normalRecoveryCode(' abcd efgh-ijkl mnop ')).toBe('ABCDEFGHIJKLMNOP')
  expect(normalRecoveryCode('ABCD-EFGH-IJKL-MNO')).toBeUndefined()
  expect(normalRecoveryCode('ABCD-EFGH-IJKL-MNO1')).toBeUndefined()
})
