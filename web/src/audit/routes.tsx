import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
import { pageWith } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'

/** What is asked of the trail stands in the address, so that a question can be sent to somebody. */
export interface AuditSearch {
  action?: string
  result?: string
  /** Days, as they are typed: from the first, to the second included. */
  from?: string
  to?: string
}

const day = /^\d{4}-\d{2}-\d{2}$/

const validateSearch = (search: Record<string, unknown>): AuditSearch => ({
  ...(typeof search.action === 'string' ? { action: search.action } : {}),
  ...(typeof search.result === 'string' ? { result: search.result } : {}),
  ...(typeof search.from === 'string' && day.test(search.from) ? { from: search.from } : {}),
  ...(typeof search.to === 'string' && day.test(search.to) ? { to: search.to } : {}),
})

const page = <M,>(load: () => Promise<M>) => pageWith('audit', () => import('./words.ts'), load)

const audit = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.audit,
  validateSearch,
  component: lazyRouteComponent(
    page(() => import('./AuditPage.tsx')),
    'AuditPage',
  ),
})

const adminAudit = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.adminAudit,
  validateSearch,
  component: lazyRouteComponent(
    page(() => import('./AdminAuditPage.tsx')),
    'AdminAuditPage',
  ),
})

export const auditRoutes = [audit, adminAudit] as const
