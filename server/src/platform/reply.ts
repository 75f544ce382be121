import { invariant } from '@tidemark/core/lib/invariant.ts'
import { cookieText, type Cookie } from './cookies.ts'

/**
 * What a service wants said beside its answer: `ctx.reply.setCookie(…)`. It is sent with the answer, a refusal included, so
 * that a session that has ended takes its cookie with it.
 */
export class Reply {
  readonly #headers: [name: string, value: string][] = []

  setCookie(cookie: Cookie): void {
    this.#headers.push(['set-cookie', cookieText(cookie)])
  }

  /** Removes the cookie of that name, with the attributes it was set with. */
  removeCookie(cookie: Omit<Cookie, 'value' | 'max_age_s'>): void {
    this.setCookie({ ...cookie, value: '', max_age_s: 0 })
  }

  setHeader(name: string, value: string): void {
    invariant(/^[a-z][a-z0-9-]*$/i.test(name) && /^[\x20-\x7e]*$/.test(value), `${name} is no header that can be sent.`)
    this.#headers.push([name.toLowerCase(), value])
  }

  /** Everything in the order in which it was said. */
  get headers(): readonly (readonly [name: string, value: string])[] {
    return this.#headers
  }
}
