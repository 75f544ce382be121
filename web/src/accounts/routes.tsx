import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { rootRoute } from '../app/root.tsx'
import { pageWith } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'

const getParentRoute = () => rootRoute
const page = <M,>(load: () => Promise<M>) => pageWith('accounts', () => import('./words.ts'), load)

/** A path of this site to go on to, and nothing that leads elsewhere. */
export interface ReturnTo {
  return_to?: string | undefined
  /** Why a provider sent somebody back without signing them in. */
  problem?: string | undefined
}

function readReturnTo(search: Record<string, unknown>): ReturnTo {
  const { return_to, problem } = search
  const is_here = typeof return_to === 'string' && /^\/(?![/\\])[^\\\u0000-\u001f]*$/.test(return_to)
  // Said outright: of what is only left out here, the router hands on what stands in the address.
  return { return_to: is_here ? return_to : undefined, problem: typeof problem === 'string' ? problem : undefined }
}

/** The secret of a mailed link: behind `#`, where no server's log sees it, or as `?token=`. */
function readToken(search: Record<string, unknown>): { token?: string } {
  return typeof search.token === 'string' ? { token: search.token } : {}
}

const signIn = createRoute({
  getParentRoute,
  path: paths.signIn,
  validateSearch: readReturnTo,
  component: lazyRouteComponent(
    page(() => import('./SignInPage.tsx')),
    'SignInPage',
  ),
})

const signUp = createRoute({
  getParentRoute,
  path: paths.signUp,
  component: lazyRouteComponent(
    page(() => import('./SignUpPage.tsx')),
    'SignUpPage',
  ),
})

const claim = createRoute({
  getParentRoute,
  path: paths.claim,
  validateSearch: readToken,
  component: lazyRouteComponent(
    page(() => import('./ClaimPage.tsx')),
    'ClaimPage',
  ),
})

const verifyEmail = createRoute({
  getParentRoute,
  path: paths.verifyEmail,
  validateSearch: readToken,
  component: lazyRouteComponent(
    page(() => import('./VerifyEmailPage.tsx')),
    'VerifyEmailPage',
  ),
})

const forgot = createRoute({
  getParentRoute,
  path: paths.forgot,
  component: lazyRouteComponent(
    page(() => import('./ForgotPage.tsx')),
    'ForgotPage',
  ),
})

const reset = createRoute({
  getParentRoute,
  path: paths.reset,
  validateSearch: readToken,
  component: lazyRouteComponent(
    page(() => import('./ResetPage.tsx')),
    'ResetPage',
  ),
})

const invitation = createRoute({
  getParentRoute,
  path: paths.invitation,
  validateSearch: readToken,
  component: lazyRouteComponent(
    page(() => import('./InvitationPage.tsx')),
    'InvitationPage',
  ),
})

const welcome = createRoute({
  getParentRoute,
  path: paths.welcome,
  validateSearch: readReturnTo,
  component: lazyRouteComponent(
    page(() => import('./WelcomePage.tsx')),
    'WelcomePage',
  ),
})

const settings = createRoute({
  getParentRoute,
  path: '/settings',
  beforeLoad: () => {
    throw redirect({ to: paths.profile })
  },
})

const profile = createRoute({
  getParentRoute,
  path: paths.profile,
  component: lazyRouteComponent(
    page(() => import('./ProfilePage.tsx')),
    'ProfilePage',
  ),
})

const security = createRoute({
  getParentRoute,
  path: paths.security,
  component: lazyRouteComponent(
    page(() => import('./SecurityPage.tsx')),
    'SecurityPage',
  ),
})

const organisation = createRoute({
  getParentRoute,
  path: paths.organisation,
  component: lazyRouteComponent(
    page(() => import('./OrganisationPage.tsx')),
    'OrganisationPage',
  ),
})

const keys = createRoute({
  getParentRoute,
  path: paths.keys,
  component: lazyRouteComponent(
    page(() => import('./KeysPage.tsx')),
    'KeysPage',
  ),
})

export const accountRoutes = [
  signIn,
  signUp,
  claim,
  verifyEmail,
  forgot,
  reset,
  invitation,
  welcome,
  settings,
  profile,
  security,
  organisation,
  keys,
] as const
