import { getSite, listSites } from '@tidemark/core/sites/contract.ts'
import { metrics } from '@tidemark/core/sites/metrics-contract.ts'
import { queryOptions } from '@tanstack/react-query'
import { call } from '../lib/api.ts'

/** How often a page that shows what is so now asks again. */
export const NOW_INTERVAL_MS = 30_000

export const sitesQuery = () =>
  queryOptions({ queryKey: ['sites', 'list'], queryFn: ({ signal }) => call(listSites, {}, signal), staleTime: 0 })

export const siteQuery = (id: string) =>
  queryOptions({ queryKey: ['sites', 'one', id], queryFn: ({ signal }) => call(getSite, { id }, signal) })

/** The figures of a stretch of time; the last day unless said. */
export const metricsQuery = (id: string, span?: { from: string; to: string }) =>
  queryOptions({
    queryKey: ['sites', 'metrics', id, span?.from ?? '', span?.to ?? ''],
    queryFn: ({ signal }) => call(metrics, { id, ...span }, signal),
    refetchInterval: NOW_INTERVAL_MS,
    staleTime: 10_000,
  })
