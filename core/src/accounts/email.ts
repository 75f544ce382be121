import { z } from 'zod'

/**
 * The form under which an address is kept and compared: Unicode NFC, small letters, no blanks around it. Dots and
 * `+tags` stay, because they mean something at some hosts; two spellings that differ in them are two addresses.
 */
export function normalEmail(text: string): string {
  return text.trim().normalize('NFC').toLowerCase()
}

/** RFC 5321 4.5.3.1: 64 octets before the @, 254 in all. */
const LOCAL_LENGTH_MAX = 64
const EMAIL_LENGTH_MAX = 254

/**
 * Whether mail can be sent there as far as the text shows. Stricter than RFC 5322 on purpose: no quotes, comments, blanks
 * or control characters, so that an address in a header is an address and nothing else.
 */
export function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  const local = text.slice(0, at)
  const host = text.slice(at + 1)
  if (at < 1 || text.length > EMAIL_LENGTH_MAX || local.length > LOCAL_LENGTH_MAX || !text.isWellFormed()) return false
  if (!/^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u.test(local)) return false
  return /^(?:[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{M}\p{N}-]{2,63}$/u.test(host)
}

/** An address in a request: given in any spelling, taken in its normal form. */
export const Email = z
  .string()
  .max(EMAIL_LENGTH_MAX + 20)
  .overwrite(normalEmail)
  .refine(isEmail, { error: 'This is not an e-mail address: it looks like name@example.org.' })
