import { organisationUsage } from '@tidemark/core/admin/contract.ts'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'

const usageQuery = (organisation_id: string) =>
  queryOptions({
    queryKey: ['accounts', 'usage', organisation_id],
    queryFn: ({ signal }) => call(organisationUsage, { organisation_id }, signal),
    staleTime: 0,
  })

/** What the plan includes and how much of it is used, before anybody runs into the end of it. */
export function PlanUse({ organisation_id }: { organisation_id: string }) {
  const { t, format, language } = useWords()
  const asked = useQuery(usageQuery(organisation_id))
  return (
    <Section
      title={t('accounts.organisation.usage')}
      {...(asked.data
        ? { says: t('accounts.organisation.usageSays', { plan: t(`accounts.organisation.plan.${asked.data.plan}`) }) }
        : {})}
      id="usage"
    >
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data && (
        <ul className="space-y-3" aria-label={t('accounts.organisation.usage')}>
          {asked.data.features.map(({ feature, used, limit, says_en, says_fr }) => (
            <li key={feature}>
              <div className="flex flex-wrap justify-between gap-x-4">
                <span>{language === 'fr' ? says_fr : says_en}</span>
                <span className={`figures font-semibold ${limit !== null && used >= limit ? 'text-bad' : ''}`}>
                  {limit === null
                    ? t('accounts.organisation.usageFree', { used: format.number(used) })
                    : t('accounts.organisation.usageOf', { used: format.number(used), limit: format.number(limit) })}
                </span>
              </div>
              {limit !== null && <Level share={limit === 0 ? 1 : Math.min(1, used / limit)} />}
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function Level({ share }: { share: number }) {
  return (
    <svg viewBox="0 0 100 3" preserveAspectRatio="none" className="mt-1 h-1.5 w-full" aria-hidden="true">
      <rect width="100" height="3" className="fill-rule" />
      <rect width={share * 100} height="3" className={share >= 1 ? 'fill-bad' : 'fill-tide'} />
    </svg>
  )
}
