import { openToVisitors, type Permission } from '@tidemark/core/accounts/permissions.ts'
import { useQuery } from '@tanstack/react-query'
import { useWords } from '../lib/i18n.ts'
import { stateQuery } from '../lib/me.ts'
import { allowedTo, type Allowed } from '../lib/rights.ts'

/** Asks the shared table, also for a visitor of an installation that nobody has claimed: there the demonstration is open. */
export function useRight(permission: Permission): Allowed {
  const { language } = useWords()
  const asked = useQuery(stateQuery())
  if (asked.data?.me === null && asked.data.instance.demo && openToVisitors.includes(permission)) {
    return { allowed: true }
  }
  return allowedTo(permission, asked.data?.me, language)
}
