import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
import { withSharedWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'

const home = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.home,
  component: lazyRouteComponent(() => import('./HomePage.tsx'), 'HomePage'),
})

const questionnaire = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.questionnaire,
  /** Which question is on screen, so that "back" goes back one question. */
  validateSearch: (search: Record<string, unknown>): { q?: string } =>
    typeof search.q === 'string' ? { q: search.q } : {},
  component: lazyRouteComponent(
    withSharedWords(() => import('./QuestionnairePage.tsx')),
    'QuestionnairePage',
  ),
})

const calculations = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.calculations,
  component: lazyRouteComponent(
    withSharedWords(() => import('./CalculationsPage.tsx')),
    'CalculationsPage',
  ),
})

const calculation = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.calculation,
  validateSearch: (search: Record<string, unknown>): { basis?: 'market' } =>
    search.basis === 'market' ? { basis: 'market' } : {},
  component: lazyRouteComponent(
    withSharedWords(() => import('./ResultPage.tsx')),
    'ResultPage',
  ),
})

export const footprintRoutes = [home, questionnaire, calculations, calculation] as const
