import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fetchOutside, isPublic, outsideUrl } from './outbound.ts'

const refusal = { type: 'outside/refused-address' }
const noAnswer = { type: 'outside/no-answer' }

describe('what is not on the public internet is refused before anything is sent', () => {
  test.each([
    'http://example.com/', // not https
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_',
    'data:text/plain,hello',
    'javascript:alert(1)',
    '//example.com/',
    'example.com',
    '',
    'https://',
    'https://user@example.com/',
    'https://user:word@example.com/',
    'https://example.com:word@127.0.0.1/',
    'https://exa mple.com/',
    'https://example..com/',
    'https://-example.com/',
  ])('%s', async (text) => {
    expect(() => outsideUrl(text)).toThrow(expect.objectContaining(refusal))
    await expect(fetchOutside(text)).rejects.toMatchObject(refusal)
  })

  test.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/', // decimal
    'https://017700000001/', // octal
    'https://0x7f000001/', // hexadecimal
    'https://0x7f.0.0.0x1/',
    'https://0177.0.0.01/',
    'https://0/',
    'https://0.0.0.0/',
    'https://127.0.0.1./',
    'https://１２７.０.０.１/', // full-width digits
    'https://127。0。0。1/', // ideographic full stops
    'https://①②⑦.0.0.1/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://172.31.255.255/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data/', // metadata of cloud machines
    'https://100.64.0.1/',
    'https://100.100.100.200/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::1]/',
    'https://[::]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/', // translated from IPv4
    'https://[64:ff9b:1::a00:1]/',
    'https://[2002:7f00:1::]/', // 6to4
    'https://[2001:0:7f00:1::]/', // Teredo
    'https://[fe80::1]/',
    'https://[fc00::1]/',
    'https://[fd00:ec2::254]/',
    'https://[ff02::1]/',
    'https://[2001:db8::1]/',
    'https://[fec0::1]/',
  ])('%s', async (text) => {
    await expect(fetchOutside(text)).rejects.toMatchObject(refusal)
  })

  test.each([
    ['127.0.0.1'],
    ['10.1.2.3'],
    ['::1'],
    ['::ffff:10.0.0.1'],
    ['fd12::1'],
    ['8.8.8.8', '192.168.0.1'],
    ['nonsense'],
    [],
  ])('a name that means %s, %s', async (...addresses) => {
    const resolve = async () => addresses.filter((address) => address !== undefined)
    await expect(fetchOutside('https://example.com/', {}, { resolve })).rejects.toMatchObject(refusal)
  })

  test.each(['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '192.169.0.1', '2606:4700:4700::1111', '2a00:1450::1'])(
    'while %s is public',
    (address) => expect(isPublic(address)).toBe(true),
  )
})

test('a name that nobody knows, and a resolver that never answers, end as no answer', async () => {
  const unknown = async (): Promise<string[]> => Promise.reject(new Error('ENOTFOUND'))
  await expect(fetchOutside('https://example.com/', {}, { resolve: unknown })).rejects.toMatchObject(noAnswer)
  const silent = () => new Promise<string[]>(() => undefined)
  await expect(fetchOutside('https://example.com/', {}, { resolve: silent })).rejects.toMatchObject({
    ...noAnswer,
    details: { detail: 'example.com did not answer within 5 s.' },
  })
})

const has_openssl = (() => {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
})()

describe.skipIf(!has_openssl)('calls (skipped where there is no openssl to make a certificate)', () => {
  let folder = ''
  let ca = ''
  let server: Server
  let port = 0
  const asked: { url?: string; host?: string; body: string }[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-outbound-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, '-days', '3650', '-subj', '/CN=hooks.example', '-addext', 'subjectAltName=DNS:hooks.example'], { stdio: 'ignore' }) // oxfmt-ignore
    ca = await readFile(cert, 'utf8')
    server = createServer({ key: await readFile(key), cert: ca }, (request, response) => {
      let body = ''
      request.on('data', (piece: Buffer) => (body += piece.toString()))
      request.on('end', () => {
        asked.push({ url: request.url, host: request.headers.host, body })
        if (request.url === '/moved') response.writeHead(302, { location: 'https://169.254.169.254/' }).end()
        else if (request.url === '/endless') flood()
        else if (request.url === '/silent') return
        else response.writeHead(200, { 'x-kind': 'fine' }).end('thanks')
        function flood() {
          response.writeHead(200)
          const more = setInterval(() => response.write('x'.repeat(32_768)), 1)
          response.on('close', () => clearInterval(more))
        }
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  afterAll(async () => {
    server?.closeAllConnections()
    server?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const options = (resolve = async () => ['127.0.0.1']) => ({ resolve, test_loopback: { ca } })
  const at = (path: string) => `https://hooks.example:${port}${path}`

  test('arrive with the name of the host, at the address that was looked at', async () => {
    const answer = await fetchOutside(
      at('/in?x=1'),
      { body: '{"a":1}', headers: { 'content-type': 'application/json' } },
      options(),
    )
    expect(answer).toMatchObject({ status: 200, address: '127.0.0.1', headers: { 'x-kind': 'fine' } })
    expect(Buffer.from(answer.body).toString()).toBe('thanks')
    expect(asked.at(-1)).toEqual({ url: '/in?x=1', host: `hooks.example:${port}`, body: '{"a":1}' })
  })

  test('look a name up once: what it means a moment later changes nothing', async () => {
    const meanings = [['127.0.0.1'], ['10.0.0.1']]
    let looks = 0
    const resolve = async () => meanings[looks++] ?? []
    expect((await fetchOutside(at('/'), {}, options(resolve))).address).toBe('127.0.0.1')
    expect(looks).toBe(1)
  })

  test('follow no redirect', async () => {
    const before = asked.length
    const answer = await fetchOutside(at('/moved'), {}, options())
    expect([answer.status, asked.length - before]).toEqual([302, 1])
  })

  test('read 64 kB and no more, and wait 5 s and no longer', async () => {
    await expect(fetchOutside(at('/endless'), {}, options())).rejects.toMatchObject(noAnswer)
    await expect(fetchOutside(at('/silent'), {}, options())).rejects.toMatchObject(noAnswer)
  })

  test('end when the certificate is for another name', async () => {
    const before = asked.length
    await expect(fetchOutside(`https://other.example:${port}/`, {}, options())).rejects.toMatchObject(noAnswer)
    await expect(fetchOutside(at('/'), {}, { ...options(), test_loopback: { ca: '' } })).rejects.toMatchObject(noAnswer)
    expect(asked.length).toBe(before)
  })

  test('reach nothing on this machine without the switch for tests', async () => {
    await expect(fetchOutside(at('/'), {}, { resolve: async () => ['127.0.0.1'] })).rejects.toMatchObject(refusal)
  })
})
