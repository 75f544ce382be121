import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/**
 * A device that makes passkeys, in software: what a telephone and a browser say between them, byte by byte after W3C Web
 * Authentication Level 3, so that tests can also say what no device would.
 */

/** CBOR (RFC 8949) as far as an authenticator speaks it: numbers, bytes, texts and maps in the order given. */
type Cbor = number | string | Uint8Array | Map<number | string, Cbor>

export function cborOf(value: Cbor): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Map)
    return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, item]) => [cborOf(key), cborOf(item)])])
  return Buffer.concat([head(2, value.length), value])
}

function head(kind: number, size: number): Buffer {
  if (size < 24) return Buffer.from([(kind << 5) | size])
  if (size < 256) return Buffer.from([(kind << 5) | 24, size])
  return Buffer.from([(kind << 5) | 25, size >> 8, size & 255])
}

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest()
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

const USER_PRESENT = 0x01
const USER_VERIFIED = 0x04
const BACKUP_ELIGIBLE = 0x08
const BACKED_UP = 0x10
const ATTESTED = 0x40

/** What a test may have the device or the browser say instead of the truth. */
export interface Lies {
  origin?: string
  rp_id?: string
  challenge?: string
  type?: string
  cross_origin?: boolean
  /** Whether fingerprint, face or PIN were asked for. */
  verified?: boolean
  present?: boolean
  counter?: number
  user_handle?: Uint8Array | null
  attestation?: { format: string; statement: Map<string, Cbor> }
  /** Signs with another key than the one that was shown. */
  key?: KeyObject
}

interface RegistrationQuestion {
  challenge: string
  rp: { id?: string | undefined }
  user: { id: string }
}

interface SignInQuestion {
  challenge: string
  rpId?: string | undefined
}

export class SoftwareAuthenticator {
  readonly credential_id = randomBytes(32)
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #origin: string
  counter: number
  user_handle: Uint8Array = new Uint8Array()

  /** @param options.counter where it begins to count; undefined for a device that does not count. */
  constructor(options: { origin?: string; counter?: number } = {}) {
    this.#origin = options.origin ?? 'http://localhost'
    this.counter = options.counter ?? 0
  }

  get key(): KeyObject {
    return this.#keys.privateKey
  }

  /** `navigator.credentials.create` */
  register(question: RegistrationQuestion, lies: Lies = {}) {
    this.user_handle = Buffer.from(question.user.id, 'base64url')
    const { format, statement } = lies.attestation ?? { format: 'none', statement: new Map<string, Cbor>() }
    const length = Buffer.alloc(2)
    length.writeUInt16BE(this.credential_id.length)
    const attested = Buffer.concat([Buffer.alloc(16), length, this.credential_id, this.#publicKey()])
    const data = this.#authenticatorData(question.rp.id, lies, attested)
    const object = new Map<string, Cbor>([
      ['fmt', format],
      ['attStmt', statement],
      ['authData', data],
    ])
    return {
      ...this.#id(),
      response: {
        clientDataJSON: base64url(this.#clientData('webauthn.create', question.challenge, lies)),
        attestationObject: base64url(cborOf(object)),
        transports: ['internal', 'hybrid'],
      },
    }
  }

  /** `navigator.credentials.get` */
  signIn(question: SignInQuestion, lies: Lies = {}) {
    if (this.counter > 0) this.counter += 1
    const client_data = this.#clientData('webauthn.get', question.challenge, lies)
    const data = this.#authenticatorData(question.rpId, lies)
    const signature = sign('sha256', Buffer.concat([data, sha256(client_data)]), lies.key ?? this.#keys.privateKey)
    const handle = lies.user_handle === undefined ? this.user_handle : lies.user_handle
    return {
      ...this.#id(),
      response: {
        clientDataJSON: base64url(client_data),
        authenticatorData: base64url(data),
        signature: base64url(signature),
        ...(handle === null ? {} : { userHandle: base64url(handle) }),
      },
    }
  }

  #id() {
    const id = base64url(this.credential_id)
    return { id, rawId: id, type: 'public-key' as const, clientExtensionResults: {} }
  }

  #clientData(type: string, challenge: string, lies: Lies): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? this.#origin,
        crossOrigin: lies.cross_origin ?? false,
      }),
    )
  }

  #authenticatorData(rp_id: string | undefined, lies: Lies, attested?: Uint8Array): Buffer {
    const flags =
      ((lies.present ?? true) ? USER_PRESENT : 0) |
      ((lies.verified ?? true) ? USER_VERIFIED : 0) |
      BACKUP_ELIGIBLE |
      BACKED_UP |
      (attested ? ATTESTED : 0)
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(lies.counter ?? this.counter)
    return Buffer.concat([
      sha256(lies.rp_id ?? rp_id ?? ''),
      Buffer.from([flags]),
      counter,
      attested ?? Buffer.alloc(0),
    ])
  }

  /** COSE_Key of kind EC2, for ES256 on P-256 (RFC 9053). */
  #publicKey(): Buffer {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' })
    return cborOf(
      new Map<number, Cbor>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x, 'base64url')],
        [-3, Buffer.from(y, 'base64url')],
      ]),
    )
  }
}
