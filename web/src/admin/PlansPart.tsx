import { useQuery } from '@tanstack/react-query'
import { useWords } from '../lib/i18n.ts'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { plansQuery } from './queries.ts'

/** What each plan includes. Which one an organisation is on is changed among the organisations. */
export function PlansPart() {
  const { t, format, language } = useWords()
  const asked = useQuery(plansQuery())
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  return (
    <>
      <p className="mb-4 text-soft">{t('admin.plansSays')}</p>
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {asked.data.plans.map(({ plan, limits }) => (
          <section key={plan} className="card p-5" aria-labelledby={`plan-${plan}`}>
            <h3 id={`plan-${plan}`} className="text-xl">
              {t(`admin.plan.${plan}`)}
            </h3>
            <dl className="mt-2">
              {limits.map(({ feature, limit, says_en, says_fr }) => (
                <div key={feature} className="flex justify-between gap-4 border-t border-rule py-1.5">
                  <dt className="text-[0.9375rem] text-soft">{language === 'fr' ? says_fr : says_en}</dt>
                  <dd className="figures font-semibold whitespace-nowrap">
                    {limit === null ? t('admin.noLimit') : format.number(limit)}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </>
  )
}
