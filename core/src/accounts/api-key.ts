/**
 * The shape of an API key: `tm_live_<8>_<43>_<6>`. The eight characters name it and are shown in lists, the 43 are its
 * secret, the last six are a checksum: a mistyped key is recognised without asking the database, and tools that look for
 * leaked secrets know a real one from a random text.
 */

export const apiKeyKinds = ['live', 'demo'] as const
/** `demo`: the key of the demonstration, which opens nothing from outside this machine. */
export type ApiKeyKind = (typeof apiKeyKinds)[number]

export const KEY_NAME_BYTES = 5
export const KEY_SECRET_BYTES = 32

export interface ApiKeyParts {
  kind: ApiKeyKind
  /** Eight characters of Crockford's base 32. */
  name: string
  /** 32 bytes in base64url. */
  secret: string
}

const SHAPE = /^tm_(live|demo)_([0-9A-HJKMNP-TV-Z]{8})_([A-Za-z0-9_-]{43})_([0-9A-Za-z]{6})$/
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Writes a key. */
export function apiKeyText({ kind, name, secret }: ApiKeyParts): string {
  const text = `tm_${kind}_${name}_${secret}`
  return `${text}_${checksumOf(text)}`
}

/** Reads a key; undefined when it is mistyped, cut off or something else. */
export function parseApiKey(text: string): ApiKeyParts | undefined {
  const match = SHAPE.exec(text)
  const [, kind, name, secret, checksum] = match ?? []
  if (kind === undefined || name === undefined || secret === undefined) return undefined
  return checksumOf(text.slice(0, -7)) === checksum ? { kind: kind as ApiKeyKind, name, secret } : undefined
}

/** What lists show: enough to recognise a key, nothing to use it with. */
export function apiKeyPrefix({ kind, name }: Pick<ApiKeyParts, 'kind' | 'name'>): string {
  return `tm_${kind}_${name}`
}

/** The name of a new key, from five random bytes. */
export function keyNameOf(bytes: Uint8Array): string {
  let value = 0n
  for (const byte of bytes.slice(0, KEY_NAME_BYTES)) value = value * 256n + BigInt(byte)
  let text = ''
  for (let i = 0; i < 8; i++, value >>= 5n) text = CROCKFORD.charAt(Number(value & 31n)) + text
  return text
}

/** Secrets in a text are replaced by their prefix, for whatever must quote a request. */
export function withoutSecrets(text: string): string {
  return text.replaceAll(/\b(tm_(?:live|demo)_[0-9A-Za-z]{8})_[A-Za-z0-9_-]{10,}/g, '$1_…')
}

/** CRC-32 (ISO 3309, the polynomial of zip and Ethernet) in six characters of base 62. */
function checksumOf(text: string): string {
  let crc = 0xffffffff
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  let value = (crc ^ 0xffffffff) >>> 0
  let digits = ''
  for (let i = 0; i < 6; i++, value = Math.floor(value / 62)) digits = BASE62.charAt(value % 62) + digits
  return digits
}
