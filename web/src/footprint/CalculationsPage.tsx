import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Loading } from '../ui/Loading.tsx'
import { Page } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { calculationsQuery } from './queries.ts'

export function CalculationsPage() {
  const { t } = useWords()
  return (
    <InOrganisation title={t('footprint.list.title')}>
      <Calculations />
    </InOrganisation>
  )
}

function Calculations() {
  const { t, format } = useWords()
  const list = useQuery(calculationsQuery())
  return (
    <Page title={t('footprint.list.title')} lead={t('footprint.list.says')}>
      {list.isPending && <Loading />}
      {list.error && <ProblemPanel error={list.error} retry={() => void list.refetch()} />}
      {list.data?.calculations.length === 0 && (
        <div className="card p-8 text-center">
          <p className="text-lg">{t('footprint.list.empty')}</p>
          <Link to={paths.questionnaire} className="button button-main mt-4">
            {t('footprint.list.emptyDo')}
          </Link>
        </div>
      )}
      <ul className="space-y-3">
        {list.data?.calculations.map((calculation) => (
          <li key={calculation.calculation_id}>
            <Link
              to={paths.calculation}
              params={{ id: calculation.calculation_id }}
              className="card flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 p-4 hover:border-tide"
            >
              <span>
                <span className="block text-lg font-semibold">{calculation.organisation_name}</span>
                <span className="block text-[0.9375rem] text-soft">
                  {t('footprint.result.period', {
                    from: format.day(calculation.reporting_period.start_date),
                    to: format.day(calculation.reporting_period.end_date),
                  })}
                </span>
              </span>
              <span className="sm:text-right">
                <span className="figures block font-display text-2xl font-semibold">
                  {format.co2e(calculation.emissions_kg_co2e).text}
                </span>
                <span className="block text-sm text-soft">
                  {t('footprint.result.calculatedAt', { when: format.instant(calculation.calculated_at) })}
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Page>
  )
}
