import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
import { pageWith } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'

/** Which part is on screen, and what is searched for there. */
export interface AdminSearch {
  part?: string
  q?: string
}

const admin = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.admin,
  validateSearch: (search: Record<string, unknown>): AdminSearch => ({
    ...(typeof search.part === 'string' ? { part: search.part } : {}),
    ...(typeof search.q === 'string' && search.q !== '' ? { q: search.q.slice(0, 120) } : {}),
  }),
  component: lazyRouteComponent(
    pageWith(
      'admin',
      () => import('./words.ts'),
      () => import('./AdminPage.tsx'),
    ),
    'AdminPage',
  ),
})

export const adminRoutes = [admin] as const
