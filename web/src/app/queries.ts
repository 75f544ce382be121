import { queryOptions } from '@tanstack/react-query'

/** The server's version, for the footer; nothing is shown while it cannot be had. */
export const versionQuery = () =>
  queryOptions({
    queryKey: ['version'],
    queryFn: async ({ signal }): Promise<string> => {
      const answer = await fetch('/version', { headers: { accept: 'application/json' }, signal })
      const body = (await answer.json()) as { version?: unknown }
      if (!answer.ok || typeof body.version !== 'string') throw new Error('The version is not known')
      return body.version
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
