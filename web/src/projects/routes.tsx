import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
import { pageWith } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'

/** What stands in the address of a project's page. */
export interface ProjectSearch {
  part?: string | undefined
  /** The analysis that is shown; the newest unless said. */
  analysis?: string | undefined
}

function projectPage<M>(load: () => Promise<M>): () => Promise<M> {
  return pageWith('projects', () => import('./words.ts'), load)
}

const projects = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.projects,
  component: lazyRouteComponent(
    projectPage(() => import('./ProjectsPage.tsx')),
    'ProjectsPage',
  ),
})

const newProject = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.newProject,
  component: lazyRouteComponent(
    projectPage(() => import('./NewProjectPage.tsx')),
    'NewProjectPage',
  ),
})

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value.slice(0, 60) : undefined)

const project = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.project,
  validateSearch: (search: Record<string, unknown>): ProjectSearch => {
    const read: ProjectSearch = { part: text(search.part), analysis: text(search.analysis) }
    return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
  },
  component: lazyRouteComponent(
    projectPage(() => import('./ProjectPage.tsx')),
    'ProjectPage',
  ),
})

const editProject = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.editProject,
  component: lazyRouteComponent(
    projectPage(() => import('./EditProjectPage.tsx')),
    'EditProjectPage',
  ),
})

const reviews = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.reviews,
  component: lazyRouteComponent(
    projectPage(() => import('./ReviewsPage.tsx')),
    'ReviewsPage',
  ),
})

const review = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.review,
  component: lazyRouteComponent(
    projectPage(() => import('./ReviewPage.tsx')),
    'ReviewPage',
  ),
})

export const projectRoutes = [projects, newProject, project, editProject, reviews, review] as const
