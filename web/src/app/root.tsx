import { createRootRoute } from '@tanstack/react-router'
import { NotFoundPage } from './NotFoundPage.tsx'
import { Shell } from './Shell.tsx'

export const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage })
