import { listConsents } from '@tidemark/core/accounts/contract.ts'
import { listExports, showDeletion, showMyDeletion, showRetention } from '@tidemark/core/privacy/contract.ts'
import { queryOptions } from '@tanstack/react-query'
import { call } from '../lib/api.ts'

export const exportsQuery = () =>
  queryOptions({
    queryKey: ['privacy', 'exports'],
    queryFn: ({ signal }) => call(listExports, {}, signal),
    // While one is being made, it is asked again until it is ready.
    refetchInterval: (query) => (query.state.data?.exports.some((each) => each.state === 'making') ? 1500 : false),
  })

export const consentsQuery = () =>
  queryOptions({ queryKey: ['privacy', 'consents'], queryFn: ({ signal }) => call(listConsents, {}, signal) })

/** Of the person, or of an organisation. */
export const deletionQuery = (organisation_id?: string) =>
  queryOptions({
    queryKey: ['privacy', 'deletion', organisation_id ?? 'me'],
    queryFn: ({ signal }) =>
      organisation_id === undefined
        ? call(showMyDeletion, {}, signal)
        : call(showDeletion, { organisation_id }, signal),
  })

export const retentionQuery = () =>
  queryOptions({ queryKey: ['privacy', 'retention'], queryFn: ({ signal }) => call(showRetention, {}, signal) })
