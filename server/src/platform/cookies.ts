import { invariant } from '@tidemark/core/lib/invariant.ts'

/** Bounds what a hostile header may cost; browsers keep fewer and shorter ones. */
const COOKIES_MAX = 50
const HEADER_CHARACTERS_MAX = 8_192

export interface Cookie {
  /** Letters, digits, `-` and `_`. */
  name: string
  /** Characters that a cookie may hold as they are: encode anything else before. */
  value: string
  /** How long it lives; undefined ends it with the browser, 0 removes it. */
  max_age_s?: number
  /** Sent over https only. Names that begin with `__Host-` demand it. */
  secure: boolean
  /** `/` unless said. */
  path?: string
  /** `Lax` unless said. */
  same_site?: 'Lax' | 'Strict'
}

/**
 * Reads a `Cookie` header (RFC 6265, section 4.2). Of two cookies of one name neither counts: a neighbour on a sister
 * domain can plant a second one, and nothing says which is whose.
 */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  if (header === undefined || header.length > HEADER_CHARACTERS_MAX) return cookies
  const twice = new Set<string>()
  for (const part of header.split(';').slice(0, COOKIES_MAX)) {
    const at = part.indexOf('=')
    const name = part.slice(0, Math.max(at, 0)).trim()
    const value = part.slice(at + 1).trim()
    if (!NAME.test(name) || !VALUE.test(value)) continue
    if (cookies.has(name)) twice.add(name)
    cookies.set(name, value)
  }
  for (const name of twice) cookies.delete(name)
  return cookies
}

/** The `Set-Cookie` header. Scripts never see a cookie of ours: all of them are HttpOnly. */
export function cookieText({ name, value, max_age_s, secure, path = '/', same_site = 'Lax' }: Cookie): string {
  invariant(NAME.test(name) && VALUE.test(value), `${name} holds what a cookie cannot.`)
  invariant(/^\/[\w/.-]*$/.test(path), `${name} has the path ${path}.`)
  invariant(
    !name.startsWith('__Host-') || (secure && path === '/'),
    `${name} must be secure and of the path /, or browsers drop it.`,
  )
  const age = max_age_s === undefined ? '' : `; Max-Age=${Math.max(0, Math.floor(max_age_s))}`
  return `${name}=${value}; Path=${path}${age}; HttpOnly; SameSite=${same_site}${secure ? '; Secure' : ''}`
}

const NAME = /^[\w-]{1,64}$/
/** The `cookie-octet` of RFC 6265. */
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,4096}$/
