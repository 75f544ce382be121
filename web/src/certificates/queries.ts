import { get, jwks } from '@tidemark/core/certificates/contract.ts'
import type { Jwks } from '@tidemark/core/certificates/keys.ts'
import { queryOptions } from '@tanstack/react-query'
import { addressOf, ApiProblem, call, NO_ANSWER } from '../lib/api.ts'
import { checkHere } from './check.ts'

/** The keys of this server: what a certificate page trusts unless the person supplies others. */
export const keysQuery = () =>
  queryOptions({
    queryKey: ['keys'],
    queryFn: ({ signal }) => call(jwks, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  })

export const bundleAddress = (id: string) => addressOf(get, { id, format: 'bundle' })
export const seedAddress = (id: string) => addressOf(get, { id, format: 'seed' })
export const documentAddress = (id: string) => addressOf(get, { id, format: 'vc' })

/** The bundle as the very text that the server sent: a verifier reads text, in which nothing has been tidied up. */
export const bundleQuery = (id: string) =>
  queryOptions({
    queryKey: ['bundle', id],
    queryFn: async ({ signal }): Promise<string> => {
      const answer = await fetch(bundleAddress(id), { signal, headers: { accept: 'application/json' } }).catch(
        (error: unknown) => {
          if (signal.aborted) throw error
          throw new ApiProblem({ type: NO_ANSWER, title: 'The server does not answer', status: 0 })
        },
      )
      // `call` reads a refusal into a problem; only a success is wanted as text.
      if (!answer.ok) await call(get, { id, format: 'bundle', bare: '0' }, signal)
      return answer.text()
    },
    staleTime: Number.POSITIVE_INFINITY,
  })

/** A file as it was given, told apart from others by a number: its text may be megabytes. */
export interface GivenFile {
  id: string
  text: string
}

/** The check of a file in this page. It is computed, not fetched, and works without a network. */
export const reportQuery = (file: GivenFile, trusted: Jwks, options: { replay: boolean }) =>
  queryOptions({
    queryKey: ['report', file.id, trusted.keys.map((key) => key.kid), options.replay],
    queryFn: () => checkHere(file.text, trusted, options),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
