import type { FastifyHelmetOptions } from '@fastify/helmet'

type Directives = Record<string, string[]>

/** What pages of ours may do: load their own files, nothing else, inside no frame. */
export const strictPolicy: Directives = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'worker-src': ["'self'", 'blob:'],
  'manifest-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
}

/** Swagger UI and Redoc write style elements while they run; nothing else is loosened for them. */
export const documentationPolicy: Directives = { ...strictPolicy, 'style-src': ["'self'", "'unsafe-inline'"] }

export function policyText(policy: Directives): string {
  return Object.entries(policy)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join(';')
}

export const helmetOptions: FastifyHelmetOptions = {
  global: true,
  contentSecurityPolicy: { useDefaults: false, directives: strictPolicy },
  referrerPolicy: { policy: 'no-referrer' },
  xFrameOptions: { action: 'deny' },
  crossOriginOpenerPolicy: { policy: 'same-origin' },
  crossOriginResourcePolicy: { policy: 'same-origin' },
  // Only an answer over https may say it; see `createHttp`.
  strictTransportSecurity: false,
}

export const strictTransport = 'max-age=31536000; includeSubDomains'
