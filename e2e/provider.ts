// An OpenID Connect provider on this machine: it signs what it is told to say, and asks nobody.
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Provider {
  /** The settings with which a server offers it. */
  env: Record<string, string>
  /** Who comes through it from now on. */
  says: { sub: string; email: string; email_verified: boolean; name: string }
  stop(): Promise<void>
}

const CLIENT = 'tidemark'

export async function startProvider(): Promise<Provider> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const under_way = new Map<string, { nonce: string; challenge: string }>()
  const pages: Record<string, (url: URL, request: IncomingMessage) => Promise<object | string | undefined>> = {
    '/.well-known/openid-configuration': async () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    }),
    '/jwks': async () => ({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] }),
    '/authorize': async ({ searchParams: asked }) => {
      const code = `code-${under_way.size}`
      under_way.set(code, { nonce: asked.get('nonce') ?? '', challenge: asked.get('code_challenge') ?? '' })
      return `${asked.get('redirect_uri')}?${new URLSearchParams({ code, state: asked.get('state') ?? '' })}`
    },
    '/token': async (_, request) => {
      const form = new URLSearchParams(await textOf(request))
      const known = under_way.get(form.get('code') ?? '')
      const verifier = createHash('sha256').update(form.get('code_verifier') ?? '')
      if (!known || verifier.digest('base64url') !== known.challenge) return undefined
      return { access_token: 'unused', token_type: 'Bearer', expires_in: 60, id_token: identityToken(known.nonce) }
    },
  }
  const server = createServer((request, reply) => {
    const url = new URL(request.url ?? '/', issuer)
    void Promise.resolve(pages[url.pathname]?.(url, request)).then((answer) => {
      if (typeof answer === 'string') return reply.writeHead(302, { location: answer }).end()
      return reply
        .writeHead(answer ? 200 : 400, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer ?? { error: 'invalid_grant' }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider: Provider = {
    env: { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: CLIENT, OIDC_CLIENT_SECRET: 'hush', OIDC_NAME: 'Harbour' },
    says: { sub: 'nobody', email: 'nobody@example.org', email_verified: true, name: 'Nobody' },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return provider

  function identityToken(nonce: string): string {
    const now_s = Math.floor(Date.now() / 1000)
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { iss: issuer, aud: CLIENT, nonce, iat: now_s, exp: now_s + 300, ...provider.says }
    const text = `${part({ alg: 'RS256', kid: 'k' })}.${part(claims)}`
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}
