import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
import { pageWith } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import type { SiteSearch } from './search.ts'

/** The pages of sites show devices and readings too, so they bring the words of both. */
function sitePage<M>(load: () => Promise<M>): () => Promise<M> {
  return pageWith(
    'sites',
    () => import('./words.ts'),
    pageWith('telemetry', () => import('../telemetry/words.ts'), load),
  )
}

const sites = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.sites,
  component: lazyRouteComponent(
    sitePage(() => import('./SitesPage.tsx')),
    'SitesPage',
  ),
})

const newSite = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.newSite,
  component: lazyRouteComponent(
    sitePage(() => import('./NewSitePage.tsx')),
    'NewSitePage',
  ),
})

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value.slice(0, 400) : undefined)

const site = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.site,
  /** Which part of the site is on screen, and what was chosen there, so that a view can be sent to somebody. */
  validateSearch: (search: Record<string, unknown>): SiteSearch => {
    const read: SiteSearch = {
      part: text(search.part),
      span: text(search.span),
      show: text(search.show),
      from: text(search.from),
      to: text(search.to),
      at: text(search.at),
    }
    return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
  },
  component: lazyRouteComponent(
    sitePage(() => import('./SitePage.tsx')),
    'SitePage',
  ),
})

const editSite = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.editSite,
  component: lazyRouteComponent(
    sitePage(() => import('./EditSitePage.tsx')),
    'EditSitePage',
  ),
})

const vibration = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.vibration,
  /** Which recording is shown; the newest unless said. */
  validateSearch: (search: Record<string, unknown>): { at?: string } => {
    const at = text(search.at)
    return at === undefined ? {} : { at }
  },
  component: lazyRouteComponent(
    sitePage(() => import('./VibrationPage.tsx')),
    'VibrationPage',
  ),
})

export const siteRoutes = [sites, newSite, site, editSite, vibration] as const
