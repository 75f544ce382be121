import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

export interface Web {
  /** Whether a browser asks for a page that the web application draws by itself. */
  isNavigation(request: FastifyRequest): boolean
  sendPage(reply: FastifyReply): FastifyReply
}

/** Addresses that are never a page of the web application, whatever the browser accepts. */
const reserved = /^\/(api|docs|redoc|problems|openapi\.json|health|version|metrics|assets)(\/|$)/

/**
 * Serves the built web application. Files under `assets/` carry their hash in their name and never change; everything
 * else is asked for again each time.
 */
export async function serveWeb(app: FastifyInstance, web_dir: string | undefined): Promise<Web> {
  if (!web_dir) {
    app.get('/', (_request, reply) => reply.redirect('/docs'))
    return { isNavigation: () => false, sendPage: (reply) => reply }
  }
  await app.register(fastifyStatic, {
    root: web_dir,
    cacheControl: false,
    // What begins with a dot was left there by a tool, and is no page.
    dotfiles: 'ignore',
    setHeaders: (reply, path) => {
      const hashed = /[\\/]assets[\\/]/.test(path.slice(web_dir.length))
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  return {
    isNavigation: (request) =>
      (request.method === 'GET' || request.method === 'HEAD') &&
      (request.headers.accept ?? '').includes('text/html') &&
      !reserved.test(request.url.split('?')[0] ?? '/'),
    sendPage: (reply) => reply.sendFile('index.html'),
  }
}
