import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
import { withSharedWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'

const certificate = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.certificate,
  component: lazyRouteComponent(
    withSharedWords(() => import('./CertificatePage.tsx')),
    'CertificatePage',
  ),
})

const verify = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.verify,
  component: lazyRouteComponent(() => import('./VerifyPage.tsx'), 'VerifyPage'),
})

export const certificateRoutes = [certificate, verify] as const
