import * as client from 'openid-client'
import type {
  completeProvider as completeRoute,
  startProvider as startRoute,
} from '@tidemark/core/accounts/contract.ts'
import { Email } from '@tidemark/core/accounts/email.ts'
import type {
  listIdentities as listRoute,
  unlinkIdentity as unlinkRoute,
} from '@tidemark/core/accounts/passkeys-contract.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { z } from 'zod'
import { record } from '../audit/service.ts'
import { RawReply } from '../platform/capability.ts'
import type { SignInProvider } from '../platform/config.ts'
import type { Context } from '../platform/context.ts'
import { isOn } from './second-factor.ts'
import { openSession, personOf, requireStepUp } from './sessions.ts'
import { challenge, linkNotValid } from './sign-in.ts'
import { join, makePerson, openInvitation } from './sign-up.ts'
import * as store from './store.ts'
import { refuseLastWayIn } from './ways-in.ts'

/**
 * Sign-in through OpenID Connect: authorization code with PKCE, state and nonce. What has to come back lies in a cookie
 * under the key-encryption key, so that only the browser that set out can arrive.
 */

const UNDER_WAY_S = 600
const label = 'accounts.oidc'

const UnderWay = z.object({
  provider: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  return_to: z.string(),
  invitation: z.string().optional(),
  /** Who was signed in when it began, and now adds this way of signing in. */
  session_id: z.string().optional(),
  until_ms: z.number(),
})
type UnderWay = z.infer<typeof UnderWay>

export function providersOf({ config }: Context): readonly SignInProvider[] {
  return config.providers
}

function providerOf(ctx: Context, id: string): SignInProvider {
  const provider = providersOf(ctx).find((each) => each.id === id)
  if (!provider) {
    throw new Problem('accounts/unknown-provider', {
      detail: `This installation offers ${
        providersOf(ctx)
          .map((each) => each.id)
          .join(', ') || 'no provider'
      }.`,
      provider: id,
    })
  }
  return provider
}

function cookieOf(ctx: Context): { name: string; secure: boolean } {
  const secure = ctx.origin().startsWith('https:')
  return { name: secure ? '__Host-tidemark-oidc' : 'tidemark-oidc', secure }
}

const found = new Map<string, Promise<client.Configuration>>()

/** What the provider publishes about itself, asked for once. A failure is not kept. */
async function configurationOf(provider: SignInProvider): Promise<client.Configuration> {
  const name = JSON.stringify(provider)
  const known = found.get(name)
  if (known) return known
  const insecure = provider.issuer.startsWith('http:') ? [client.allowInsecureRequests] : []
  const asked = client.discovery(new URL(provider.issuer), provider.client_id, provider.client_secret, undefined, {
    timeout: 10,
    // The library trusts the connection and leaves the signature of the identity token unread unless told.
    execute: [client.enableNonRepudiationChecks, ...insecure],
  })
  found.set(name, asked)
  asked.catch(() => found.delete(name))
  return asked
}

function callbackOf(ctx: Context, provider: SignInProvider): string {
  return `${ctx.origin()}/api/v1/auth/oidc/${provider.id}/callback`
}

export async function start(ctx: Context, input: InputOf<typeof startRoute>): Promise<RawReply> {
  const provider = providerOf(ctx, input.provider)
  const elsewhere = sameAddressAtOrigin(ctx, input)
  if (elsewhere !== undefined) return sendTo(elsewhere)
  return orBack(ctx, input.return_to, async () => {
    const configuration = await configurationOf(provider).catch((error: unknown) => {
      ctx.log.warn({ err: error, provider: provider.id }, 'the provider of a sign-in does not answer')
      throw refused('The provider does not answer.')
    })
    const session_id = await sessionThatAdds(ctx)
    const verifier = client.randomPKCECodeVerifier()
    const under_way: UnderWay = {
      provider: provider.id,
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier,
      return_to: input.return_to ?? '/',
      ...(input.invitation === undefined ? {} : { invitation: input.invitation }),
      ...(session_id === undefined ? {} : { session_id }),
      until_ms: ctx.now().getTime() + UNDER_WAY_S * 1000,
    }
    const sealed = ctx.keyring.wrap(label, Buffer.from(JSON.stringify(under_way)))
    ctx.reply.setCookie({ ...cookieOf(ctx), value: Buffer.from(sealed).toString('base64url'), max_age_s: UNDER_WAY_S })
    const address = client.buildAuthorizationUrl(configuration, {
      redirect_uri: callbackOf(ctx, provider),
      scope: 'openid email profile',
      state: under_way.state,
      nonce: under_way.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    return sendTo(address.href)
  })
}

/**
 * The session of whoever adds a provider to their account, and thereby a way in. A page elsewhere can send a browser here
 * with its cookie, after it signed that browser in to a stranger's account at the provider: from there it only signs in.
 * @throws Problem `accounts/step-up-needed`
 */
async function sessionThatAdds(ctx: Context): Promise<string | undefined> {
  const { actor, client: sender } = ctx
  if (actor.kind !== 'person' || actor.via !== 'cookie' || sender?.fetch_site !== 'same-origin') return undefined
  await requireStepUp(ctx)
  return actor.session_id
}

export async function complete(
  ctx: Context,
  { provider: id, ...answer }: InputOf<typeof completeRoute>,
): Promise<RawReply> {
  const provider = providerOf(ctx, id)
  const under_way = openCookie(ctx, provider)
  // One arrival for one departure, whatever becomes of it.
  ctx.reply.removeCookie(cookieOf(ctx))
  return orBack(ctx, under_way?.return_to, async () => {
    if (!under_way) throw refused('The sign-in took longer than ten minutes, or began in another browser.')
    const said = await claimsOf(ctx, provider, under_way, answer)
    const person = await personBehind(ctx, provider, said, under_way)
    if (person.suspended_at) throw refused('This account is suspended.')
    // Whoever set up a second factor here wants it asked for, whatever the provider asks.
    if (await isOn(ctx, person.person_id)) {
      const { challenge: asked } = await challenge(ctx, person)
      return sendTo(signInPage(ctx, { return_to: under_way.return_to }, `#challenge=${asked}`))
    }
    await openSession(ctx, person, { how: 'provider' })
    return sendTo(`${ctx.origin()}${under_way.return_to}`)
  })
}

function openCookie(ctx: Context, provider: SignInProvider): UnderWay | undefined {
  const text = ctx.client?.cookies?.get(cookieOf(ctx).name)
  if (text === undefined) return undefined
  try {
    const opened = UnderWay.parse(
      JSON.parse(Buffer.from(ctx.keyring.unwrap(label, Buffer.from(text, 'base64url'))).toString()),
    )
    return opened.provider === provider.id && opened.until_ms > ctx.now().getTime() ? opened : undefined
  } catch {
    // Made up, or of another key: as good as none.
    return undefined
  }
}

interface Said {
  subject: string
  /** Only when the provider says that it is theirs: others let anybody type any address. */
  email?: string
  name?: string
}

async function claimsOf(
  ctx: Context,
  provider: SignInProvider,
  { state, nonce, verifier }: UnderWay,
  answer: Record<string, unknown>,
): Promise<Said> {
  const address = new URL(callbackOf(ctx, provider))
  for (const [name, value] of Object.entries(answer))
    if (typeof value === 'string') address.searchParams.set(name, value)
  try {
    const tokens = await client.authorizationCodeGrant(await configurationOf(provider), address, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    })
    const claims = tokens.claims()
    if (!claims) throw new Error('no identity token')
    const email = claims.email_verified === true ? Email.safeParse(claims.email) : undefined
    const name =
      typeof claims.name === 'string'
        ? claims.name
            .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
            .trim()
            .slice(0, 120)
        : ''
    return { subject: claims.sub, ...(email?.success ? { email: email.data } : {}), ...(name === '' ? {} : { name }) }
  } catch (error) {
    ctx.log.info({ err: error, provider: provider.id }, 'a sign-in through a provider was refused')
    throw refused('The provider’s answer does not belong to this sign-in, or it refused.')
  }
}

/**
 * The account that belongs to what the provider says: the one that it was tied to before; that of who began while signed
 * in; a new one, by invitation or where registration is open. An account that is there with the same address is not
 * opened by it: whoever holds the address at the provider need not be who made the account here.
 */
async function personBehind(
  ctx: Context,
  provider: SignInProvider,
  said: Said,
  under_way: UnderWay,
): Promise<store.StoredPerson> {
  const known_id = await store.findIdentity(ctx.db, provider.id, said.subject)
  const known = known_id === undefined ? undefined : await store.findPerson(ctx.db, known_id)
  if (known) return known
  const identity = { provider: provider.id, subject: said.subject, created_at: ctx.now() }
  const { actor } = ctx
  if (under_way.session_id !== undefined && actor.kind === 'person' && actor.session_id === under_way.session_id) {
    const own = await store.findPerson(ctx.db, actor.person_id)
    if (own && !own.is_demo) {
      await ctx.db.transaction((tx) => tie({ ...ctx, db: tx }, identity, own))
      return own
    }
  }
  return under_way.invitation === undefined
    ? registerOpenly(ctx, said, identity)
    : registerInvited(ctx, said, identity, under_way.invitation)
}

type NewIdentity = { provider: string; subject: string; created_at: Date }

async function registerInvited(
  ctx: Context,
  said: Said,
  identity: NewIdentity,
  token: string,
): Promise<store.StoredPerson> {
  const invitation = await openInvitation(ctx, token)
  // The link proved the address, so what the provider thinks of it does not matter.
  if (await store.findPersonByEmail(ctx.db, invitation.email)) throw hasAccount()
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const { email } = invitation
    const person = await makePerson(inside, { email, name: said.name ?? email, locale: 'en', password_hash: null })
    await tie(inside, identity, person)
    await join(inside, invitation, person)
    return person
  })
}

async function registerOpenly(ctx: Context, said: Said, identity: NewIdentity): Promise<store.StoredPerson> {
  if (!(await store.readInstance(ctx.db)).open_registration) {
    throw new Problem('accounts/registration-closed', { detail: 'Open the link of an invitation first.' })
  }
  const { email, name } = said
  if (email === undefined) throw refused('The provider does not confirm your e-mail address.')
  if (await store.findPersonByEmail(ctx.db, email)) throw hasAccount()
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const person = await makePerson(inside, { email, name: name ?? email, locale: 'en', password_hash: null })
    await tie(inside, identity, person)
    return person
  })
}

/** Joins the transaction of `ctx.db`. */
async function tie(ctx: Context, identity: NewIdentity, { person_id }: store.StoredPerson): Promise<void> {
  if (!(await store.insertIdentity(ctx.db, { ...identity, person_id }))) throw linkNotValid('Begin again.')
  const resource = { type: 'person', id: person_id }
  await record(ctx, { action: 'accounts.identity_linked', resource, after: { provider: identity.provider } })
}

/* What one has */

export async function listIdentities(ctx: Context): Promise<OutputOf<typeof listRoute>> {
  const rows = await store.listIdentities(ctx.db, personOf(ctx).person_id)
  return {
    identities: rows.map(({ provider, subject, created_at }) => {
      const offered = providersOf(ctx).find(({ id }) => id === provider)
      return {
        identity_id: identityIdOf(ctx, provider, subject),
        provider,
        provider_name: offered?.name ?? provider,
        offered: offered !== undefined,
        subject,
        created_at: created_at.toISOString(),
      }
    }),
  }
}

/** A name for the pair that fits into an address, whatever a provider calls its accounts. */
function identityIdOf({ keyring }: Context, provider: string, subject: string): string {
  return `idn_${keyring.pseudonymOf('accounts.identity', JSON.stringify([provider, subject])).slice(0, 32)}`
}

export async function unlink(ctx: Context, { identity_id }: InputOf<typeof unlinkRoute>): Promise<undefined> {
  const { person_id } = personOf(ctx)
  const own = await store.listIdentities(ctx.db, person_id)
  const identity = own.find(({ provider, subject }) => identityIdOf(ctx, provider, subject) === identity_id)
  if (!identity) throw unknownIdentity(identity_id)
  await requireStepUp(ctx)
  await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    await store.lockPerson(tx, person_id)
    await refuseLastWayIn(inside, person_id, identity)
    if (!(await store.deleteIdentity(tx, identity))) throw unknownIdentity(identity_id)
    const resource = { type: 'person', id: person_id }
    const before = { provider: identity.provider }
    await record(inside, { action: 'accounts.identity_unlinked', resource, before })
  })
}

function unknownIdentity(identity_id: string): Problem {
  return new Problem('accounts/unknown-identity', { detail: 'GET /api/v1/auth/identities lists yours.', identity_id })
}

function hasAccount(): Problem {
  return new Problem('accounts/has-account', {
    detail: 'Sign in with your password first; then sign in with the provider from there to add it.',
  })
}

function refused(detail: string): Problem {
  return new Problem('accounts/provider-refused', { detail })
}

function sendTo(location: string): RawReply {
  return new RawReply({
    body: '',
    media_type: 'text/plain',
    status: 302,
    headers: { location, 'cache-control': 'no-store' },
  })
}

/**
 * The provider sends the browser back to the origin that it was told of, and there alone the cookie of this sign-in is
 * sent. A page that was opened under another name of this machine sets out from there too.
 */
function sameAddressAtOrigin(ctx: Context, { provider, return_to, invitation }: InputOf<typeof startRoute>) {
  const own = new URL(ctx.origin())
  const asked = `${own.protocol}//${ctx.client?.host ?? ''}`
  const isLocal = ({ hostname }: URL) => ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  if (!URL.canParse(asked)) return undefined
  const page = new URL(asked)
  if (page.host === own.host || page.port !== own.port || !isLocal(page) || !isLocal(own)) return undefined
  const query = new URLSearchParams({
    ...(return_to === undefined ? {} : { return_to }),
    ...(invitation === undefined ? {} : { invitation }),
  })
  return `${ctx.origin()}/api/v1/auth/oidc/${provider}${query.size === 0 ? '' : `?${query}`}`
}

/** Where a sign-in goes on that did not end with the provider's answer, and from where the way back leads. */
function signInPage(ctx: Context, query: { return_to?: string | undefined; problem?: string }, fragment = ''): string {
  const { return_to, problem } = query
  const said = new URLSearchParams({
    ...(problem === undefined ? {} : { problem }),
    ...(return_to === undefined || return_to === '/' ? {} : { return_to }),
  })
  return `${ctx.origin()}/auth/sign-in${said.size === 0 ? '' : `?${said}`}${fragment}`
}

/** A browser in the middle of a redirect shows no problem document: it goes to the page that can say what went wrong. */
async function orBack(ctx: Context, return_to: string | undefined, work: () => Promise<RawReply>): Promise<RawReply> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return sendTo(signInPage(ctx, { problem: error.type, return_to }))
  }
}
