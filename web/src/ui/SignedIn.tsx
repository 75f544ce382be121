import type { Me } from '@tidemark/core/accounts/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useEffectEvent, type ReactNode } from 'react'
import { stateQuery, useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { Loading } from './Loading.tsx'
import { NoOrganisation } from './NoOrganisation.tsx'
import { Page } from './Page.tsx'

/** Shows what it holds to whoever is signed in, and sends everybody else to sign in first. */
export function SignedIn({ children }: { children: (me: Me) => ReactNode }) {
  const me = useMe()
  if (me === undefined) return <Loading />
  if (me === null) return <ToSignIn />
  return <>{children(me)}</>
}

/**
 * Shows what it holds to whoever acts for an organisation, and to a visitor where the demonstration is open. Everybody else
 * is led to where they can go on: to sign in and back, or to an organisation of their own.
 */
export function InOrganisation({ title, children }: { title: string; children: ReactNode }) {
  const asked = useQuery(stateQuery())
  if (asked.isPending) return <Loading />
  // A server that does not answer says so on the page itself.
  if (!asked.data) return children
  const { me, instance } = asked.data
  if (me === null) return instance.demo ? children : <ToSignIn />
  if (me.organisation_id !== null) return children
  return (
    <Page title={title}>
      <NoOrganisation me={me} />
    </Page>
  )
}

/** Goes to sign in, once: the address of this page, which is where to come back to, changes while the next one is loaded. */
function ToSignIn() {
  const { href } = useLocation()
  const navigate = useNavigate()
  const go = useEffectEvent(() => void navigate({ to: paths.signIn, search: { return_to: href }, replace: true }))
  useEffect(() => go(), [])
  return <Loading />
}
