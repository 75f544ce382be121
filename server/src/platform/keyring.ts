import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomBytes,
  scrypt,
  sign,
  type KeyObject,
} from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { canonicalize } from '@tidemark/core/certificates/canonical.ts'
import { keyUses, longestSalt, thumbprintOf, type Jwk } from '@tidemark/core/certificates/keys.ts'
import { multikeyOf } from '@tidemark/core/certificates/proof.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { z } from 'zod'
import type { Config } from './config.ts'

/**
 * The signing keys, in `keys/` of the data folder: one file per key, encrypted under the key-encryption key (KEK), and a
 * register of which key is for what since when. A key that was registered and is gone is never replaced quietly: every
 * certificate it signed would turn into one that nobody signed.
 */

/** The keys cannot be used as they are. The message is a sentence for the person who starts the server. */
export class KeyringError extends Error {
  override name = 'KeyringError'
}

export interface KeyringOptions {
  now?: () => Date
}

export type KeyState = 'pending' | 'active' | 'retired' | 'revoked'

export interface DidDocument {
  [member: string]: unknown
  id: string
  verificationMethod: { id: string; type: string; controller: string; publicKeyMultibase: string }[]
}

/**
 * What keys are for here. Those of `keyUses` sign what others keep and are published for ever; `session-jwt` signs what this
 * server alone reads back within minutes, so it stands in no list.
 */
const serverKeyUses = [...keyUses, 'session-jwt'] as const
export type ServerKeyUse = (typeof serverKeyUses)[number]

const algorithms: Record<ServerKeyUse, 'EdDSA' | 'PS256'> = {
  certificate: 'EdDSA',
  'certificate-seed': 'PS256',
  'session-jwt': 'EdDSA',
}
const RSA_BITS = 3072
/** A new key stands in the published list this long before it signs, so that those who cache the list know it by then. */
const PENDING_MS = 24 * 3600 * 1000

const Registered = z.object({
  kid: z.string(),
  use: z.enum(serverKeyUses),
  alg: z.enum(['EdDSA', 'PS256']),
  created_at: z.iso.datetime(),
  active_from: z.iso.datetime(),
  revoked_since: z.iso.datetime().optional(),
})
type Registered = z.infer<typeof Registered>
const Register = z.object({ format: z.literal('tidemark-keyring'), version: z.literal(1), keys: z.array(Registered) })
const Envelope = z.object({
  format: z.literal('tidemark-key'),
  version: z.literal(1),
  kid: z.string(),
  use: z.enum(serverKeyUses),
  alg: z.enum(['EdDSA', 'PS256']),
  nonce: z.base64(),
  ciphertext: z.base64(),
})

interface Key extends Registered {
  private_key: KeyObject
  public_key: KeyObject
  jwk: Jwk
}

/**
 * Opens the keys, and makes the first signing key in an empty data folder. The RSA key is made when it is first needed,
 * because finding its primes takes seconds.
 * @throws KeyringError when the KEK is missing or wrong, a registered key is missing or is another one, or others can
 * read the folder.
 */
export async function openKeyring(
  config: Pick<Config, 'data_dir' | 'kek' | 'database_url'>,
  options: KeyringOptions = {},
): Promise<Keyring> {
  const now = options.now ?? (() => new Date())
  const folder = join(config.data_dir, 'keys')
  if (!existsSync(join(folder, 'register.json'))) await makeFolder(config, folder, now())
  await refuseOpenFolder(folder)
  const kek = await readKek(config, folder)
  const keyring = new Keyring(folder, kek, now)
  await keyring.reload()
  return keyring
}

/** Where the public keys lie for those on this machine who verify offline. */
export function publicKeysFile(config: Pick<Config, 'data_dir'>): string {
  return join(config.data_dir, 'keys', 'jwks.json')
}

/** Returns the DID of a host: `example.org:8443` → `did:web:example.org%3A8443`. */
export function didOf(host: string): string {
  return `did:web:${host.replaceAll(':', '%3A')}`
}

export class Keyring {
  readonly #folder: string
  readonly #kek: Buffer
  readonly #now: () => Date
  #keys: readonly Key[] = []
  readonly #making = new Map<ServerKeyUse, Promise<void>>()

  constructor(folder: string, kek: Buffer, now: () => Date) {
    this.#folder = folder
    this.#kek = kek
    this.#now = now
  }

  /** Reads register and keys again, as another process may have left them. */
  async reload(): Promise<void> {
    const register = await readRegister(this.#folder)
    const known = new Map(this.#keys.map((key) => [key.kid, key]))
    this.#keys = await Promise.all(
      register.map(async (entry) => ({
        ...(known.get(entry.kid) ?? (await openKey(this.#folder, this.#kek, entry))),
        ...entry,
      })),
    )
  }

  /** Waits until there is a key for every use that is published, or for the named ones, and makes what was never made. */
  async ready(uses: readonly ServerKeyUse[] = keyUses): Promise<void> {
    await Promise.all(uses.filter((use) => !this.#find(use)).map((use) => this.#made(use)))
  }

  async #made(use: ServerKeyUse): Promise<void> {
    const making = this.#making.get(use) ?? this.#makeMissing(use).finally(() => this.#making.delete(use))
    this.#making.set(use, making)
    await making
  }

  /**
   * Signs with the active key of a use. `certificate`: Ed25519 over the bytes. `certificate-seed`: RSASSA-PSS with
   * SHA-256 and MGF1-SHA-256, salt as long as the key allows or, with `salt: 'digest'`, 32 bytes (PS256).
   */
  async sign(use: ServerKeyUse, bytes: Uint8Array, options: { salt?: 'longest' | 'digest' } = {}): Promise<Uint8Array> {
    const key = this.#active(use) ?? (await this.ready([use]), this.#active(use))
    if (!key)
      throw new KeyringError(
        `Every key for ${use} is revoked. Make a new one with: tidemark signing-keys rotate ${use} --at-once`,
      )
    if (key.alg === 'EdDSA') return sign(null, bytes, key.private_key)
    const bits = key.public_key.asymmetricKeyDetails?.modulusLength ?? RSA_BITS
    const saltLength = options.salt === 'digest' ? 32 : longestSalt(bits)
    const pss = { key: key.private_key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
    // An RSA signature takes milliseconds; the thread pool has them, the event loop has not.
    return new Promise((resolve, reject) =>
      sign('sha256', bytes, pss, (error, signature) => (error ? reject(error) : resolve(signature))),
    )
  }

  /** The key that signs now, or undefined where none was needed yet. */
  activeKey(use: ServerKeyUse): { kid: string; use: ServerKeyUse; jwk: Jwk } | undefined {
    const key = this.#active(use)
    return key && { kid: key.kid, use, jwk: this.#published(key) }
  }

  /** The public half of a key of that use, for checking what it signed; undefined when unknown, pending or revoked. */
  publicKey(use: ServerKeyUse, kid: string): KeyObject | undefined {
    const key = this.#keys.find((each) => each.kid === kid && each.use === use)
    return key && ['active', 'retired'].includes(this.#stateOf(key)) ? key.public_key : undefined
  }

  has(kid: string): boolean {
    return this.#keys.some((key) => key.kid === kid)
  }

  /** Public keys of every state but revoked; call `ready()` first where every use must be there. */
  jwks(): { keys: Jwk[] } {
    return { keys: this.#keys.filter(isPublished).map((key) => this.#published(key)) }
  }

  /** The DID document of a host, with the certificate keys as Multikeys. */
  did(host: string): DidDocument {
    const id = didOf(host)
    const methods = this.#keys
      .filter((key) => key.use === 'certificate' && !key.revoked_since)
      .map((key) => ({
        id: `${id}#${key.kid}`,
        type: 'Multikey',
        controller: id,
        publicKeyMultibase: multikeyOf(Buffer.from(key.jwk.x ?? '', 'base64url')),
      }))
    return {
      '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
      id,
      verificationMethod: methods,
      assertionMethod: methods.map((method) => method.id),
    }
  }

  /** SubjectPublicKeyInfo as PEM, or undefined for an unknown or revoked key. */
  pem(kid: string): string | undefined {
    const key = this.#keys.find((each) => each.kid === kid && isPublished(each))
    return key?.public_key.export({ type: 'spki', format: 'pem' }).toString()
  }

  /**
   * Makes a new key. It is published at once and signs from tomorrow; the present one goes on verifying for ever.
   * `at_once` is for a key that is lost or in wrong hands.
   */
  async rotate(use: ServerKeyUse, options: { at_once?: boolean } = {}): Promise<string> {
    const made = await newKey(use)
    const now = this.#now()
    const active_from = new Date(now.getTime() + (options.at_once ? 0 : PENDING_MS)).toISOString()
    await this.#register([{ ...made, entry: { ...made.entry, created_at: now.toISOString(), active_from } }])
    return made.entry.kid
  }

  /** Takes a key out of the published list. What it signed is no longer proven by the list. */
  async revoke(kid: string, since: Date): Promise<void> {
    await this.#change((keys) =>
      keys.map((key) => (key.kid === kid ? { ...key, revoked_since: since.toISOString() } : key)),
    )
  }

  /** Encrypts under the KEK, bound to what it is for: `unwrap` under another label fails. */
  wrap(label: string, bytes: Uint8Array): Uint8Array {
    return encrypt(this.#kek, Buffer.from(canonicalize({ label })), bytes)
  }

  unwrap(label: string, bytes: Uint8Array): Uint8Array {
    const opened = decrypt(this.#kek, Buffer.from(canonicalize({ label })), bytes)
    invariant(opened, `what was wrapped for ${label} cannot be opened`)
    return opened
  }

  /** A name under which to find something again without writing down what it is; only the holder of the KEK can compute it. */
  pseudonymOf(label: string, text: string): string {
    return createHmac('sha256', this.#kek).update(canonicalize({ label, text })).digest('hex')
  }

  #find(use: ServerKeyUse): Key | undefined {
    return this.#keys.find((key) => key.use === use)
  }

  #active(use: ServerKeyUse): Key | undefined {
    return this.#keys.find((key) => key.use === use && this.#stateOf(key) === 'active')
  }

  /** States follow from the register and the clock, so no step has to be taken in time. */
  #stateOf(key: Registered): KeyState {
    if (key.revoked_since) return 'revoked'
    const now = this.#now().toISOString()
    if (key.active_from > now) return 'pending'
    const newer = this.#keys.some(
      (other) =>
        other.use === key.use &&
        !other.revoked_since &&
        other.active_from > key.active_from &&
        other.active_from <= now,
    )
    return newer ? 'retired' : 'active'
  }

  #published(key: Key): Jwk {
    return {
      ...key.jwk,
      kid: key.kid,
      alg: key.alg,
      use: 'sig',
      tidemark_use: key.use,
      tidemark_state: this.#stateOf(key),
    }
  }

  async #makeMissing(use: ServerKeyUse): Promise<void> {
    const made = await newKey(use)
    const now = this.#now().toISOString()
    const entry = { ...made.entry, created_at: now, active_from: now }
    await this.#register([{ ...made, entry }], { unless_there: true })
  }

  /** Writes keys first and the register after them: a crash in between leaves a file that nothing refers to. */
  async #register(made: readonly NewKey[], options: { unless_there?: boolean } = {}): Promise<void> {
    await this.#change(async (keys) => {
      const wanted = made.filter(({ entry }) => !options.unless_there || !keys.some((key) => key.use === entry.use))
      for (const { entry, private_key } of wanted) await writeKey(this.#folder, this.#kek, entry, private_key)
      return [...keys, ...wanted.map(({ entry }) => entry)]
    })
  }

  /** One process at a time, on the register as it stands on the disk. */
  async #change(work: (keys: readonly Registered[]) => Promise<Registered[]> | Registered[]): Promise<void> {
    const release = await lock(join(this.#folder, 'register.lock'))
    try {
      await writeRegister(this.#folder, await work(await readRegister(this.#folder)))
      await this.reload()
      await replaceFile(join(this.#folder, 'jwks.json'), JSON.stringify(this.jwks(), null, 1))
    } finally {
      await release()
    }
  }
}

interface NewKey {
  entry: Registered
  private_key: KeyObject
  public_key: KeyObject
}

const generate = promisify(generateKeyPair)

async function newKey(use: ServerKeyUse): Promise<NewKey> {
  const alg = algorithms[use]
  // Both run in the thread pool.
  const pair = alg === 'EdDSA' ? await generate('ed25519') : await generate('rsa', { modulusLength: RSA_BITS })
  const { privateKey: private_key, publicKey: public_key } = pair
  const kid = thumbprintOf(jwkOf(public_key))
  invariant(kid, 'a new key has a thumbprint')
  return { entry: { kid, use, alg, created_at: '', active_from: '' }, private_key, public_key }
}

function isPublished({ use, revoked_since }: Registered): boolean {
  return use !== 'session-jwt' && !revoked_since
}

function jwkOf(public_key: KeyObject): Jwk {
  const { kty, crv, x, n, e } = public_key.export({ format: 'jwk' }) as Jwk
  return kty === 'OKP' ? { kty, crv, x } : { kty, n, e }
}

/**
 * Makes the folder beside its place and moves it there whole: of two processes that start together one wins, and a crash
 * leaves nothing half made.
 */
async function makeFolder(
  config: Pick<Config, 'data_dir' | 'kek' | 'database_url'>,
  folder: string,
  now: Date,
): Promise<void> {
  if (existsSync(folder) && (await readdir(folder)).length > 0) {
    throw new KeyringError(
      `${folder} holds files but no register.json. Restore it from a backup: a new key would leave every certificate of the lost one unproven.`,
    )
  }
  await mkdir(config.data_dir, { recursive: true, mode: 0o700 })
  const staged = await mkdtemp(join(config.data_dir, 'keys-new-'))
  try {
    if (config.kek === undefined) {
      if (config.database_url !== undefined) throw new KeyringError(kekMissing)
      await createFile(join(staged, 'kek'), randomBytes(32).toString('base64'))
    } else if (keyOfText(config.kek) === undefined) {
      await createFile(join(staged, 'kek-salt'), randomBytes(32).toString('base64'))
    }
    const kek = await readKek(config, staged)
    const { entry, private_key, public_key } = await newKey('certificate')
    const registered = { ...entry, created_at: now.toISOString(), active_from: now.toISOString() }
    await writeKey(staged, kek, registered, private_key)
    await writeRegister(staged, [registered])
    const jwk = {
      ...jwkOf(public_key),
      kid: entry.kid,
      alg: entry.alg,
      use: 'sig',
      tidemark_use: entry.use,
      tidemark_state: 'active',
    }
    await createFile(join(staged, 'jwks.json'), JSON.stringify({ keys: [jwk] }, null, 1))
    await rename(staged, folder)
    await syncFolder(config.data_dir)
  } catch (error) {
    await rm(staged, { recursive: true, force: true })
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // Somebody else was faster: theirs is the folder, and it is opened next.
    if ((code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM') && existsSync(join(folder, 'register.json')))
      return
    throw error
  }
}

const kekMissing =
  'TIDEMARK_KEK is not set, and with a PostgreSQL database it must be: 32 bytes in base64, the same for every process. Make one with: openssl rand -base64 32'

async function readKek(config: Pick<Config, 'kek' | 'database_url'>, folder: string): Promise<Buffer> {
  if (config.kek !== undefined) return keyOfText(config.kek) ?? keyOfPassphrase(config.kek, folder)
  if (config.database_url !== undefined) throw new KeyringError(kekMissing)
  const text = await readFile(join(folder, 'kek'), 'utf8').catch(() => undefined)
  const kek = text === undefined ? undefined : keyOfText(text)
  if (!kek) {
    throw new KeyringError(
      `${join(folder, 'kek')} is missing or damaged, and TIDEMARK_KEK is not set. Set it, or restore the file: the signing keys cannot be opened without it.`,
    )
  }
  return kek
}

/** 32 bytes in hex, base64 or base64url. */
function keyOfText(text: string): Buffer | undefined {
  const trimmed = text.trim()
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, 'hex')
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed) ? Buffer.from(trimmed, 'base64') : undefined
}

/** OWASP ASVS 5.0 appendix C: scrypt with N of at least 2^17. */
async function keyOfPassphrase(passphrase: string, folder: string): Promise<Buffer> {
  if (passphrase.length < 15)
    throw new KeyringError(
      'TIDEMARK_KEK is neither 32 bytes in base64 or hex nor a passphrase of 15 characters or more.',
    )
  const salt = await readFile(join(folder, 'kek-salt'), 'utf8').catch(() => undefined)
  if (salt === undefined) {
    throw new KeyringError(
      `TIDEMARK_KEK is a passphrase, and ${join(folder, 'kek-salt')} is missing: these keys were made with another kind of KEK.`,
    )
  }
  const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 }
  return new Promise((resolve, reject) =>
    scrypt(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), 32, cost, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  )
}

async function refuseOpenFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  for (const path of [folder, ...(await readdir(folder)).map((name) => join(folder, name))]) {
    // Another process may be putting a new register in its place: what is gone by now needs no check.
    const found = await stat(path).catch(() => undefined)
    if (found && (found.mode & 0o077) !== 0) {
      throw new KeyringError(
        `${path} can be reached by other users of this machine. Look who did, then: chmod -R go= ${folder}`,
      )
    }
  }
}

async function readRegister(folder: string): Promise<Registered[]> {
  const text = await readFile(join(folder, 'register.json'), 'utf8').catch(() => undefined)
  const register = Register.safeParse(text === undefined ? undefined : parsed(text))
  if (!register.success)
    throw new KeyringError(`${join(folder, 'register.json')} cannot be read. Restore it from a backup.`)
  return register.data.keys
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function writeRegister(folder: string, keys: readonly Registered[]): Promise<void> {
  await replaceFile(
    join(folder, 'register.json'),
    JSON.stringify({ format: 'tidemark-keyring', version: 1, keys }, null, 1),
  )
}

function keyFile(folder: string, kid: string): string {
  return join(folder, `${kid}.json`)
}

async function writeKey(
  folder: string,
  kek: Buffer,
  { kid, use, alg }: Registered,
  private_key: KeyObject,
): Promise<void> {
  const sealed = encrypt(
    kek,
    Buffer.from(canonicalize({ alg, kid, use })),
    private_key.export({ type: 'pkcs8', format: 'der' }),
  )
  const [nonce, ciphertext] = [sealed.subarray(0, NONCE_BYTES), sealed.subarray(NONCE_BYTES)]
  const envelope = {
    format: 'tidemark-key',
    version: 1,
    kid,
    use,
    alg,
    nonce: nonce.toString('base64'),
    ciphertext: ciphertext.toString('base64'),
  }
  await createFile(keyFile(folder, kid), JSON.stringify(envelope, null, 1))
}

async function openKey(folder: string, kek: Buffer, entry: Registered): Promise<Key> {
  const { kid, use, alg } = entry
  const path = keyFile(folder, kid)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) {
    throw new KeyringError(
      `The key ${kid} for ${use} is registered, and ${path} is gone. Restore it from a backup; it is not replaced, because what it signed would no longer be proven.`,
    )
  }
  const envelope = Envelope.safeParse(parsed(text))
  if (!envelope.success) throw new KeyringError(`${path} is damaged. Restore it from a backup.`)
  const sealed = Buffer.concat([
    Buffer.from(envelope.data.nonce, 'base64'),
    Buffer.from(envelope.data.ciphertext, 'base64'),
  ])
  const pkcs8 = decrypt(kek, Buffer.from(canonicalize({ alg, kid, use })), sealed)
  if (!pkcs8)
    throw new KeyringError(
      `${path} does not open: the KEK is another one than it was made with, or the file was changed.`,
    )
  const private_key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const public_key = createPublicKey(private_key)
  const jwk = jwkOf(public_key)
  if (thumbprintOf(jwk) !== kid) throw new KeyringError(`${path} holds another key than its name says.`)
  return { ...entry, private_key, public_key, jwk }
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** AES-256-GCM: nonce, ciphertext, tag. */
function encrypt(key: Uint8Array, aad: Uint8Array, bytes: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(aad)
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

/** Returns undefined when the key, the purpose or a bit is another. */
function decrypt(key: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
  decipher.setAAD(aad)
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}

/** The same cipher for those who keep something under a key of their own. */
export const aead = { encrypt, decrypt }

/** Writes a file that must not be there yet, for its owner alone, and on the disk before it returns. */
async function createFile(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await syncFolder(join(path, '..'))
}

/** Puts a new text in the place of an old one: whoever reads sees one or the other, never half of each. */
async function replaceFile(path: string, text: string): Promise<void> {
  const staged = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  await createFile(staged, text)
  await rename(staged, path)
  await syncFolder(join(path, '..'))
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no way to sync a folder.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

const LOCK_STALE_MS = 30_000

/** A lock file, because several processes on PostgreSQL may share one folder. What a dead process left is taken over. */
async function lock(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 })
      return () => rm(path, { force: true })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    const held = await stat(path).catch(() => undefined)
    if (held && Date.now() - held.mtimeMs > LOCK_STALE_MS) await rm(path, { force: true })
    else await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
