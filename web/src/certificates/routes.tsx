import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
import { paths } from '../lib/paths.ts'

const certificate = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.certificate,
  component: lazyRouteComponent(() => import('./CertificatePage.tsx'), 'CertificatePage'),
})

const verify = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.verify,
  component: lazyRouteComponent(() => import('./VerifyPage.tsx'), 'VerifyPage'),
})

export const certificateRoutes = [certificate, verify] as const
