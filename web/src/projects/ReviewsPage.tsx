import type { QueueItem } from '@tidemark/core/projects/decision-contract.ts'
import { levelWords } from '@tidemark/core/projects/words-of-decisions.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { z } from 'zod'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Loading } from '../ui/Loading.tsx'
import { Page } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { GeneratedTag } from './ProjectTags.tsx'
import { queueQuery } from './queries.ts'
import { useSays } from './says.ts'

/** What waits for a reviewer, the longest wait first. */
export function ReviewsPage() {
  const { t } = useWords()
  return (
    <InOrganisation title={t('projects.queue.title')}>
      <Page title={t('projects.queue.title')} lead={t('projects.queue.says')}>
        <Queue />
      </Page>
    </InOrganisation>
  )
}

function Queue() {
  const { t } = useWords()
  const asked = useQuery(queueQuery())
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const { queue } = asked.data
  if (queue.length === 0) {
    return (
      <div className="card p-6">
        <p className="text-lg font-semibold">{t('projects.queue.empty')}</p>
        <p className="mt-1 text-soft">{t('projects.queue.emptySays')}</p>
        <Link to={paths.projects} className="button button-plain mt-4">
          {t('projects.back')}
        </Link>
      </div>
    )
  }
  return (
    <ul aria-label={t('projects.queue.title')} className="space-y-3">
      {queue.map((item) => (
        <Waiting key={item.analysis_id} item={item} />
      ))}
    </ul>
  )
}

function Waiting({ item }: { item: z.infer<typeof QueueItem> }) {
  const { t, format } = useWords()
  const { word, Ecosystem } = useSays()
  const { confidence_score, level, tco2e, integrity_flags } = item
  return (
    <li className="card relative p-4 focus-within:border-tide hover:border-tide sm:p-5" data-testid="waiting">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-64">
          <p className="text-lg font-semibold">
            <Link to={paths.review} params={{ id: item.analysis_id }} className="after:absolute after:inset-0">
              {item.project_name}
            </Link>
          </p>
          <p className="text-[0.9375rem] text-soft">
            {Ecosystem(item.ecosystem)} · {t('projects.queue.since', { when: format.instant(item.waits_since) })}
          </p>
          <p className="mt-2 flex flex-wrap items-center gap-2 text-sm">
            <span className="rounded bg-wash px-1.5 py-0.5 font-semibold text-tide-deep">
              {t(`projects.queue.${item.waits_for}`)}
            </span>
            {integrity_flags.length > 0 && (
              <span className="rounded bg-sand-wash px-1.5 py-0.5 font-semibold text-sand-ink">
                {t('projects.queue.flags', { count: integrity_flags.length })}
              </span>
            )}
            {item.generated && <GeneratedTag />}
          </p>
          {item.why_not !== null && (
            <p className="mt-2 text-[0.9375rem] text-soft">{t(`projects.whyNot.${item.why_not}`)}</p>
          )}
        </div>
        <dl className="figures flex gap-6">
          <div>
            <dt className="label">{t('projects.latest.confidence')}</dt>
            <dd className="text-xl font-semibold">
              {confidence_score === null ? '–' : format.number(confidence_score)}
            </dd>
            {level !== null && <dd className="text-sm text-soft">{word(levelWords[level].name)}</dd>}
          </div>
          <div>
            <dt className="label">{t('projects.latest.tonnes')}</dt>
            <dd className="text-xl font-semibold">{tco2e === null ? '–' : format.number(tco2e)}</dd>
          </div>
        </dl>
      </div>
    </li>
  )
}
