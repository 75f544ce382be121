import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { route } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { HandPulse } from '../testing-sockets.ts'
import { bind, bindUpload, type Capability } from './capability.ts'
import { formOf, openTestApp, type TestApp } from './testing.ts'

const send = route({
  name: 'forms.send',
  method: 'POST',
  path: '/send/{box}',
  summary: 'For a test',
  needs: 'forms.send',
  params: z.object({ box: z.string() }),
  accepts: 'form',
  form: { files_field: 'files', files_max: 2, file_bytes_max: 100_000 },
  body_bytes_max: 250_000,
  body: z.strictObject({ label: z.string().max(20), keep: z.enum(['all', 'first', 'none']).default('all') }),
  output: z.unknown(),
  problems: ['forms/refused'],
  examples: [{ summary: 'None needed' }],
})
const tell = route({
  name: 'forms.tell',
  method: 'POST',
  path: '/tell',
  summary: 'For a test',
  needs: 'forms.send',
  body: z.unknown(),
  output: z.unknown(),
  problems: [],
  examples: [{ summary: 'None needed' }],
})
const large = route({
  ...send,
  name: 'forms.large',
  path: '/large/{box}',
  form: { files_field: 'files', files_max: 1, file_bytes_max: 10_000_000 },
  body_bytes_max: 11_000_000,
})
const forms: Capability = {
  name: 'forms',
  problems: { 'forms/refused': { status: 409, title: 'Refused' } },
  bindings: [
    bind(tell, async () => ({})),
    bindUpload(large, async () => ({})),
    bindUpload(send, async (_ctx, { box, label, keep, files }) => {
      const kept = files.slice(0, { all: 2, first: 1, none: 0 }[keep])
      for (const file of kept) await file.keep()
      if (label === 'refuse') throw new Problem('forms/refused')
      return { box, label, files: files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })) }
    }),
  ],
}

let app: TestApp
let pages = ''
let origin = ''
const pulse = new HandPulse()
beforeAll(async () => {
  pages = await mkdtemp(join(tmpdir(), 'tidemark-pages-'))
  await writeFile(join(pages, 'index.html'), '<title>Page</title>')
  app = await openTestApp({ capabilities: [forms], web_dir: pages, pulse })
  origin = await app.app.http.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await app?.close()
  await rm(pages, { recursive: true, force: true })
})

const incoming = () => readdir(join(app.ctx.config.data_dir, 'files', 'incoming'))
const fileOf = (name: string, content: string | Buffer) => ({
  name,
  media_type: 'application/octet-stream',
  base64: Buffer.from(content).toString('base64'),
})
const ask = (fields: Record<string, unknown>, files: ReturnType<typeof fileOf>[], headers = {}) =>
  app.fetch(send, { params: { box: 'b1' }, body: fields, files, headers })
const sendBytes = async (payload: string | Buffer, type = 'multipart/form-data; boundary=edge') => {
  const answer = await app.inject({ method: 'POST', url: '/send/b1', headers: { 'content-type': type }, payload })
  return { status: answer.statusCode, type: (answer.json() as { type: string }).type }
}

test('fields and files of a form come together, in whatever order; what is kept is stored, the rest is gone', async () => {
  const { status, body } = await ask({ label: 'x', keep: 'first' }, [
    fileOf('../../a\u202Eb"c\r\n.png', 'one'),
    fileOf('b.png', 'two'),
  ])
  const files = (body as { files: { name: string; sha256: string }[] }).files
  expect([status, files.map(({ name }) => name)]).toEqual([200, ['ab_c__.png', 'b.png']])
  expect(await Promise.all(files.map(({ sha256 }) => app.ctx.files.has(sha256)))).toEqual([true, false])
  const backwards = formOf(send, {}, [fileOf('c.png', 'three')]).bytes.toString().replace('--tidemark-form-boundary--\r\n', '') // oxfmt-ignore
  const after = formOf(send, { label: 'y' }, []).bytes.toString()
  expect(await sendBytes(backwards + after, 'multipart/form-data; boundary=tidemark-form-boundary')).toMatchObject({ status: 200 }) // oxfmt-ignore
  expect(await incoming()).toEqual([])
})

describe('a form that is refused leaves nothing', () => {
  const part = (head: string, content: string) =>
    `--edge\r\ncontent-disposition: form-data; ${head}\r\n\r\n${content}\r\n`
  const whole = `${part('name="label"', 'x')}${part('name="files"; filename="a"', 'abc')}--edge--\r\n`

  test.each([
    ['no boundary', 'multipart/form-data', whole],
    ['the end is missing', 'multipart/form-data; boundary=edge', whole.slice(0, -8)],
    ['cut off in a file', 'multipart/form-data; boundary=edge', whole.slice(0, -13)],
    ['another boundary', 'multipart/form-data; boundary=other', whole],
    ['a field called __proto__', 'multipart/form-data; boundary=edge', part('name="__proto__"', 'x') + whole],
    ['JSON that is none', 'multipart/form-data; boundary=edge', `--edge\r\ncontent-disposition: form-data; name="label"\r\ncontent-type: application/json\r\n\r\n{\r\n${whole}`], // oxfmt-ignore
  ])('400 request/malformed-body: %s', async (_what, type, payload) => {
    expect(await sendBytes(payload, type)).toEqual({ status: 400, type: '/problems/request/malformed-body' })
    expect(await incoming()).toEqual([])
  })

  test.each([
    ['415 request/unsupported-media-type: JSON', 'application/json', '{}', 415, 'request/unsupported-media-type'],
    ['422 request/invalid: files in another field', undefined, part('name="x"; filename="a"', 'b') + whole, 422, 'request/invalid'], // oxfmt-ignore
    ['422 request/invalid: a file without a name', undefined, part('name="files"; filename=""', 'b') + whole, 422, 'request/invalid'], // oxfmt-ignore
    ['422 request/invalid: files as text', undefined, part('name="files"', 'b') + whole, 422, 'request/invalid'],
    ['422 request/invalid: a field twice', undefined, part('name="label"', 'y') + whole, 422, 'request/invalid'],
    ['413 request/too-large: an endless field', undefined, part('name="label"', 'y'.repeat(20_000)) + whole, 413, 'request/too-large'], // oxfmt-ignore
    ['413 request/too-large: a field of an endless name', undefined, part(`name="${'n'.repeat(2_000)}"`, 'y') + whole, 413, 'request/too-large'], // oxfmt-ignore
    ['413 request/too-large: two hundred fields', undefined, part('name="a"', 'y').repeat(200) + whole, 413, 'request/too-large'], // oxfmt-ignore
  ])('%s', async (_what, media_type, payload, status, type) => {
    expect(await sendBytes(payload, media_type)).toEqual({ status, type: `/problems/${type}` })
    expect(await incoming()).toEqual([])
  })

  test('413 request/too-large: one file of two, three files, or all of it; 422: a wrong field; 409: the handler says no', async () => {
    const small = fileOf('a', 'small')
    const answers = [
      await ask({ label: 'x' }, [small, fileOf('b', Buffer.alloc(100_001, 1))]),
      await ask({ label: 'x' }, [small, fileOf('b', 'b'), fileOf('c', 'c')]),
      await ask({ label: 'x' }, [small], { 'content-length': '300000' }),
      await ask({ label: 'x'.repeat(21) }, [fileOf('a', 'wrong label')]),
      await ask({ label: 'refuse', keep: 'none' }, [fileOf('a', 'refused')]),
    ]
    expect(answers.map(({ status }) => status)).toEqual([413, 413, 413, 422, 409])
    expect(answers[0]?.problem).toMatchObject({ bytes_max: 100_000 })
    expect(answers[1]?.problem).toMatchObject({ files_max: 2 })
    expect(await incoming()).toEqual([])
  })

  test('a sender that goes away in the middle of a file', async () => {
    const { hostname, port } = new URL(origin)
    const headers = { 'content-type': 'multipart/form-data; boundary=edge', 'content-length': '90000' }
    const sending = httpRequest({ hostname, port, method: 'POST', path: '/send/b1', headers })
    sending.on('error', () => undefined)
    sending.write(`${part('name="label"', 'x')}${part('name="files"; filename="a"', 'x'.repeat(50_000))}`.slice(0, -2))
    await expect.poll(async () => (await incoming()).length).toBe(1)
    sending.destroy()
    await expect.poll(async () => (await incoming()).length).toBe(0)
    expect((await fetch(`${origin}/health`)).status).toBe(200)
  })
})

describe('a body on its way', () => {
  /** Begins to send so many bytes, and tells what came of it. */
  function begin(path: string, type: string, bytes: number) {
    const { hostname, port } = new URL(origin)
    const headers = { 'content-type': type, 'content-length': String(bytes) }
    const sending = httpRequest({ hostname, port, method: 'POST', path, headers })
    const ended = new Promise<number | string>((resolve) => {
      sending.on('response', (answer) => resolve(answer.resume().statusCode ?? 0))
      sending.on('error', (error: Error & { code?: string }) => resolve(error.code ?? 'gone'))
    })
    return { sending, ended }
  }
  const arrived = (bytes: number) =>
    expect
      .poll(async () => {
        const [name = ''] = await incoming()
        return name === '' ? 0 : (await stat(join(app.ctx.config.data_dir, 'files', 'incoming', name))).size
      })
      .toBeGreaterThanOrEqual(bytes)

  test('has half a minute', async () => {
    const { sending, ended } = begin('/tell', 'application/json', 1_000)
    sending.write('{')
    await expect.poll(() => pulse.busy).toBe(true)
    pulse.pass(30)
    expect(await Promise.race([ended, 'underway'])).toBe('underway')
    pulse.pass(4)
    expect(await ended).toBe(408)
  })

  test('has as long as it keeps coming, where it is a form; once it only trickles it ends, and leaves nothing', async () => {
    const { sending, ended } = begin('/large/b1', 'multipart/form-data; boundary=edge', 1_000_000)
    sending.write('--edge\r\ncontent-disposition: form-data; name="files"; filename="a"\r\n\r\n')
    await expect.poll(() => pulse.busy).toBe(true)
    for (const times of [1, 2, 3]) {
      sending.write('x'.repeat(300_000))
      await arrived(300_000 * times - 1_000)
      pulse.pass(30)
      expect(await Promise.race([ended, 'underway'])).toBe('underway')
    }
    sending.write('x'.repeat(1_000))
    await arrived(900_500)
    pulse.pass(30)
    expect(await ended).toBe(408)
    await expect.poll(async () => (await incoming()).length).toBe(0)
  })
})

test('a page may lie where a form is sent to: a browser that goes there is shown the page, a program hears what is taken', async () => {
  const page = await app.fetch('/send/b1', { headers: { accept: 'text/html' } })
  expect([page.status, String(page.body)]).toEqual([200, '<title>Page</title>'])
  const { status, headers } = await app.fetch('/send/b1', { headers: { accept: 'application/json' } })
  expect([status, headers.allow]).toEqual([405, 'POST'])
})
