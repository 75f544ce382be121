import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
import { paths } from '../lib/paths.ts'

/** What is searched for stands in the address, so that a search can be sent to somebody. */
export interface FactorSearch {
  q?: string
  geography?: string
  dimension?: string
  year?: number
  status?: string
  factor?: string
  edition?: string
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined
}

const factors = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.factors,
  validateSearch: (search: Record<string, unknown>): FactorSearch => {
    const read: FactorSearch = {
      q: text(search.q),
      geography: text(search.geography),
      dimension: text(search.dimension),
      status: text(search.status),
      factor: text(search.factor),
      edition: text(search.edition),
    }
    const year = Number(search.year)
    if (Number.isInteger(year) && year > 1900 && year < 2200) read.year = year
    return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
  },
  component: lazyRouteComponent(() => import('./FactorsPage.tsx'), 'FactorsPage'),
})

export const factorRoutes = [factors] as const
