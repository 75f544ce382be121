import { Link, useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useEffectEvent, type ReactNode } from 'react'
import type { Me } from '@tidemark/core/accounts/contract.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { Loading } from './Loading.tsx'
import { Page } from './Page.tsx'

const entries = [
  { to: paths.profile, key: 'profile' },
  { to: paths.security, key: 'security' },
  { to: paths.privacy, key: 'privacy' },
  { to: paths.organisation, key: 'organisation' },
  { to: paths.keys, key: 'keys' },
  { to: paths.webhooks, key: 'webhooks' },
  { to: paths.audit, key: 'audit' },
] as const

/** A page of the settings, with the way to the others beside it. Who is not signed in is asked to, and comes back. */
export function SettingsPage({
  title,
  lead,
  children,
}: {
  title: string
  lead?: ReactNode
  children: (me: Me) => ReactNode
}) {
  const { t } = useWords()
  return (
    <SignedIn>
      {(me) => (
        <Page wide title={title} lead={lead}>
          <div className="gap-12 lg:grid lg:grid-cols-[13rem_minmax(0,1fr)]">
            <nav aria-label={t('signed.settings')} className="mb-8 lg:mb-0">
              <ul className="flex flex-wrap gap-x-1 lg:sticky lg:top-6 lg:flex-col">
                {entries.map(({ to, key }) => (
                  <li key={key}>
                    <Link
                      to={to}
                      className="inline-flex min-h-10 items-center rounded-md px-3 hover:bg-wash lg:w-full"
                      activeProps={{ className: 'font-semibold text-tide bg-wash' }}
                    >
                      {t(`signed.nav.${key}`)}
                    </Link>
                  </li>
                ))}
              </ul>
            </nav>
            <div className="min-w-0 max-w-3xl *:first:mt-0">{children(me)}</div>
          </div>
        </Page>
      )}
    </SignedIn>
  )
}

/** Shows what it holds to whoever is signed in, and sends everybody else to sign in first. */
export function SignedIn({ children }: { children: (me: Me) => ReactNode }) {
  const me = useMe()
  if (me === undefined) return <Loading />
  if (me === null) return <ToSignIn />
  return <>{children(me)}</>
}

/** Goes to sign in, once: the address of this page, which is where to come back to, changes while the next one is loaded. */
function ToSignIn() {
  const { href } = useLocation()
  const navigate = useNavigate()
  const go = useEffectEvent(() => void navigate({ to: paths.signIn, search: { return_to: href }, replace: true }))
  useEffect(() => go(), [])
  return <Loading />
}
