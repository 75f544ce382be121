import { useQuery } from '@tanstack/react-query'
import { useWords } from '../lib/i18n.ts'
import { stateQuery } from '../lib/me.ts'

/** The providers that are set up here, as ways in. What has to come back afterwards goes along in `query`. */
export function ProviderLinks({ query, label }: { query: Record<string, string>; label: 'provider' | 'join' }) {
  const { t } = useWords()
  const providers = useQuery(stateQuery()).data?.instance.providers ?? []
  if (providers.length === 0) return null
  const search = new URLSearchParams(query)
  return (
    <ul className="space-y-3">
      {providers.map(({ id, name }) => (
        <li key={id}>
          {/* Not a link of the router: the server sends the browser to the provider. */}
          <a
            href={`/api/v1/auth/oidc/${encodeURIComponent(id)}${search.size > 0 ? `?${search}` : ''}`}
            className="button button-plain w-full"
          >
            {t(`accounts.signIn.${label}`, { name })}
          </a>
        </li>
      ))}
    </ul>
  )
}
