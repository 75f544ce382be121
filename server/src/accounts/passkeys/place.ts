import { isIP } from 'node:net'
import type { PasskeysHere } from '@tidemark/core/accounts/passkeys-contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { isLoopback } from '../../platform/config.ts'
import type { Context } from '../../platform/context.ts'

/** For which name passkeys are made, and on which pages: both are signed into every answer of a device. */
export interface PasskeyPlace {
  rp_id: string
  origin: string
}

/**
 * Browsers make passkeys for names only, and on pages that nobody can have changed on the way. The name is that of
 * PUBLIC_ORIGIN; on this machine alone it is `localhost`, because 127.0.0.1 is no name.
 * @returns undefined with the reason when there is no such name.
 */
export function placeOf(
  ctx: Pick<Context, 'origin'>,
): { place: PasskeyPlace } | { place: undefined; reason: 'numeric_address' | 'no_https' } {
  const { protocol, hostname, port, origin } = new URL(ctx.origin())
  const bare = hostname.replaceAll(/^\[|\]$/g, '')
  if (isIP(bare) !== 0) {
    if (!isLoopback(bare)) return { place: undefined, reason: 'numeric_address' }
    return { place: { rp_id: 'localhost', origin: `${protocol}//localhost${port === '' ? '' : `:${port}`}` } }
  }
  const local = hostname === 'localhost' || hostname.endsWith('.localhost')
  if (protocol !== 'https:' && !local) return { place: undefined, reason: 'no_https' }
  return { place: { rp_id: hostname, origin } }
}

/** Whether passkeys work where the caller is. A caller who does not say is taken to be where we are reached. */
export function passkeysHere(ctx: Pick<Context, 'origin' | 'client'>): PasskeysHere {
  const found = placeOf(ctx)
  if (!found.place) return { usable: false, reason: found.reason, open_at: null }
  const { origin } = found.place
  const page = pageOf(ctx, origin)
  if (page === undefined || page === origin) return { usable: true, reason: null, open_at: origin }
  const numeric = isIP(new URL(page).hostname.replaceAll(/^\[|\]$/g, '')) !== 0
  return { usable: false, reason: numeric ? 'numeric_address' : 'other_address', open_at: origin }
}

/** @throws Problem `accounts/passkeys-not-here` that says where they do work. */
export function requirePlace(ctx: Pick<Context, 'origin' | 'client'>): PasskeyPlace {
  const { usable, reason, open_at } = passkeysHere(ctx)
  const found = placeOf(ctx)
  if (usable && found.place) return found.place
  const why = {
    numeric_address: 'Browsers keep passkeys for names, and the address of this page is a number such as 127.0.0.1.',
    no_https: 'Browsers keep passkeys on https alone, except on localhost.',
    other_address: 'A passkey belongs to one name, and this page was opened under another.',
  }[reason ?? 'other_address']
  const instead =
    open_at === null
      ? 'Whoever runs this installation sets PUBLIC_ORIGIN to an https address with a name.'
      : `Open ${open_at} instead, and sign in there.`
  throw new Problem('accounts/passkeys-not-here', { detail: `${why} ${instead}`, reason, open_at })
}

/**
 * The page that asks, as an origin. What changes something says so by `Origin`. Reading says only which host it wants,
 * which a proxy in front may have changed, so that counts on this machine alone.
 */
function pageOf({ client }: Pick<Context, 'client'>, ours: string): string | undefined {
  if (client?.origin !== undefined) return URL.canParse(client.origin) ? new URL(client.origin).origin : undefined
  const { protocol, hostname } = new URL(ours)
  if (hostname !== 'localhost' || client?.host === undefined) return undefined
  const address = `${protocol}//${client.host}`
  return URL.canParse(address) ? new URL(address).origin : undefined
}
