import { createRouter } from '@tanstack/react-router'
import { accountRoutes } from '../accounts/routes.tsx'
import { adminRoutes } from '../admin/routes.tsx'
import { auditRoutes } from '../audit/routes.tsx'
import { certificateRoutes } from '../certificates/routes.tsx'
import { factorRoutes } from '../factors/routes.tsx'
import { footprintRoutes } from '../footprint/routes.tsx'
import { modelRoutes } from '../models/routes.tsx'
import { privacyRoutes } from '../privacy/routes.tsx'
import { projectRoutes } from '../projects/routes.tsx'
import { siteRoutes } from '../sites/routes.tsx'
import { telemetryRoutes } from '../telemetry/routes.tsx'
import { Loading } from '../ui/Loading.tsx'
import { webhookRoutes } from '../webhooks/routes.tsx'
import { BrokenPage } from './BrokenPage.tsx'
import { rootRoute } from './root.tsx'

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    ...footprintRoutes,
    ...certificateRoutes,
    ...factorRoutes,
    ...modelRoutes,
    ...siteRoutes,
    ...projectRoutes,
    ...telemetryRoutes,
    ...accountRoutes,
    ...privacyRoutes,
    ...webhookRoutes,
    ...auditRoutes,
    ...adminRoutes,
  ]),
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultErrorComponent: ({ error }) => <BrokenPage error={error} />,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
