import { search, show } from '@tidemark/core/factors/contract.ts'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { call } from '../lib/api.ts'
import type { FactorSearch } from './routes.tsx'

const PAGE = 20

export const factorsQuery = ({ q, geography, dimension, year, status }: FactorSearch) =>
  infiniteQueryOptions({
    queryKey: ['factors', q, geography, dimension, year, status],
    queryFn: ({ signal, pageParam }) =>
      call(
        search,
        {
          q,
          geography,
          dimension,
          year,
          status: status === 'archived' || status === 'all' ? status : 'valid',
          limit: PAGE,
          offset: pageParam,
        },
        signal,
      ),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (pages.length * PAGE < last.total ? pages.length * PAGE : undefined),
    placeholderData: keepPreviousData,
  })

export const factorQuery = (id: string, edition: string | undefined) =>
  queryOptions({ queryKey: ['factor', id, edition], queryFn: ({ signal }) => call(show, { id, edition }, signal) })
