/** Every address of the web app, as the router's patterns. Links and routes both read it here. */
export const paths = {
  home: '/',
  questionnaire: '/questionnaire',
  calculations: '/calculations',
  calculation: '/calculations/$id',
  certificate: '/certificates/$id',
  verify: '/verify',
  factors: '/factors',
  signIn: '/auth/sign-in',
  signUp: '/auth/sign-up',
  claim: '/auth/claim',
  verifyEmail: '/auth/verify-email',
  forgot: '/auth/forgot',
  reset: '/auth/reset',
  invitation: '/auth/invitation',
  welcome: '/welcome',
  profile: '/settings/profile',
  security: '/settings/security',
  organisation: '/settings/organisation',
  keys: '/settings/keys',
  webhooks: '/settings/webhooks',
  audit: '/settings/audit',
  privacy: '/settings/data',
  admin: '/admin',
  adminAudit: '/admin/audit',
} as const

/** Addresses that the server itself answers: plain links, not routes. */
export const serverPaths = {
  docs: '/docs',
  redoc: '/redoc',
  openapi: '/openapi.json',
} as const
