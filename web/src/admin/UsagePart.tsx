import { featureSentences } from '@tidemark/core/admin/plans.ts'
import type { AdminUsage } from '@tidemark/core/admin/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { useWords } from '../lib/i18n.ts'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Row, Rows } from '../ui/Rows.tsx'
import { Figures } from './OverviewPart.tsx'
import { usageQuery } from './queries.ts'

/** How much is used, counted from the rows themselves: nobody is followed around. */
export function UsagePart() {
  const { t, format } = useWords()
  const asked = useQuery(usageQuery())
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const { totals, funnel, by_month, over_limit } = asked.data
  return (
    <>
      <p className="mb-4 text-soft">{t('admin.usageSays')}</p>
      <Figures figures={Object.entries(totals).map(([name, count]) => [totalName(name, t), format.number(count)])} />
      <Funnel funnel={funnel} />
      <Months by_month={by_month} />
      {over_limit.length > 0 && <OverLimit over_limit={over_limit} />}
    </>
  )
}

type Translate = ReturnType<typeof useWords>['t']

function totalName(name: string, t: Translate): string {
  const known = ['people', 'organisations', 'calculations', 'certificates'] as const
  const found = known.find((each) => each === name)
  return found ? t(`admin.${found}`) : name
}

function stepName(step: string, t: Translate): string {
  const known = [
    'signed_up',
    'first_calculation',
    'certificate',
    'colleague_invited',
    'colleague_joined',
    'key_used',
  ] as const
  const found = known.find((each) => each === step)
  return found ? t(`admin.step.${found}`) : step
}

function Funnel({ funnel }: { funnel: AdminUsage['funnel'] }) {
  const { t, format } = useWords()
  const most = Math.max(1, ...funnel.map((each) => each.organisations))
  return (
    <section className="mt-8" aria-labelledby="funnel-title">
      <h3 id="funnel-title" className="text-xl">
        {t('admin.funnel')}
      </h3>
      <ol className="mt-3 space-y-3">
        {funnel.map(({ step, organisations }) => (
          <li key={step}>
            <div className="flex justify-between gap-4">
              <span>{stepName(step, t)}</span>
              <span className="figures font-semibold">{format.number(organisations)}</span>
            </div>
            <svg viewBox="0 0 100 3" preserveAspectRatio="none" className="h-2 w-full" aria-hidden="true">
              <rect width="100" height="3" className="fill-rule" />
              <rect width={(organisations / most) * 100} height="3" className="fill-tide" />
            </svg>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Months({ by_month }: { by_month: AdminUsage['by_month'] }) {
  const { t, format } = useWords()
  if (by_month.length === 0) return null
  return (
    <section className="mt-8">
      <table className="figures w-full max-w-lg text-left">
        <caption className="mb-2 text-left font-display text-xl font-semibold">{t('admin.months')}</caption>
        <thead>
          <tr className="border-b border-rule text-sm text-soft">
            <th scope="col" className="py-1 font-normal">
              {t('admin.month')}
            </th>
            <th scope="col" className="py-1 text-right font-normal">
              {t('admin.calculations')}
            </th>
            <th scope="col" className="py-1 text-right font-normal">
              {t('admin.organisations')}
            </th>
          </tr>
        </thead>
        <tbody>
          {by_month.map(({ month, calculations, organisations }) => (
            <tr key={month} className="border-b border-rule">
              <th scope="row" className="py-1.5 font-normal">
                {monthName(month, format.locale)}
              </th>
              <td className="py-1.5 text-right">{format.number(calculations)}</td>
              <td className="py-1.5 text-right">{format.number(organisations)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** `2026-11` as the reader writes it. */
function monthName(month: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${month}-01T00:00:00Z`),
  )
}

function OverLimit({ over_limit }: { over_limit: AdminUsage['over_limit'] }) {
  const { t, format, language } = useWords()
  return (
    <section className="mt-8" aria-labelledby="over-title">
      <h3 id="over-title" className="mb-2 text-xl">
        {t('admin.overLimit')}
      </h3>
      <Rows label={t('admin.overLimit')}>
        {over_limit.map(({ organisation_id, feature, used, limit }) => (
          <Row key={`${organisation_id} ${feature}`} title={featureSentences[feature][language]} says={organisation_id}>
            <span className="figures">
              {format.number(used)} / {format.number(limit)}
            </span>
          </Row>
        ))}
      </Rows>
    </section>
  )
}
