import { createRouter } from '@tanstack/react-router'
import { certificateRoutes } from '../certificates/routes.tsx'
import { factorRoutes } from '../factors/routes.tsx'
import { footprintRoutes } from '../footprint/routes.tsx'
import { Loading } from '../ui/Loading.tsx'
import { BrokenPage } from './BrokenPage.tsx'
import { rootRoute } from './root.tsx'

export const router = createRouter({
  routeTree: rootRoute.addChildren([...footprintRoutes, ...certificateRoutes, ...factorRoutes]),
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
