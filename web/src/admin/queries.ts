import {
  adminGetInstance,
  adminListKeys,
  adminListOrganisations,
  adminListPeople,
} from '@tidemark/core/accounts/contract.ts'
import { health, jobs, listPlans, outbox, usage } from '@tidemark/core/admin/contract.ts'
import { listEditions } from '@tidemark/core/factors/contract.ts'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { call } from '../lib/api.ts'

const PAGE = 50
const paging = {
  initialPageParam: '',
  getNextPageParam: (last: { next: string | null }) => last.next ?? undefined,
  placeholderData: keepPreviousData,
}
const page = (search: string, after: string) => ({
  limit: PAGE,
  ...(search === '' ? {} : { search }),
  ...(after === '' ? {} : { after }),
})

export const instanceQuery = () =>
  queryOptions({ queryKey: ['admin', 'instance'], queryFn: ({ signal }) => call(adminGetInstance, {}, signal) })

export const healthQuery = () =>
  queryOptions({
    queryKey: ['admin', 'health'],
    queryFn: ({ signal }) => call(health, {}, signal),
    refetchInterval: 10_000,
  })

export const peopleQuery = (search: string) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'people', search],
    queryFn: ({ signal, pageParam }) => call(adminListPeople, page(search, pageParam), signal),
    ...paging,
  })

export const organisationsQuery = (search: string) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'organisations', search],
    queryFn: ({ signal, pageParam }) => call(adminListOrganisations, page(search, pageParam), signal),
    ...paging,
  })

export const keysQuery = (search: string) =>
  infiniteQueryOptions({
    queryKey: ['admin', 'keys', search],
    queryFn: ({ signal, pageParam }) => call(adminListKeys, page(search, pageParam), signal),
    ...paging,
  })

export const editionsQuery = () =>
  queryOptions({ queryKey: ['admin', 'editions'], queryFn: ({ signal }) => call(listEditions, {}, signal) })

export const outboxQuery = () =>
  queryOptions({
    queryKey: ['admin', 'outbox'],
    queryFn: ({ signal }) => call(outbox, { limit: 100 }, signal),
    staleTime: 0,
  })

export const jobsQuery = () =>
  queryOptions({
    queryKey: ['admin', 'jobs'],
    queryFn: ({ signal }) => call(jobs, {}, signal),
    staleTime: 0,
    refetchInterval: 10_000,
  })

export const usageQuery = () =>
  queryOptions({ queryKey: ['admin', 'usage'], queryFn: ({ signal }) => call(usage, {}, signal), staleTime: 0 })

export const plansQuery = () =>
  queryOptions({ queryKey: ['admin', 'plans'], queryFn: ({ signal }) => call(listPlans, {}, signal) })
