import { constants, createPublicKey, randomBytes, verify } from 'node:crypto'
import { chmod, cp, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { thumbprintOf } from '@tidemark/core/certificates/keys.ts'
import { publicKeyOfMultikey } from '@tidemark/core/certificates/proof.ts'
import { aead, KeyringError, openKeyring, publicKeysFile, type Keyring } from './keyring.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-keyring-'))
  folders.push(folder)
  return folder
}

const message = Buffer.from('what is signed')

function verifies(keyring: Keyring, kid: string, signature: Uint8Array, salt_bytes?: number): boolean {
  const key = createPublicKey(keyring.pem(kid) ?? '')
  if (salt_bytes === undefined) return verify(null, message, key, signature)
  return verify('sha256', message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: salt_bytes }, signature)
}

function kidOf(keyring: Keyring, use: 'certificate' | 'certificate-seed'): string {
  return keyring.activeKey(use)?.kid ?? ''
}

test('an empty data folder gets a signing key, and the next start finds the same', async () => {
  const data_dir = await emptyFolder()
  const first = await openKeyring({ data_dir })
  const signature = await first.sign('certificate', message)
  const second = await openKeyring({ data_dir })
  expect(kidOf(second, 'certificate')).toBe(kidOf(first, 'certificate'))
  expect(verifies(second, kidOf(first, 'certificate'), signature)).toBe(true)
})

test('keys are named by their RFC 7638 thumbprint, and the public list holds no private member', async () => {
  const keyring = await openKeyring({ data_dir: await emptyFolder() })
  await keyring.ready()
  const { keys } = keyring.jwks()
  expect(keys.map((key) => [key.tidemark_use, key.alg, key.tidemark_state])).toEqual([
    ['certificate', 'EdDSA', 'active'],
    ['certificate-seed', 'PS256', 'active'],
  ])
  for (const key of keys) {
    expect(key.kid).toBe(thumbprintOf(key))
    expect(Object.keys(key).filter((member) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(member))).toEqual([])
  }
})

test('the RSA key is made when it is first needed, once, and has 3072 bits', async () => {
  const data_dir = await emptyFolder()
  const keyring = await openKeyring({ data_dir })
  expect(keyring.activeKey('certificate-seed')).toBeUndefined()
  const [longest, digest] = await Promise.all([
    keyring.sign('certificate-seed', message),
    keyring.sign('certificate-seed', message, { salt: 'digest' }),
  ])
  const kid = kidOf(keyring, 'certificate-seed')
  expect(longest).toHaveLength(384)
  expect(verifies(keyring, kid, longest, 350)).toBe(true)
  expect(verifies(keyring, kid, digest, 32)).toBe(true)
  expect(kidOf(await openKeyring({ data_dir }), 'certificate-seed')).toBe(kid)
})

test('folder and files are for their owner alone', async () => {
  const data_dir = await emptyFolder()
  await (await openKeyring({ data_dir })).ready()
  const folder = join(data_dir, 'keys')
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600)
})

test('a folder that others can reach is refused, and the sentence says how to mend it', async () => {
  const data_dir = await emptyFolder()
  await openKeyring({ data_dir })
  await chmod(join(data_dir, 'keys', 'kek'), 0o644)
  await expect(openKeyring({ data_dir })).rejects.toThrow(/chmod -R go=/)
})

test('no private key lies in the folder in the clear', async () => {
  const data_dir = await emptyFolder()
  const kek = randomBytes(32).toString('base64')
  const keyring = await openKeyring({ data_dir, kek })
  const file = JSON.parse(
    await readFile(join(data_dir, 'keys', `${kidOf(keyring, 'certificate')}.json`), 'utf8'),
  ) as Record<string, string>
  const sealed = Buffer.concat([Buffer.from(file.nonce ?? '', 'base64'), Buffer.from(file.ciphertext ?? '', 'base64')])
  const aad = `{"alg":"EdDSA","kid":"${kidOf(keyring, 'certificate')}","use":"certificate"}`
  const opened = aead.decrypt(Buffer.from(kek, 'base64'), Buffer.from(aad), sealed)
  expect(opened).toHaveLength(48)
  const seed = opened?.subarray(16) ?? Buffer.alloc(0)
  for (const name of await readdir(join(data_dir, 'keys'))) {
    const bytes = await readFile(join(data_dir, 'keys', name))
    expect(
      bytes.includes(seed) || bytes.includes(seed.toString('base64')) || bytes.includes(seed.toString('hex')),
      name,
    ).toBe(false)
  }
  expect(await readdir(join(data_dir, 'keys'))).not.toContain('kek')
})

test('another KEK does not open the keys', async () => {
  const data_dir = await emptyFolder()
  await openKeyring({ data_dir, kek: randomBytes(32).toString('base64') })
  await expect(openKeyring({ data_dir, kek: randomBytes(32).toString('base64') })).rejects.toThrow(/KEK is another one/)
})

test('a KEK may be hex, base64url, or a passphrase stretched with scrypt; a short one is refused', async () => {
  for (const kek of [
    randomBytes(32).toString('hex'),
    randomBytes(32).toString('base64url'),
    'correct horse battery staple',
  ]) {
    const data_dir = await emptyFolder()
    const first = await openKeyring({ data_dir, kek })
    expect(kidOf(await openKeyring({ data_dir, kek }), 'certificate')).toBe(kidOf(first, 'certificate'))
  }
  await expect(openKeyring({ data_dir: await emptyFolder(), kek: 'short' })).rejects.toThrow(KeyringError)
})

test('with a PostgreSQL database and no KEK it refuses, and leaves nothing behind', async () => {
  const data_dir = await emptyFolder()
  await expect(openKeyring({ data_dir, database_url: 'postgres://db' })).rejects.toThrow(/TIDEMARK_KEK is not set/)
  expect(await readdir(data_dir)).toEqual([])
})

test('a lost KEK file is not replaced', async () => {
  const data_dir = await emptyFolder()
  await openKeyring({ data_dir })
  await rm(join(data_dir, 'keys', 'kek'))
  await expect(openKeyring({ data_dir })).rejects.toThrow(/kek is missing/)
})

test('a lost key is not replaced', async () => {
  const data_dir = await emptyFolder()
  const keyring = await openKeyring({ data_dir })
  await rm(join(data_dir, 'keys', `${kidOf(keyring, 'certificate')}.json`))
  await expect(openKeyring({ data_dir })).rejects.toThrow(/is registered, and .* is gone/)
})

test('a lost register is not replaced while there are keys', async () => {
  const data_dir = await emptyFolder()
  await openKeyring({ data_dir })
  await rm(join(data_dir, 'keys', 'register.json'))
  await expect(openKeyring({ data_dir })).rejects.toThrow(/no register/)
})

test('a key put under the name of another is refused', async () => {
  const data_dir = await emptyFolder()
  const keyring = await openKeyring({ data_dir })
  const mine = kidOf(keyring, 'certificate')
  const other = await keyring.rotate('certificate')
  await rename(join(data_dir, 'keys', `${other}.json`), join(data_dir, 'keys', `${mine}.json`))
  await expect(openKeyring({ data_dir })).rejects.toThrow(KeyringError)
})

test('one changed character of a key file is refused', async () => {
  const data_dir = await emptyFolder()
  const path = join(data_dir, 'keys', `${kidOf(await openKeyring({ data_dir }), 'certificate')}.json`)
  const file = JSON.parse(await readFile(path, 'utf8')) as { ciphertext: string }
  const changed = { ...file, ciphertext: (file.ciphertext.startsWith('A') ? 'B' : 'A') + file.ciphertext.slice(1) }
  await writeFile(path, JSON.stringify(changed), { mode: 0o600 })
  await expect(openKeyring({ data_dir })).rejects.toThrow(/does not open/)
})

test('a key registered for another use is refused: uses are bound to the envelope', async () => {
  const data_dir = await emptyFolder()
  await openKeyring({ data_dir })
  const path = join(data_dir, 'keys', 'register.json')
  await writeFile(path, (await readFile(path, 'utf8')).replace('"use": "certificate"', '"use": "certificate-seed"'), {
    mode: 0o600,
  })
  await expect(openKeyring({ data_dir })).rejects.toThrow(/does not open/)
})

test('a new key is published for a day before it signs, and the old one verifies for ever', async () => {
  const data_dir = await emptyFolder()
  let time = new Date('2026-11-21T12:00:00Z')
  const keyring = await openKeyring({ data_dir }, { now: () => time })
  const old = kidOf(keyring, 'certificate')
  const signature = await keyring.sign('certificate', message)
  const fresh = await keyring.rotate('certificate')
  const states = () => keyring.jwks().keys.map((key) => [key.kid, key.tidemark_state])
  expect(states()).toEqual([
    [old, 'active'],
    [fresh, 'pending'],
  ])
  expect(kidOf(keyring, 'certificate')).toBe(old)
  time = new Date('2026-11-22T12:00:00Z')
  expect(states()).toEqual([
    [old, 'retired'],
    [fresh, 'active'],
  ])
  expect(verifies(keyring, fresh, await keyring.sign('certificate', message))).toBe(true)
  expect(verifies(keyring, old, signature)).toBe(true)
})

test('a revoked key leaves the list, and without another nothing is signed', async () => {
  const data_dir = await emptyFolder()
  const keyring = await openKeyring({ data_dir })
  const old = kidOf(keyring, 'certificate')
  await keyring.revoke(old, new Date('2026-11-21T12:00:00Z'))
  expect(keyring.jwks().keys).toEqual([])
  expect(keyring.pem(old)).toBeUndefined()
  await expect(keyring.sign('certificate', message)).rejects.toThrow(/revoked/)
  const fresh = await keyring.rotate('certificate', { at_once: true })
  expect(verifies(keyring, fresh, await keyring.sign('certificate', message))).toBe(true)
  expect(kidOf(await openKeyring({ data_dir }), 'certificate')).toBe(fresh)
})

test('two that start together on an empty folder end with one set of keys', async () => {
  const data_dir = await emptyFolder()
  const rings = await Promise.all(Array.from({ length: 5 }, () => openKeyring({ data_dir })))
  await Promise.all(rings.map((ring) => ring.ready()))
  for (const ring of rings) await ring.reload()
  expect(new Set(rings.map((ring) => kidOf(ring, 'certificate'))).size).toBe(1)
  expect(new Set(rings.map((ring) => kidOf(ring, 'certificate-seed'))).size).toBe(1)
  expect(await readdir(data_dir)).toEqual(['keys'])
})

test('a copy of the folder elsewhere opens with the same KEK: that is the backup', async () => {
  const [data_dir, copy] = [await emptyFolder(), await emptyFolder()]
  const keyring = await openKeyring({ data_dir })
  await cp(join(data_dir, 'keys'), join(copy, 'keys'), { recursive: true })
  expect(kidOf(await openKeyring({ data_dir: copy }), 'certificate')).toBe(kidOf(keyring, 'certificate'))
})

test('the public keys lie beside for those who verify offline, and follow a rotation', async () => {
  const data_dir = await emptyFolder()
  const keyring = await openKeyring({ data_dir })
  const kids = async () =>
    (JSON.parse(await readFile(publicKeysFile({ data_dir }), 'utf8')) as { keys: { kid: string }[] }).keys.map(
      (key) => key.kid,
    )
  expect(await kids()).toEqual([kidOf(keyring, 'certificate')])
  const fresh = await keyring.rotate('certificate')
  expect(await kids()).toContain(fresh)
})

test('the DID document names the host, and its Multikeys are the certificate keys', async () => {
  const keyring = await openKeyring({ data_dir: await emptyFolder() })
  const did = keyring.did('example.org:8443')
  expect(did.id).toBe('did:web:example.org%3A8443')
  expect(did.verificationMethod.map((method) => method.id)).toEqual([`${did.id}#${kidOf(keyring, 'certificate')}`])
  const bytes = publicKeyOfMultikey(did.verificationMethod[0]?.publicKeyMultibase ?? '')
  expect(Buffer.from(bytes ?? []).toString('base64url')).toBe(keyring.jwks().keys[0]?.x)
})

test('what is wrapped opens under its own label only', async () => {
  const keyring = await openKeyring({ data_dir: await emptyFolder() })
  const wrapped = keyring.wrap('a', message)
  expect(Buffer.from(keyring.unwrap('a', wrapped))).toEqual(message)
  expect(() => keyring.unwrap('b', wrapped)).toThrow(/cannot be opened/)
  expect(keyring.pseudonymOf('a', 'x')).not.toBe(keyring.pseudonymOf('b', 'x'))
})

test('the key of session tokens is made when it is first needed, and stands in no published list', async () => {
  const keyring = await openKeyring({ data_dir: await emptyFolder() })
  const signature = await keyring.sign('session-jwt', message)
  const kid = keyring.activeKey('session-jwt')?.kid ?? ''
  const key = keyring.publicKey('session-jwt', kid)
  expect(key && verify(null, message, key, signature)).toBe(true)
  expect(keyring.publicKey('certificate', kid)).toBeUndefined()
  expect(JSON.stringify([keyring.jwks(), keyring.did('localhost')])).not.toContain(kid)
  expect(keyring.pem(kid)).toBeUndefined()
  await keyring.revoke(kid, new Date())
  expect(keyring.publicKey('session-jwt', kid)).toBeUndefined()
})
