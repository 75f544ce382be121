/** Every address of the web app, as the router's patterns. Links and routes both read it here. */
export const paths = {
  home: '/',
  questionnaire: '/questionnaire',
  calculations: '/calculations',
  calculation: '/calculations/$id',
  certificate: '/certificates/$id',
  verify: '/verify',
  factors: '/factors',
} as const

/** Addresses that the server itself answers: plain links, not routes. */
export const serverPaths = {
  docs: '/docs',
  redoc: '/redoc',
  openapi: '/openapi.json',
} as const
