import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFiles, type FileStore } from './files.ts'

let directory = ''
let files: FileStore
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidemark-files-'))
  files = await openFiles(directory)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const bytesOf = (text: string) => new TextEncoder().encode(text)
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')
const pathOf = (sha256: string) => join(directory, sha256.slice(0, 2), sha256)
const left = () => readdir(join(directory, 'incoming'))

test('a file is found again under the digest of its bytes', async () => {
  // The digest of "abc" is the first example of FIPS 180-2.
  const stored = await files.put(bytesOf('abc'), { bytes_max: 3 })
  expect(stored).toEqual({ sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', bytes: 3 })
  expect(new TextDecoder().decode(await files.read(stored.sha256))).toBe('abc')
  expect((await buffer(files.stream(stored.sha256))).toString()).toBe('abc')
  expect(await files.has(stored.sha256)).toBe(true)
})

test('a stream is stored as it arrives, an empty one too, and the same bytes twice are one file', async () => {
  const once = await files.put(Readable.from([bytesOf('first '), bytesOf('second')]), { bytes_max: 100 })
  const twice = await files.put(bytesOf('first second'), { bytes_max: 100 })
  expect(once).toEqual(twice)
  expect(await readdir(join(directory, once.sha256.slice(0, 2)))).toEqual([once.sha256])
  const empty = await files.put(Readable.from([]), { bytes_max: 0 })
  expect(empty).toEqual({ sha256: digestOf(''), bytes: 0 })
  expect((await buffer(files.stream(empty.sha256))).length).toBe(0)
})

test('what is larger than allowed is refused while it arrives, and leaves nothing', async () => {
  let sent = 0
  async function* endless() {
    for (;;) {
      sent += 1
      yield new Uint8Array(1_000)
    }
  }
  const refused = files.put(endless(), { bytes_max: 10_000 })
  await expect(refused).rejects.toMatchObject({ type: 'request/too-large', details: { bytes_max: 10_000 } })
  expect(sent).toBe(11)
  expect(await left()).toEqual([])
})

test('what was received lies apart until it is kept; dropped, it takes nothing along that was there before', async () => {
  const kept = await files.receive(bytesOf('to be kept'), { bytes_max: 100 })
  expect([await files.has(kept.sha256), existsSync(kept.path)]).toEqual([false, true])
  await kept.keep()
  await kept.drop()
  expect([await files.has(kept.sha256), existsSync(kept.path)]).toEqual([true, false])
  const again = await files.receive(bytesOf('to be kept'), { bytes_max: 100 })
  await again.drop()
  expect(await files.has(kept.sha256)).toBe(true)
  expect(await left()).toEqual([])
})

test('a sender that goes away in the middle leaves nothing', async () => {
  async function* broken() {
    yield bytesOf('half')
    throw new Error('gone')
  }
  await expect(files.put(broken(), { bytes_max: 100 })).rejects.toThrow('gone')
  expect(await left()).toEqual([])
  expect(await files.has(digestOf('half'))).toBe(false)
})

test('server/out-of-space: below the floor of free space nothing is written, reading goes on', async () => {
  const { sha256 } = await files.put(bytesOf('kept'), { bytes_max: 100 })
  const short = await openFiles(directory, { free_bytes_min: Number.MAX_SAFE_INTEGER })
  await expect(short.put(bytesOf('new'), { bytes_max: 100 })).rejects.toMatchObject({ type: 'server/out-of-space' })
  expect(await short.has(digestOf('new'))).toBe(false)
  expect(Buffer.from(await short.read(sha256)).toString()).toBe('kept')
})

describe('server/file-damaged: a file that is not what was stored', () => {
  /** What reading it says, whole and as a stream. */
  const refusalsOf = (sha256: string) =>
    Promise.all([files.read(sha256), buffer(files.stream(sha256))].map((read) => read.then(String, String)))

  const refusal = (sha256: string, why: string) => `Problem: The file ${sha256} cannot be used. ${why}`
  const changed = 'Its bytes are no longer those that were stored.'
  const gone = 'It is gone.'

  test('because a byte changed', async () => {
    const { sha256 } = await files.put(bytesOf('a model'), { bytes_max: 100 })
    await writeFile(pathOf(sha256), 'A model')
    expect(await refusalsOf(sha256)).toEqual([changed, changed].map((why) => refusal(sha256, why)))
  })

  test('because its end is missing; storing it again mends it', async () => {
    const { sha256 } = await files.put(bytesOf('a long file'), { bytes_max: 100 })
    await truncate(pathOf(sha256), 4)
    expect(await refusalsOf(sha256)).toEqual([changed, changed].map((why) => refusal(sha256, why)))
    await files.put(bytesOf('a long file'), { bytes_max: 100 })
    expect(Buffer.from(await files.read(sha256)).toString()).toBe('a long file')
  })

  test('because it is gone; removing it once more is no fault', async () => {
    const { sha256 } = await files.put(bytesOf('short-lived'), { bytes_max: 100 })
    await files.remove(sha256)
    await files.remove(sha256)
    expect(await refusalsOf(sha256)).toEqual([gone, gone].map((why) => refusal(sha256, why)))
  })

  test.each(['', '../../database', 'AB', `${'a'.repeat(63)}/`])('because "%s" is no digest', async (name) => {
    const refusal = { type: 'server/file-damaged' }
    await expect(files.read(name)).rejects.toMatchObject(refusal)
    await expect(files.has(name)).rejects.toMatchObject(refusal)
    await expect(files.remove(name)).rejects.toMatchObject(refusal)
  })

  test('no byte of a damaged stream is its last: a reader that waits for the end never has the whole', async () => {
    const text = 'x'.repeat(300_000)
    const { sha256 } = await files.put(bytesOf(text), { bytes_max: 1_000_000 })
    await writeFile(pathOf(sha256), `${text.slice(1)}y`)
    let received = 0
    const reading = (async () => {
      for await (const chunk of files.stream(sha256) as AsyncIterable<Buffer>) received += chunk.length
    })()
    await expect(reading).rejects.toMatchObject({ type: 'server/file-damaged' })
    expect(received).toBeLessThan(text.length)
  })
})

test('request/too-large: a file is not read into memory beyond what its reader expects', async () => {
  const { sha256 } = await files.put(new Uint8Array(2_000), { bytes_max: 5_000 })
  await expect(files.read(sha256, { bytes_max: 1_999 })).rejects.toMatchObject({ type: 'request/too-large' })
})

test('what a crash left half written is gone after the next start, what is being written stays', async () => {
  const gone = join(directory, 'incoming', '999999999-half')
  await writeFile(gone, 'half')
  await writeFile(join(directory, 'incoming', `${process.pid}-of-an-earlier-life`), 'half')
  const { promise, resolve } = Promise.withResolvers<void>()
  async function* slow() {
    yield bytesOf('one ')
    await promise
    yield bytesOf('two')
  }
  const writing = files.put(slow(), { bytes_max: 100 })
  while ((await left()).length < 3) await new Promise(setImmediate)
  await openFiles(directory)
  expect(existsSync(gone)).toBe(false)
  expect(await left()).toHaveLength(1)
  resolve()
  expect(await writing).toEqual({ sha256: digestOf('one two'), bytes: 7 })
})
