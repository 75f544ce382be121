import { auditActions, auditResults } from '@tidemark/core/audit/actions.ts'
import type { AuditEvent } from '@tidemark/core/audit/contract.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import type { paths } from '../lib/paths.ts'
import { SelectField, TextField } from '../ui/fields.tsx'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Empty, Rows } from '../ui/Rows.tsx'
import { Tag } from '../ui/Tag.tsx'
import { auditQuery, type Scope } from './queries.ts'
import type { AuditSearch } from './routes.tsx'

/** What is asked of the trail; it stands in the address of the page that asks. */
export function Filters({ search, to }: { search: AuditSearch; to: typeof paths.audit | typeof paths.adminAudit }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const change = (next: AuditSearch) => {
    const merged = Object.entries({ ...search, ...next }).filter(([, value]) => value !== undefined && value !== '')
    void navigate({ to, search: Object.fromEntries(merged), replace: true, resetScroll: false })
  }
  const any = { value: '', text: t('audit.any') }
  return (
    <form
      role="search"
      className="card mt-0 grid gap-4 p-5 sm:grid-cols-2"
      onSubmit={(event) => event.preventDefault()}
    >
      <SelectField
        label={t('audit.action')}
        value={search.action ?? ''}
        options={[any, ...auditActions.map((each) => ({ value: each, text: actionWords(each, t) }))]}
        onChange={(action) => change({ action })}
      />
      <SelectField
        label={t('audit.result')}
        value={search.result ?? ''}
        options={[any, ...auditResults.map((each) => ({ value: each, text: t(`audit.results.${each}`) }))]}
        onChange={(result) => change({ result })}
      />
      <TextField label={t('audit.from')} type="date" value={search.from ?? ''} onChange={(from) => change({ from })} />
      <TextField label={t('audit.to')} type="date" value={search.to ?? ''} onChange={(to) => change({ to })} />
    </form>
  )
}

/** Words for what was done; dots would be read as levels, so the keys hold none. */
function actionWords(action: AuditEvent['action'], t: ReturnType<typeof useWords>['t']): string {
  return t(`audit.actions.${action.replace('.', '_') as 'accounts_signed_in'}`)
}

export function Events({ scope, search }: { scope: Scope; search: AuditSearch }) {
  const { t } = useWords()
  const asked = useInfiniteQuery(auditQuery(scope, search))
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const events = asked.data.pages.flatMap((page) => page.events)
  if (events.length === 0) return <Empty>{t('audit.none')}</Empty>
  return (
    <>
      <Rows label={t('audit.title')}>
        {events.map((event) => (
          <EventRow key={event.event_id} event={event} />
        ))}
      </Rows>
      {asked.hasNextPage && (
        <button
          type="button"
          className="button button-plain mt-5"
          disabled={asked.isFetchingNextPage}
          onClick={() => void asked.fetchNextPage()}
        >
          {t('audit.more')}
        </button>
      )}
    </>
  )
}

function EventRow({ event }: { event: AuditEvent }) {
  const { t, format } = useWords()
  const who = event.actor_name ?? (event.actor_ref === null ? t(`audit.actor.${event.actor_kind}`) : event.actor_ref)
  return (
    <li className="border-t border-rule first:border-t-0">
      <details>
        <summary className="py-2.5 hover:bg-wash">
          <span className="inline-flex w-[calc(100%-1.5rem)] flex-wrap items-baseline justify-between gap-x-4 align-top">
            <span className="font-semibold">
              {actionWords(event.action, t)}
              {event.result !== 'done' && <Tag>{t(`audit.results.${event.result}`)}</Tag>}
            </span>
            <span className="figures text-sm text-soft">{format.instant(event.at)}</span>
          </span>
          <span className="block pl-5 text-[0.9375rem] text-soft wrap-anywhere">
            {who}
            {event.ip_prefix !== null && ` · ${event.ip_prefix}`}
            {event.resource_id !== null && ` · ${event.resource_type ?? ''} ${event.resource_id}`}
          </span>
        </summary>
        <dl className="mb-3 grid pl-5 gap-x-4 gap-y-1 font-mono text-xs sm:grid-cols-[9rem_1fr]">
          {(
            [
              'seq',
              'event_id',
              'action',
              'actor_ref',
              'request_id',
              'before_digest',
              'after_digest',
              'hash',
              'prev_hash',
            ] as const
          ).map(
            (field) =>
              event[field] !== null && (
                <div key={field} className="contents">
                  <dt className="text-soft">{field}</dt>
                  <dd className="break-all">{event[field]}</dd>
                </div>
              ),
          )}
        </dl>
      </details>
    </li>
  )
}
