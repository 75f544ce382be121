import { lookup } from 'node:dns/promises'
import { request, type RequestOptions } from 'node:https'
import { BlockList, isIP, isIPv4 } from 'node:net'
import { Problem } from '@tidemark/core/lib/problem.ts'

export interface OutsideRequest {
  /** `POST` unless said. */
  method?: 'GET' | 'POST'
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
}

export interface OutsideOptions {
  /** How names become addresses: that of the machine unless given. */
  resolve?: (name: string) => Promise<readonly string[]>
  /** For tests alone: this machine may be called too, and certificates of this authority are trusted. */
  test_loopback?: { ca: string }
}

export interface OutsideAnswer {
  status: number
  headers: Readonly<Record<string, string>>
  body: Uint8Array
  /** The address that was called. */
  address: string
}

const TIMEOUT_MS = 5_000
const BYTES_MAX = 64 * 1024

/**
 * Calls an address that somebody typed in. Whoever types it must not reach what only this machine can: https alone, to
 * public addresses alone, and to the very address that was looked at, whatever the name means a moment later. Redirects
 * are answers like any other and are not followed.
 * @throws Problem `outside/refused-address` before anything is sent, `outside/no-answer` when no whole answer came.
 */
export async function fetchOutside(
  text: string,
  outside: OutsideRequest = {},
  options: OutsideOptions = {},
): Promise<OutsideAnswer> {
  const url = outsideUrl(text)
  const deadline = AbortSignal.timeout(TIMEOUT_MS)
  const address = await addressFor(url, options, deadline)
  try {
    return await call(url, address, outside, options, deadline)
  } catch (error) {
    throw noAnswer(url, error, deadline)
  }
}

/**
 * Checks what can be checked before a name is looked up: for the form in which somebody types an address.
 * @throws Problem `outside/refused-address`
 */
export function outsideUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url) throw refused('It is not a whole address. It looks like https://example.com/path.')
  if (url.protocol !== 'https:') throw refused('Only https is called, so that nobody in between can read or answer.')
  if (url.username !== '' || url.password !== '')
    throw refused('A user or password in the address would be sent along.')
  const name = bareHost(url)
  // What an address of numbers means is settled here: 0x7f.1 and 2130706433 are 127.0.0.1 by now.
  if (
    isIP(name) === 0 &&
    !/^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(name)
  )
    throw refused('The name of the host is not one that can be looked up.')
  return url
}

/** Without the dot that ends a full name, and without the brackets of IPv6. */
function bareHost(url: URL): string {
  return url.hostname.replaceAll(/^\[|\]$|\.$/g, '')
}

async function addressFor(url: URL, options: OutsideOptions, deadline: AbortSignal): Promise<string> {
  const name = bareHost(url)
  const addresses = isIP(name) === 0 ? await lookUp(url, name, options, deadline) : [name]
  // One private address among public ones is as bad: which is called would be chance.
  const inside = addresses.find((address) => !mayBeCalled(address, options))
  const [first] = addresses
  if (inside !== undefined || first === undefined)
    throw refused(`${name} is not an address on the public internet. Only those are called.`)
  return first
}

async function lookUp(
  url: URL,
  name: string,
  { resolve = ofThisMachine }: OutsideOptions,
  deadline: AbortSignal,
): Promise<readonly string[]> {
  const late = new Promise<never>((_, reject) =>
    deadline.addEventListener('abort', () => reject(new Error('late')), { once: true }),
  )
  try {
    return await Promise.race([resolve(name), late])
  } catch (error) {
    throw noAnswer(url, error, deadline)
  }
}

async function ofThisMachine(name: string): Promise<string[]> {
  return (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address)
}

function mayBeCalled(address: string, { test_loopback }: OutsideOptions): boolean {
  return isPublic(address) || (test_loopback !== undefined && address === '127.0.0.1')
}

/** Whether an address is one on the public internet, in either form. What is none at all is not. */
export function isPublic(address: string): boolean {
  if (isIPv4(address)) return !notPublic.check(address, 'ipv4')
  // Of IPv6 only what is given out to the world, so that no form that holds an inner IPv4 address is overlooked.
  return isIP(address) === 6 && globalUnicast.check(address, 'ipv6') && !notPublic.check(address, 'ipv6')
}

/** Special-purpose addresses by the registries of IANA (RFC 6890 and its updates). */
const notPublic = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  notPublic.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  // Teredo and 6to4 hold IPv4 addresses; the others are for protocols, documentation and private networks.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const)
  notPublic.addSubnet(network, bits, 'ipv6')
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')

function call(
  url: URL,
  address: string,
  { method = 'POST', headers = {}, body }: OutsideRequest,
  { test_loopback }: OutsideOptions,
  deadline: AbortSignal,
): Promise<OutsideAnswer> {
  const name = bareHost(url)
  const options: RequestOptions = {
    method,
    // The address that was looked at, by itself: there is no second look-up that could answer otherwise.
    host: address,
    port: url.port === '' ? 443 : Number(url.port),
    path: `${url.pathname}${url.search}`,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    headers: { ...headers, host: url.host, 'user-agent': 'Tidemark', 'accept-encoding': 'identity' },
    agent: false,
    signal: deadline,
    maxHeaderSize: 16 * 1024,
    ...(test_loopback ? { ca: test_loopback.ca } : {}),
  }
  return new Promise((resolve, reject) => {
    const sending = request(options, (answer) => {
      const pieces: Buffer[] = []
      let bytes = 0
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length
        pieces.push(piece)
        if (bytes > BYTES_MAX) answer.destroy(new Error(`more than ${BYTES_MAX} bytes`))
      })
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: textHeaders(answer.headers),
          body: Buffer.concat(pieces),
          address,
        }),
      )
    })
    sending.on('error', reject)
    sending.end(body)
  })
}

function textHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}

function refused(detail: string): Problem {
  return new Problem('outside/refused-address', { detail })
}

/** What went wrong is told by its kind alone: a precise answer would let somebody feel their way through a network. */
function noAnswer(url: URL, cause: unknown, deadline: AbortSignal): Problem {
  const late = deadline.aborted ? `within ${TIMEOUT_MS / 1000} s` : 'as it should'
  const problem = new Problem('outside/no-answer', { detail: `${url.host} did not answer ${late}.` })
  problem.cause = cause
  return problem
}
