import { audit as listAll } from '@tidemark/core/admin/contract.ts'
import { auditActions, auditResults } from '@tidemark/core/audit/actions.ts'
import { list, type AuditFilters } from '@tidemark/core/audit/contract.ts'
import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { call } from '../lib/api.ts'
import type { AuditSearch } from './routes.tsx'

/** Days as they were typed become instants: the last day counts whole. */
export function filtersOf({ action, result, from, to }: AuditSearch): AuditFilters {
  const known = auditActions.find((each) => each === action)
  const outcome = auditResults.find((each) => each === result)
  return {
    ...(known ? { action: known } : {}),
    ...(outcome ? { result: outcome } : {}),
    ...(from === undefined ? {} : { from: `${from}T00:00:00Z` }),
    ...(to === undefined ? {} : { to: new Date(Date.parse(`${to}T00:00:00Z`) + 86_400_000).toISOString() }),
  }
}

/** Of the organisation one acts for, or of the whole installation. */
export type Scope = 'organisation' | 'installation'

export const auditQuery = (scope: Scope, search: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ['audit', scope, search],
    queryFn: ({ signal, pageParam }) =>
      call(
        scope === 'organisation' ? list : listAll,
        { ...filtersOf(search), limit: 50, ...(pageParam === 0 ? {} : { before: pageParam }) },
        signal,
      ),
    initialPageParam: 0,
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
