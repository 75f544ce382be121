import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
import { pageWith } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'

const webhooks = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.webhooks,
  component: lazyRouteComponent(
    pageWith(
      'webhooks',
      () => import('./words.ts'),
      () => import('./WebhooksPage.tsx'),
    ),
    'WebhooksPage',
  ),
})

export const webhookRoutes = [webhooks] as const
