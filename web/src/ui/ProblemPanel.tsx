import { useQuery } from '@tanstack/react-query'
import { Link, useLocation } from '@tanstack/react-router'
import i18next from 'i18next'
import { useEffect, useState } from 'react'
import { ApiProblem, isProblem, NOT_OURS, NO_ANSWER } from '../lib/api.ts'
import { addSharedWords, useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'

/** A rule said no, or the network did: title, detail, each fault with the place it points at, and what can be done. */
export function ProblemPanel({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useWords()
  const problem = error instanceof ApiProblem ? error : undefined
  const { title, detail, known } = useSentences(error)
  return (
    <div role="alert" className="rounded-card border border-bad bg-bad-wash p-4">
      <p className="font-semibold text-bad">{title}</p>
      {detail !== undefined && <p className="mt-1">{detail}</p>}
      {problem && problem.faults.length > 0 && <Faults problem={problem} />}
      {isProblem(error, 'accounts/not-signed-in') && <SignInLink />}
      {problem?.retry_after_s !== undefined && <Wait key={problem.request_id} seconds={problem.retry_after_s} />}
      <p className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2 text-sm text-soft empty:hidden">
        {problem && !known && problem.status > 0 && (
          <span>{t('app.problem.status', { status: String(problem.status) })}</span>
        )}
        {problem?.request_id !== undefined && !known && (
          <span>{t('app.problem.request', { id: problem.request_id })}</span>
        )}
        {retry && (
          <button type="button" className="button button-plain button-small" onClick={retry}>
            {t('app.retry')}
          </button>
        )}
      </p>
    </div>
  )
}

/** Their details hold the figure that stands in the way. */
const tellsHowMany = new Set(['admin/plan-limit', 'accounts/too-many', 'webhooks/too-many'])

/** Ours where we have words for the problem in the reader's language, the server's otherwise. */
function useSentences(error: unknown): {
  title: string
  detail: string | undefined
  /** Whether these are our words for it: nobody needs to look it up by its number then. */
  known: boolean
} {
  const { t, language } = useWords()
  // On a page that came without them, the words for refusals are fetched when one is met.
  useQuery({ queryKey: ['words', 'signed'], queryFn: () => addSharedWords(), staleTime: Number.POSITIVE_INFINITY })
  if (!(error instanceof ApiProblem)) {
    return { title: t('app.broken.title'), detail: error instanceof Error ? error.message : undefined, known: false }
  }
  if (error.type === NO_ANSWER) {
    return { title: t('app.problem.noAnswer'), detail: t('app.problem.noAnswerSays'), known: true }
  }
  if (error.type === NOT_OURS) {
    return { title: t('app.problem.notOurs'), detail: t('app.problem.notOursSays'), known: false }
  }
  // Words of a capability come with its pages; those that any page may need come with the shared ones.
  const [capability] = error.type.split('/')
  const title = [`signed.problem.${error.type}`, `${capability}.problem.${error.type}`].find((each) =>
    i18next.exists(each),
  )
  const says = `signed.problemSays.${error.type}`
  if (title === undefined) return { title: error.title, detail: error.detail, known: false }
  const own = i18next.exists(says) ? t(says as 'signed.problemSays.accounts/locked') : undefined
  // The server's detail tells this occurrence apart, but it is English, and what to do now is better said by ours.
  const theirs = language === 'en' ? error.detail : undefined
  return {
    title: t(title as 'signed.problem.accounts/locked'),
    detail: tellsHowMany.has(error.type) ? (theirs ?? own) : (own ?? theirs),
    known: error.status < 500,
  }
}

function Faults({ problem }: { problem: ApiProblem }) {
  const { t } = useWords()
  return (
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
  )
}

function SignInLink() {
  const { t } = useWords()
  const { href } = useLocation()
  return (
    <Link to={paths.signIn} search={{ return_to: href }} className="button button-main button-small mt-3">
      {t('app.account.signIn')}
    </Link>
  )
}

/** Counts down to when another try is worth it, and says so once it is. */
function Wait({ seconds }: { seconds: number }) {
  const { t } = useWords()
  const [left, setLeft] = useState(seconds)
  useEffect(() => {
    if (left <= 0) return
    const timer = setTimeout(() => setLeft(left - 1), 1000)
    return () => clearTimeout(timer)
  }, [left])
  return (
    <p className="figures mt-2 font-semibold">
      {left > 90
        ? t('app.problem.waitMinutes', { count: Math.ceil(left / 60) })
        : left > 0
          ? t('app.problem.wait', { count: left })
          : t('app.problem.now')}
    </p>
  )
}
