import './lib/no-code-from-text.ts'
import './index.css'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './lib/i18n.ts'
import { router } from './app/router.tsx'
import { ApiProblem, isProblem } from './lib/api.ts'
import { stateQuery } from './lib/me.ts'

/** A session can end while pages are open. Who is signed in is then asked again, and what needs somebody sends them to sign in. */
const onError = (error: Error) => {
  if (isProblem(error, 'accounts/not-signed-in')) void client.invalidateQueries({ queryKey: stateQuery().queryKey })
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      // A rule that said no will say no again; only a network that did not answer deserves another try.
      retry: (count, error) => count < 2 && error instanceof ApiProblem && (error.status === 0 || error.status === 503),
      // Somebody who cut the network wants an answer from what is here, not a pause until it returns.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  )
}
