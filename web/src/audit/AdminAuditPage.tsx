import { getRouteApi, Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { Page } from '../ui/Page.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { SignedIn } from '../ui/SignedIn.tsx'
import { Events, Filters } from './Events.tsx'

const route = getRouteApi(paths.adminAudit)

/** The trail of the whole installation, for those who administer it. */
export function AdminAuditPage() {
  const { t, language } = useWords()
  const search = route.useSearch()
  return (
    <SignedIn>
      {(me) => {
        const allowed = allowedTo('instance.admin', me, language)
        return (
          <Page title={t('audit.adminTitle')} lead={t('audit.says')}>
            <p className="mb-6">
              <Link to={paths.admin} className="link">
                {t('app.account.admin')}
              </Link>
            </p>
            {allowed.allowed ? (
              <>
                <Filters search={search} to={paths.adminAudit} />
                <div className="mt-6">
                  <Events scope="installation" search={search} />
                </div>
              </>
            ) : (
              <Refusal allowed={allowed} />
            )}
          </Page>
        )
      }}
    </SignedIn>
  )
}
