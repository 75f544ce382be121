import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
import { pageWith } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'

const privacy = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.privacy,
  component: lazyRouteComponent(
    pageWith(
      'privacy',
      () => import('./words.ts'),
      () => import('./PrivacyPage.tsx'),
    ),
    'PrivacyPage',
  ),
})

export const privacyRoutes = [privacy] as const
