import type { Project, ProjectEvent } from '@tidemark/core/projects/contract.ts'
import { useQuery } from '@tanstack/react-query'
import i18next from 'i18next'
import { useWords } from '../lib/i18n.ts'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { historyQuery } from './queries.ts'
import { useSays } from './says.ts'

/** What happened to the project, the newest first. */
export function HistoryPart({ project }: { project: Project }) {
  const { t } = useWords()
  const asked = useQuery(historyQuery(project.id))
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  return (
    <ol aria-label={t('projects.part.history')} className="max-w-3xl border-l-2 border-rule pl-5">
      {asked.data.events.map((event) => (
        <Happening key={`${event.at} ${event.kind} ${event.subject_id ?? ''}`} event={event} />
      ))}
    </ol>
  )
}

function Happening({ event: { at, kind, by, facts } }: { event: ProjectEvent }) {
  const { t, format } = useWords()
  const { somebody } = useSays()
  const more = [said('move', facts.move), said('verdict', facts.verdict), textOf(facts.reason)].filter(
    (each) => each !== undefined,
  )
  return (
    <li className="relative pb-5">
      <span
        aria-hidden="true"
        className="absolute top-2 -left-[1.6875rem] size-3 rounded-full border-2 border-surface bg-tide"
      />
      <p className="font-semibold">
        {t(`projects.happened.${kind}`)}
        {more.length > 0 && <span className="font-normal"> · {more.join(' · ')}</span>}
      </p>
      <p className="text-sm text-soft">
        {format.instant(at)}
        {by !== null && ` · ${somebody(by)}`}
      </p>
    </li>
  )

  function said(list: 'move' | 'verdict', value: unknown): string | undefined {
    const key = `projects.${list}.${String(value)}`
    return typeof value === 'string' && i18next.exists(key) ? t(key as 'projects.move.register') : undefined
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? `“${value}”` : undefined
}
