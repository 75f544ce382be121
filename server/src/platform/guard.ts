import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { isLoopback, publicOrigin, type Config } from './config.ts'
import type { Actor } from './context.ts'

/**
 * Refuses a request for a host that is not ours. A page elsewhere can give its own name our address (DNS rebinding), and
 * its scripts then read what only this machine may: the name it asks for still tells.
 * @throws Problem `request/unknown-host`
 */
export function refuseUnknownHost(
  request: FastifyRequest,
  config: Pick<Config, 'host' | 'port' | 'public_origin'>,
): void {
  const name = hostName(request.host ?? '')
  if (name !== undefined && isOurHost(name, config)) return
  throw new Problem('request/unknown-host', {
    detail: `This server does not answer for "${(request.host ?? '').slice(0, 80)}". If it is reached under that name, say so with PUBLIC_ORIGIN.`,
  })
}

function isOurHost(name: string, config: Pick<Config, 'host' | 'port' | 'public_origin'>): boolean {
  if (['localhost', '127.0.0.1', '[::1]'].includes(name)) return true
  if (name === hostName(new URL(publicOrigin(config)).host) || name === hostName(config.host)) return true
  // An address cannot be rebound. Beyond loopback a machine has several, and health checks ask for any of them.
  return !isLoopback(config.host) && isIP(name.replaceAll(/^\[|\]$/g, '')) !== 0
}

/** Name or address in small letters, without the port; undefined when it is neither. */
function hostName(host: string): string | undefined {
  const literal = isIP(host) === 6 ? `[${host}]` : host
  if (!/^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(literal)) return undefined
  return URL.canParse(`http://${literal}`) ? new URL(`http://${literal}`).hostname : undefined
}

/** What a page sends along with a form, and a plain form cannot: browsers ask before they send it to another site. */
export const FORM_HEADER = 'x-tidemark-form'

const formTypes = /^\s*(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/i

/**
 * Refuses a socket that a page of another site opens: browsers let any page open one anywhere, with cookies, and say where
 * the page is from. A cookie without that comes from no browser. Holds for visitors too, whom this machine alone admits.
 * @throws Problem `request/cross-site`
 */
export function refuseForeignSocket(
  request: FastifyRequest,
  config: Pick<Config, 'host' | 'port' | 'public_origin'>,
  actor: Actor,
): void {
  const { origin } = request.headers
  const with_cookie = actor.kind === 'person' && actor.via === 'cookie'
  if (origin === undefined ? !with_cookie : isOurOrigin(origin, request, config)) return
  throw new Problem('request/cross-site', {
    detail: with_cookie
      ? 'Signed in by a cookie, a stream is opened from our own pages only. A program uses a key: authorization: Bearer tm_…'
      : 'A page of another site opened this. Programs leave Origin out.',
  })
}

function isOurOrigin(
  text: string,
  request: FastifyRequest,
  config: Pick<Config, 'host' | 'port' | 'public_origin'>,
): boolean {
  return text === publicOrigin(config) || text === `${request.protocol}://${request.host}`
}

/**
 * Refuses what another site sends through somebody's browser. Browsers say where a request comes from whenever it changes
 * something; programs need not, unless they come with a cookie, which travels by itself.
 * @param takes_form whether the route takes a form: then one is taken with `FORM_HEADER`.
 * @throws Problem `request/cross-site`, or `request/unsupported-media-type` for a body that a foreign form can send.
 */
export function refuseOtherSites(
  request: FastifyRequest,
  config: Pick<Config, 'host' | 'port' | 'public_origin'>,
  actor: Actor,
  takes_form = false,
): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const with_cookie = actor.kind === 'person' && actor.via === 'cookie'
  const { origin, 'sec-fetch-site': site, 'content-type': media_type } = request.headers
  const said = typeof site === 'string' || origin !== undefined
  const ours =
    (site === undefined || site === 'same-origin') && (origin === undefined || isOurOrigin(origin, request, config))
  if (!ours || (with_cookie && !said)) {
    throw new Problem('request/cross-site', {
      detail: with_cookie
        ? 'Signed in by a cookie, changes are made from our own pages only. A program uses a key: authorization: Bearer tm_…'
        : 'A page of another site sent this. Programs leave Origin and Sec-Fetch-Site out.',
    })
  }
  const by_a_page = takes_form && request.headers[FORM_HEADER] !== undefined
  if (with_cookie && !by_a_page && formTypes.test(media_type ?? '')) {
    throw new Problem('request/unsupported-media-type', {
      detail: `Signed in by a cookie, a body is JSON or says which kind of file it is; a form comes with the header ${FORM_HEADER}: 1. What a plain form sends is refused.`,
    })
  }
}
