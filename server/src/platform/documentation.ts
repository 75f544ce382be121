import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { documentationPolicy, policyText } from './security-headers.ts'

/**
 * The OpenAPI document at `/openapi.json`, Swagger UI at `/docs`, Redoc at `/redoc`. Everything comes from this server:
 * the pages work on a machine without a network.
 * @returns the addresses it added.
 */
export async function serveDocumentation(
  app: FastifyInstance,
  document: Record<string, unknown>,
): Promise<readonly string[]> {
  const text = JSON.stringify(document)
  app.get('/openapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(text),
  )
  const policy = policyText(documentationPolicy)

  await app.register(swagger, { mode: 'static', specification: { document: document as never } })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: policy,
    theme: { title: 'Tidemark API' },
    uiConfig: { url: '/openapi.json', deepLinking: true, tryItOutEnabled: true, defaultModelsExpandDepth: 0 },
  })

  const script = await redocScript()
  app.get('/redoc', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .headers({ 'content-security-policy': policy, 'cache-control': 'no-cache' })
      .send(redocPage),
  )
  app.get('/redoc/redoc.standalone.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').header('cache-control', 'public, max-age=3600').send(script),
  )
  return ['/openapi.json', '/docs', '/redoc', '/redoc/redoc.standalone.js']
}

/** Redoc's one outside address is a logo in its corner; it is replaced by an empty picture. */
async function redocScript(): Promise<string> {
  const path = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js')
  const script = await readFile(path, 'utf8')
  return script.replaceAll(
    'https://cdn.redoc.ly/redoc/logo-mini.svg',
    'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E',
  )
}

const redocPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Tidemark API</title>
    <style>body { margin: 0 }</style>
  </head>
  <body>
    <redoc spec-url="/openapi.json"></redoc>
    <script src="/redoc/redoc.standalone.js"></script>
  </body>
</html>
`
