import {
  getOrganisation,
  listInvitations,
  listKeys,
  listMembers,
  listSessions,
  showInvitation,
  showSecondFactor,
} from '@tidemark/core/accounts/contract.ts'
import { listIdentities, listPasskeys } from '@tidemark/core/accounts/passkeys-contract.ts'
import { queryOptions } from '@tanstack/react-query'
import { call } from '../lib/api.ts'

export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['accounts', 'invitation', token],
    queryFn: ({ signal }) => call(showInvitation, { token }, signal),
  })

export const sessionsQuery = () =>
  queryOptions({ queryKey: ['accounts', 'sessions'], queryFn: ({ signal }) => call(listSessions, {}, signal) })

export const secondFactorQuery = () =>
  queryOptions({ queryKey: ['accounts', 'second-factor'], queryFn: ({ signal }) => call(showSecondFactor, {}, signal) })

export const passkeysQuery = () =>
  queryOptions({ queryKey: ['accounts', 'passkeys'], queryFn: ({ signal }) => call(listPasskeys, {}, signal) })

export const identitiesQuery = () =>
  queryOptions({ queryKey: ['accounts', 'identities'], queryFn: ({ signal }) => call(listIdentities, {}, signal) })

export const organisationQuery = (organisation_id: string) =>
  queryOptions({
    queryKey: ['accounts', 'organisation', organisation_id],
    queryFn: ({ signal }) => call(getOrganisation, { organisation_id }, signal),
  })

export const membersQuery = (organisation_id: string) =>
  queryOptions({
    queryKey: ['accounts', 'members', organisation_id],
    queryFn: ({ signal }) => call(listMembers, { organisation_id }, signal),
  })

export const invitationsQuery = (organisation_id: string) =>
  queryOptions({
    queryKey: ['accounts', 'invitations', organisation_id],
    queryFn: ({ signal }) => call(listInvitations, { organisation_id }, signal),
  })

export const keysQuery = () =>
  queryOptions({ queryKey: ['accounts', 'keys'], queryFn: ({ signal }) => call(listKeys, {}, signal) })
