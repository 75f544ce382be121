import type { Me } from '@tidemark/core/accounts/contract.ts'
import { useNavigate, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { useRememberMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { keep, readKept } from '../lib/store.ts'

const welcomedKey = (me: Me) => `tidemark.welcomed.${me.person.person_id}`

/** What follows signing in: the tour for whoever has not seen it, otherwise where they wanted to go. */
export function useArrival(return_to: string | undefined): (me: Me) => void {
  const remember = useRememberMe()
  const navigate = useNavigate()
  const { history } = useRouter()
  return (me) => {
    remember(me)
    if (readKept(welcomedKey(me)) === undefined) {
      void navigate({ to: paths.welcome, search: return_to === undefined ? {} : { return_to }, replace: true })
    } else if (return_to !== undefined) history.replace(return_to)
    else void navigate({ to: paths.calculations, replace: true })
  }
}

export function keepWelcomed(me: Me): void {
  keep(welcomedKey(me), 'yes')
}

/**
 * The secret of the link that led here. It is taken out of the address bar at once: what stays there is copied, shared and
 * kept in the history.
 */
export function useLinkToken(from_query: string | undefined): string | undefined {
  const [token] = useState(() => {
    const behind = /(?:^#|token=)([A-Za-z0-9_-]{43})$/.exec(location.hash)?.[1]
    const found = behind ?? from_query
    if (found !== undefined) history.replaceState(history.state, '', location.pathname)
    return found
  })
  return token
}
