import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Me } from '@tidemark/core/accounts/contract.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { NoOrganisation } from './NoOrganisation.tsx'
import { Notice } from './Notice.tsx'
import { Page } from './Page.tsx'
import { SignedIn } from './SignedIn.tsx'

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
  of_organisation = false,
  children,
}: {
  title: string
  lead?: ReactNode
  /** Whether all of it belongs to an organisation: who acts for none is told what to do about it. */
  of_organisation?: boolean
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
            <div className="min-w-0 max-w-3xl *:first:mt-0">
              {me.person.is_demo && <Notice tone="note">{t('signed.demo')}</Notice>}
              {of_organisation && me.organisation_id === null ? <NoOrganisation me={me} /> : children(me)}
            </div>
          </div>
        </Page>
      )}
    </SignedIn>
  )
}
