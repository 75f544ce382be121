import type { Me } from '@tidemark/core/accounts/contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { forgetEverything, useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { ActionButton } from '../ui/ActionButton.tsx'

/** Who is signed in and for whom they act, at the end of the header; or the way to sign in. */
export function Account({ onGo }: { onGo: () => void }) {
  const { t } = useWords()
  const me = useMe()
  const { href, pathname } = useLocation()
  // Nothing is shown while it is asked, so that a way to sign in does not flash at who is signed in.
  if (me === undefined) return null
  if (me !== null) return <AccountMenu me={me} onGo={onGo} />
  const return_to = pathname.startsWith('/auth/') || pathname === paths.home ? undefined : href
  return (
    <Link
      to={paths.signIn}
      search={return_to === undefined ? {} : { return_to }}
      className="button button-plain button-small min-h-10"
      onClick={onGo}
    >
      {t('app.account.signIn')}
    </Link>
  )
}

const item = 'flex min-h-10 w-full items-center rounded px-3 text-left hover:bg-wash'

/** A list of links that opens under a button: Escape, or leaving it, closes it. */
function AccountMenu({ me, onGo }: { me: Me; onGo: () => void }) {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  const leave = useSignOut()
  useEffect(() => {
    if (!open) return
    const outside = (event: Event) => {
      if (event.target instanceof Node && !place.current?.contains(event.target)) setOpen(false)
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      setOpen(false)
      place.current?.querySelector('button')?.focus()
    }
    document.addEventListener('pointerdown', outside)
    document.addEventListener('focusin', outside)
    document.addEventListener('keydown', onKey)
    return () => {
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('focusin', outside)
      document.removeEventListener('keydown', onKey)
    }
  }, [open])
  const current = me.memberships.find((each) => each.organisation_id === me.organisation_id)
  const organisation = current?.name ?? me.second_factor_required_by?.name ?? t('app.account.noOrganisation')
  const go = () => {
    setOpen(false)
    onGo()
  }
  return (
    <div ref={place} className="relative">
      <button
        type="button"
        className="flex min-h-10 max-w-64 min-w-0 items-center gap-2 rounded-md border border-edge bg-surface px-3 py-1 text-left text-[0.9375rem] leading-tight hover:border-tide"
        aria-expanded={open}
        aria-controls="account-menu"
        data-testid="account"
        onClick={() => setOpen(!open)}
      >
        <span className="sr-only">{t('app.account.label')}: </span>
        <span className="min-w-0">
          <span className="block truncate font-semibold">{me.person.name}</span>
          <span className="block truncate text-sm text-soft">
            {me.person.is_demo ? t('app.account.demo') : organisation}
          </span>
        </span>
        <svg viewBox="0 0 12 12" className="size-3 shrink-0" aria-hidden="true" fill="none" stroke="currentColor">
          <path d="M2 4.5 6 8.5l4-4" strokeWidth="1.6" />
        </svg>
      </button>
      <ul
        id="account-menu"
        hidden={!open}
        className="card top-full right-0 z-50 mt-1.5 min-w-56 bg-raised p-1.5 lg:absolute lg:shadow-xl"
      >
        <li>
          <Link to={paths.profile} className={item} onClick={go}>
            {t('app.account.settings')}
          </Link>
        </li>
        <li>
          <Link to={paths.organisation} className={item} onClick={go}>
            {organisation}
          </Link>
        </li>
        {me.person.instance_admin && (
          <li>
            <Link to={paths.admin} className={item} onClick={go}>
              {t('app.account.admin')}
            </Link>
          </li>
        )}
        <li>
          <ActionButton className={item} busy={leave.isPending} onClick={() => leave.mutate()}>
            {t('app.account.signOut')}
          </ActionButton>
        </li>
      </ul>
    </div>
  )
}

function useSignOut() {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: async () => {
      const { signOut } = await import('@tidemark/core/accounts/contract.ts')
      return call(signOut, {})
    },
    onSuccess: async () => {
      await navigate({ to: paths.home })
      await forgetEverything(client)
    },
  })
}
