import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
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
  component: lazyRouteComponent(() => import('./QuestionnairePage.tsx'), 'QuestionnairePage'),
})

const calculations = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.calculations,
  component: lazyRouteComponent(() => import('./CalculationsPage.tsx'), 'CalculationsPage'),
})

const calculation = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.calculation,
  validateSearch: (search: Record<string, unknown>): { basis?: 'market' } =>
    search.basis === 'market' ? { basis: 'market' } : {},
  component: lazyRouteComponent(() => import('./ResultPage.tsx'), 'ResultPage'),
})

export const footprintRoutes = [home, questionnaire, calculations, calculation] as const
