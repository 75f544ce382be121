import type { ReactNode } from 'react'
import { useWords } from '../lib/i18n.ts'
import { PageHeading, useTitle } from '../ui/Page.tsx'
import { TideLines } from '../ui/Tide.tsx'

/** A page with one form on it, before anybody is signed in. */
export function AuthPage({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  useTitle(title)
  return (
    <div className="relative overflow-hidden">
      <TideLines className="pointer-events-none absolute inset-x-0 bottom-0 h-28 w-full opacity-60" />
      <div className="relative mx-auto w-full max-w-lg px-4 pt-8 pb-32 sm:pt-14">
        <PageHeading>{title}</PageHeading>
        {lead !== undefined && <p className="mt-3 text-lg text-soft">{lead}</p>}
        <div className="card mt-6 p-5 shadow-sm sm:p-7">{children}</div>
      </div>
    </div>
  )
}

/** Said where the page was opened without the secret of its link. */
export function CutLink({ children }: { children?: ReactNode }) {
  const { t } = useWords()
  return (
    <div role="alert">
      <p className="font-semibold">{t('accounts.cutLink')}</p>
      <p className="mt-1 text-soft">{t('accounts.cutLinkSays')}</p>
      {children}
    </div>
  )
}
