import { useQuery } from '@tanstack/react-query'
import { useWords } from '../lib/i18n.ts'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Empty, Row, Rows } from '../ui/Rows.tsx'
import { jobsQuery } from './queries.ts'

/** Work in the background: how much waits, and what failed last. */
export function JobsPart() {
  const { t, format } = useWords()
  const asked = useQuery(jobsQuery())
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const { counts, failed } = asked.data
  return (
    <>
      {counts.length === 0 && <Empty>{t('admin.jobsNone')}</Empty>}
      {counts.length > 0 && (
        <Rows label={t('admin.part.jobs')}>
          {counts.map(({ job, state, count }) => (
            <Row key={`${job} ${state}`} title={<code>{job}</code>} says={stateName(state, t)}>
              <span className="figures py-1 text-lg font-semibold">{format.number(count)}</span>
            </Row>
          ))}
        </Rows>
      )}
      {failed.length > 0 && (
        <section className="mt-8" aria-labelledby="failed-title">
          <h3 id="failed-title" className="mb-2 text-xl">
            {t('admin.jobsFailed')}
          </h3>
          <Rows label={t('admin.jobsFailed')}>
            {failed.map((job) => (
              <Row
                key={job.job_id}
                title={<code>{job.job}</code>}
                says={`${job.failed_at === null ? '' : `${format.instant(job.failed_at)} · `}${t('admin.attempts', { count: job.attempts })} · ${job.job_id}`}
              />
            ))}
          </Rows>
        </section>
      )}
    </>
  )
}

/** The queue's own word for a state it may yet invent. */
function stateName(state: string, t: ReturnType<typeof useWords>['t']): string {
  const known = ['requested', 'created', 'retry', 'active', 'failed', 'cancelled'] as const
  const name = known.find((each) => each === state)
  return name ? t(`admin.jobIs.${name}`) : state
}
