import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
import { pageWith } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'

const getParentRoute = () => rootRoute
const page = <M,>(load: () => Promise<M>) => pageWith('models', () => import('./words.ts'), load)

const wholeAt = (value: unknown): number | undefined => {
  const number = Number(value)
  return Number.isInteger(number) && number > 0 ? number : undefined
}
const textAt = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

const models = createRoute({
  getParentRoute,
  path: paths.models,
  validateSearch: (search: Record<string, unknown>): { retired?: true } => (search.retired ? { retired: true } : {}),
  component: lazyRouteComponent(
    page(() => import('./ModelsPage.tsx')),
    'ModelsPage',
  ),
})

const describe = createRoute({
  getParentRoute,
  path: paths.newModel,
  validateSearch: (search: Record<string, unknown>): { dataset?: string | undefined } => ({
    dataset: textAt(search.dataset),
  }),
  component: lazyRouteComponent(
    page(() => import('./DescribePage.tsx')),
    'DescribePage',
  ),
})

/** What is looked at in a model: a run whose log is open, or the versions that are compared. */
export interface ModelSearch {
  run?: string | undefined
  a?: number | undefined
  b?: number | undefined
}

const model = createRoute({
  getParentRoute,
  path: paths.model,
  component: lazyRouteComponent(
    page(() => import('./ModelPage.tsx')),
    'ModelPage',
  ),
})

const modelPart = createRoute({
  getParentRoute,
  path: paths.modelPart,
  validateSearch: (search: Record<string, unknown>): ModelSearch => ({
    run: textAt(search.run),
    a: wholeAt(search.a),
    b: wholeAt(search.b),
  }),
  component: lazyRouteComponent(
    page(() => import('./ModelPage.tsx')),
    'ModelPartPage',
  ),
})

const datasets = createRoute({
  getParentRoute,
  path: paths.datasets,
  component: lazyRouteComponent(
    page(() => import('./DatasetsPage.tsx')),
    'DatasetsPage',
  ),
})

const dataset = createRoute({
  getParentRoute,
  path: paths.dataset,
  validateSearch: (search: Record<string, unknown>): { version?: number | undefined } => ({
    version: wholeAt(search.version),
  }),
  component: lazyRouteComponent(
    page(() => import('./DatasetPage.tsx')),
    'DatasetPage',
  ),
})

export const modelRoutes = [models, describe, model, modelPart, datasets, dataset] as const
