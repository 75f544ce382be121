import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
import { pageWith } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'

const devices = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.devices,
  component: lazyRouteComponent(
    pageWith(
      'telemetry',
      () => import('./words.ts'),
      () => import('./DevicesPage.tsx'),
    ),
    'DevicesPage',
  ),
})

const device = createRoute({
  getParentRoute: () => rootRoute,
  path: paths.device,
  component: lazyRouteComponent(
    pageWith(
      'telemetry',
      () => import('./words.ts'),
      () => import('./DevicePage.tsx'),
    ),
    'DevicePage',
  ),
})

export const telemetryRoutes = [devices, device] as const
