import type { Me, state } from '@tidemark/core/accounts/contract.ts'
import { queryOptions, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { call, type AnswerOf } from './api.ts'

export type Instance = AnswerOf<typeof state>['instance']

/**
 * The route of `accounts.state` without its schemas: the header of every page asks it, and must not load the contract of
 * accounts for that. A test compares the two.
 */
export const stateAddress = { method: 'GET', path: '/api/v1/auth/state' } as Pick<typeof state, 'method' | 'path'> &
  typeof state

/** What a visitor can do here, and who is signed in. */
export const stateQuery = () =>
  queryOptions({
    queryKey: ['accounts', 'state'],
    queryFn: ({ signal }) => call(stateAddress, {}, signal),
    staleTime: 30_000,
  })

/** Who is signed in: undefined while it is asked, null for a visitor. */
export function useMe(): Me | null | undefined {
  const asked = useQuery(stateQuery())
  // A server that does not answer leaves everybody a visitor; the page itself says what is wrong.
  return asked.error ? null : asked.data?.me
}

/** Takes over what the server answered about oneself, so that the header follows at once. */
export function useRememberMe(): (me: Me) => void {
  const client = useQueryClient()
  return (me) => {
    client.setQueryData(stateQuery().queryKey, (before) => before && { ...before, me })
    // Everything is asked again where it is shown next; what is on screen now has just done its work.
    void client.invalidateQueries({ refetchType: 'none', predicate: ({ queryKey }) => queryKey[1] !== 'state' })
  }
}

/** Nothing that was seen while signed in stays behind for whoever comes next. */
export async function forgetEverything(client: QueryClient): Promise<void> {
  await client.cancelQueries()
  await client.resetQueries()
}
