import type { Me } from '@tidemark/core/accounts/contract.ts'
import { useNavigate, useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
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
  const behind = useBehindHash(/(?:^#|token=)([A-Za-z0-9_-]{43})$/)
  const [token] = useState(behind ?? from_query)
  useEffect(() => {
    if (from_query !== undefined) history.replaceState(history.state, '', location.pathname)
  }, [from_query])
  return token
}

/** The challenge of a second factor, where a provider sent somebody back to whom it is asked of. Taken out of the bar too. */
export function useChallenge(): string | undefined {
  return useBehindHash(/^#challenge=([A-Za-z0-9_-]{43})$/)
}

/** What stands behind `#` in the form that is expected, once. The rest of the address stays. */
function useBehindHash(form: RegExp): string | undefined {
  const [found] = useState(() => form.exec(location.hash)?.[1])
  useEffect(() => {
    if (found !== undefined) history.replaceState(history.state, '', `${location.pathname}${location.search}`)
  }, [found])
  return found
}
