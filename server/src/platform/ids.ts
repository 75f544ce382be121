import { randomBytes } from 'node:crypto'

/** Crockford's base 32, in capitals as the ULID specification writes it: no letter that is taken for a digit. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * Makes an id such as `calc_01KAHX3V9M8Q2R5T7W0Y4Z6B1C`: what it names, then a ULID of the millisecond in which it was made
 * and 80 random bits. Ids of one kind sort by time, which keeps the newest together in an index.
 * @param at from the context's clock.
 */
export function newId(kind: string, at: Date): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(at.getTime(), 0, 6)
  let number = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  for (let i = 0; i < 26; i++) {
    text = `${alphabet[Number(number & 31n)]}${text}`
    number >>= 5n
  }
  return `${kind}_${text}`
}
