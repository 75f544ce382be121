import { useWords } from '../lib/i18n.ts'
import { ApiProblem, NOT_OURS, NO_ANSWER } from '../lib/api.ts'

/** A rule said no, or the network did: title, detail, and each fault with the place it points at. */
export function ProblemPanel({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useWords()
  const problem = error instanceof ApiProblem ? error : undefined
  const title =
    problem?.type === NO_ANSWER
      ? t('app.problem.noAnswer')
      : problem?.type === NOT_OURS
        ? t('app.problem.notOurs')
        : (problem?.title ?? t('app.broken.title'))
  const detail =
    problem?.type === NO_ANSWER
      ? t('app.problem.noAnswerSays')
      : problem?.type === NOT_OURS
        ? t('app.problem.notOursSays')
        : (problem?.detail ?? (error instanceof Error && !problem ? error.message : undefined))
  return (
    <div role="alert" className="rounded-card border border-bad bg-bad-wash p-4">
      <p className="font-semibold text-bad">{title}</p>
      {detail !== undefined && <p className="mt-1">{detail}</p>}
      {problem && problem.faults.length > 0 && (
        <>
          <p className="mt-3 font-semibold">{t('app.problem.faults')}</p>
          <ul className="mt-1 list-disc space-y-1 pl-5">
            {problem.faults.map((fault) => (
              <li key={`${fault.path} ${fault.code}`}>
                {fault.path !== '' && <code className="mr-2 rounded bg-surface px-1 text-sm">{fault.path}</code>}
                {fault.message}
              </li>
            ))}
          </ul>
        </>
      )}
      <p className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2 text-sm text-soft">
        {problem && problem.status > 0 && <span>{t('app.problem.status', { status: String(problem.status) })}</span>}
        {problem?.request_id !== undefined && <span>{t('app.problem.request', { id: problem.request_id })}</span>}
        {retry && (
          <button type="button" className="button button-plain button-small" onClick={retry}>
            {t('app.retry')}
          </button>
        )}
      </p>
    </div>
  )
}
