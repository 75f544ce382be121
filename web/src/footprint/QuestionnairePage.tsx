import { Dialog } from '@base-ui/react/dialog'
import { sections, type Question } from '@tidemark/core/footprint/questionnaire.ts'
import {
  askedQuestions,
  faultsOf,
  gapsOf,
  isFieldAsked,
  isRateNotNeeded,
  stateOf,
  type Answers,
  type QuestionState,
} from '@tidemark/core/footprint/questionnaire-answers.ts'
import { inventoryOf, missingOf } from '@tidemark/core/footprint/questionnaire-inventory.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useWords } from '../lib/i18n.ts'
import { stateQuery } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { useTitle } from '../ui/Page.tsx'
import { NoOrganisation } from '../ui/NoOrganisation.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { clearAnswers, keepGaps, setAnswer, setUnknown, useAnswers } from './answers.ts'
import { QuestionField } from './fields.tsx'
import { useLive, type Live } from './live.ts'
import { LiveTotal } from './LiveTotal.tsx'
import { calculationsQuery, sendInventory } from './queries.ts'

const route = getRouteApi(paths.questionnaire)

export function QuestionnairePage() {
  const { t, language } = useWords()
  const { answers, kept } = useAnswers()
  const { q } = route.useSearch()
  const navigate = useNavigate()
  const live = useLive(answers)
  const asked = askedQuestions(answers)
  const index = Math.max(
    0,
    asked.findIndex((question) => question.id === q),
  )
  const question = asked[index]
  useTitle(question ? `${question.text[language]} · ${t('footprint.q.title')}` : t('footprint.q.title'))
  const go = (to: number) => void navigate({ to: paths.questionnaire, search: { q: asked[to]?.id } })
  if (!question) return null
  const last = index === asked.length - 1
  return (
    <div className="mx-auto w-full max-w-6xl px-4 pt-6 pb-28 sm:px-6 lg:grid lg:grid-cols-[minmax(0,1fr)_20rem] lg:gap-10 lg:pt-10 lg:pb-12">
      <div>
        <Progress index={index} of={asked.length} section={sections[question.section][language]} />
        <form
          className="mt-6"
          onSubmit={(event) => {
            event.preventDefault()
            if (!last) go(index + 1)
          }}
        >
          <QuestionForm key={question.id} question={question} answers={answers} />
          <div className="mt-8 flex flex-wrap gap-3 border-t border-rule pt-5">
            {index > 0 && (
              <button type="button" className="button button-plain" onClick={() => go(index - 1)}>
                {t('footprint.q.back')}
              </button>
            )}
            {!last && (
              <button type="submit" className="button button-main">
                {t('footprint.q.next')}
              </button>
            )}
            {question.id !== 'company' && <UnknownButton question={question} answers={answers} />}
          </div>
        </form>
        <Finish answers={answers} last={last} />
        <p className="mt-8 text-[0.9375rem] text-soft">{kept ? t('footprint.q.kept') : t('footprint.q.notKept')}</p>
        <ClearButton
          onClear={() => {
            clearAnswers()
            go(0)
          }}
        />
      </div>
      <aside className="mt-10 lg:mt-0">
        <div className="lg:sticky lg:top-6">
          <section aria-label={t('footprint.q.live')} className="card hidden p-5 lg:block">
            <h2 className="label font-sans font-normal">
              {t('footprint.q.live')} · {t('footprint.q.liveSays')}
            </h2>
            <LiveTotal live={live} />
          </section>
          <QuestionList questions={asked} answers={answers} current={question.id} />
        </div>
      </aside>
      <LiveBar live={live} />
    </div>
  )
}

/** The live total at the foot of a phone's screen; it opens to the whole of it. */
function LiveBar({ live }: { live: Live }) {
  const { t, format } = useWords()
  return (
    <details className="fixed inset-x-0 bottom-0 z-20 border-t border-edge bg-raised shadow-[0_-4px_16px_rgb(0_0_0/0.12)] lg:hidden">
      <summary className="figures flex min-h-14 items-center justify-between gap-3 px-4">
        <span className="text-soft">{t('footprint.q.live')}</span>
        <span className="font-display text-xl font-semibold">
          {live.state === 'ready' && live.result ? format.co2e(live.result.emissions_kg_co2e).text : '—'}
        </span>
      </summary>
      <div className="max-h-[60dvh] overflow-y-auto px-4 pb-5">
        <LiveTotal live={live} />
      </div>
    </details>
  )
}

function Progress({ index, of, section }: { index: number; of: number; section: string }) {
  const { t } = useWords()
  return (
    <div>
      <p className="flex flex-wrap justify-between gap-x-4 text-[0.9375rem] text-soft">
        <span>{section}</span>
        <span className="figures">{t('footprint.q.of', { n: String(index + 1), of: String(of) })}</span>
      </p>
      <svg viewBox={`0 0 ${of} 1`} preserveAspectRatio="none" className="mt-2 h-1.5 w-full" aria-hidden="true">
        <rect width={of} height="1" className="fill-rule" />
        <rect width={index + 1} height="1" className="fill-tide" />
      </svg>
    </div>
  )
}

let visited = false

function QuestionForm({ question, answers }: { question: Question; answers: Answers }) {
  const { t, language } = useWords()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (visited) {
      heading.current?.focus({ preventScroll: true })
      scrollTo({ top: 0 })
    }
    visited = true
  }, [])
  const answer = answers[question.id] ?? {}
  const faults = faultsOf(answers).filter((fault) => fault.question === question.id)
  const fields = question.fields.filter(
    (field) => isFieldAsked(field, answers) && !isRateNotNeeded(question, field, answers),
  )
  return (
    <div>
      <h1 ref={heading} tabIndex={-1} className="text-3xl outline-none sm:text-4xl">
        {question.text[language]}
      </h1>
      <div className="mt-4 max-w-prose border-l-2 border-sand pl-4">
        <p className="label">{t('footprint.q.where')}</p>
        <p>{question.help[language]}</p>
      </div>
      {answer.unknown ? (
        <p role="status" className="mt-6 rounded-card bg-sand-wash px-4 py-3 text-sand-ink">
          {t('footprint.q.unknownSays')}
        </p>
      ) : (
        <div className="mt-8 space-y-7">
          {fields.map((field) => (
            <QuestionField
              key={field.id}
              field={field}
              values={answer}
              answers={answers}
              faults={faults.filter((fault) => fault.field === field.id || fault.field.startsWith(`${field.id}.`))}
              set={(id, value) => setAnswer(question.id, id, value)}
            />
          ))}
        </div>
      )}
    </div>
  )
}

function UnknownButton({ question, answers }: { question: Question; answers: Answers }) {
  const { t } = useWords()
  const unknown = answers[question.id]?.unknown === true
  return (
    <button
      type="button"
      className="button button-plain"
      aria-pressed={unknown}
      onClick={() => setUnknown(question.id, !unknown)}
    >
      {unknown ? t('footprint.q.unknownUndo') : t('footprint.q.unknown')}
    </button>
  )
}

const missingWords = {
  name: 'missingName',
  country: 'missingCountry',
  year: 'missingYear',
  lines: 'missingLines',
} as const

/** Calculating is possible as soon as there is something to calculate; what is open is said, not forbidden. */
function Finish({ answers, last }: { answers: Answers; last: boolean }) {
  const { t, format } = useWords()
  const navigate = useNavigate()
  const client = useQueryClient()
  const missing = missingOf(answers)
  const gaps = gapsOf(answers)
  const send = useMutation({
    mutationFn: () => sendInventory(inventoryOf(answers)),
    onSuccess: async (calculation) => {
      keepGaps(calculation.calculation_id, gaps)
      await client.invalidateQueries({ queryKey: calculationsQuery().queryKey })
      await navigate({ to: paths.calculation, params: { id: calculation.calculation_id } })
    },
  })
  const list = new Intl.ListFormat(format.locale, { type: 'conjunction' })
  return (
    <div className={`mt-8 ${last ? 'card p-5' : ''}`}>
      {missing.length > 0 ? (
        <p id="missing" className="mb-3 text-soft">
          {t('footprint.q.missing', {
            what: list.format(missing.map((each) => t(`footprint.q.${missingWords[each]}`))),
          })}
        </p>
      ) : (
        gaps.length > 0 && <p className="mb-3 text-soft">{t('footprint.q.gapsSoFar', { count: gaps.length })}</p>
      )}
      <BeforeFinish kind={last ? 'main' : 'plain'}>
        <button
          type="button"
          className={`button ${last ? 'button-main' : 'button-plain'}`}
          disabled={missing.length > 0 || send.isPending}
          aria-describedby={missing.length > 0 ? 'missing' : undefined}
          onClick={() => send.mutate()}
        >
          {send.isPending ? t('footprint.q.finishing') : t('footprint.q.finish')}
        </button>
      </BeforeFinish>
      {send.error !== null && (
        <div className="mt-4">
          <ProblemPanel error={send.error} />
        </div>
      )}
    </div>
  )
}

/**
 * What comes before calculating, where something does: a visitor signs in and comes back to their answers, somebody without
 * an organisation makes one, and whose role does not calculate is told who does.
 */
function BeforeFinish({ kind, children }: { kind: 'main' | 'plain'; children: ReactNode }) {
  const { t, language } = useWords()
  const { href } = useLocation()
  const state = useQuery(stateQuery()).data
  if (!state || (state.me === null && state.instance.demo)) return children
  const { me } = state
  const allowed = allowedTo('footprint.calculate', me, language)
  if (allowed.allowed) return children
  if (me !== null && me.organisation_id !== null) return <Refusal allowed={allowed} />
  if (me !== null && me.second_factor_required_by !== null) return <NoOrganisation me={me} />
  return (
    <>
      <p className="mb-3 max-w-prose">{t(me === null ? 'footprint.q.signInSays' : 'signed.noOrganisation.title')}</p>
      {me === null ? (
        <Link to={paths.signIn} search={{ return_to: href }} className={`button button-${kind}`}>
          {t('footprint.q.signIn')}
        </Link>
      ) : (
        <Link to={paths.organisation} className={`button button-${kind}`}>
          {t('signed.noOrganisation.do')}
        </Link>
      )}
    </>
  )
}

/** A ring that fills: drawn, because fonts disagree about such signs. */
function StateMark({ state }: { state: QuestionState }) {
  const tone =
    state === 'faulty'
      ? 'text-bad'
      : state === 'complete'
        ? 'text-tide'
        : state === 'unknown'
          ? 'text-sand-ink'
          : 'text-soft'
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      className={`size-4 shrink-0 translate-y-0.5 ${tone}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
    >
      <circle cx="8" cy="8" r="6" fill={state === 'complete' ? 'currentColor' : 'none'} />
      {state === 'started' && <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />}
      {state === 'complete' && <path d="m5.2 8.2 2 2 3.6-4" className="stroke-surface" />}
      {state === 'unknown' && <path d="M6.3 6.4a1.7 1.7 0 1 1 2.5 1.6c-.6.3-.8.6-.8 1.2m0 1.7v.2" strokeWidth="1.3" />}
      {state === 'faulty' && <path d="M8 4.5v4.3m0 2v.4" />}
    </svg>
  )
}

function QuestionList({
  questions,
  answers,
  current,
}: {
  questions: readonly Question[]
  answers: Answers
  current: string
}) {
  const { t, language } = useWords()
  const navigate = useNavigate()
  return (
    <nav aria-label={t('footprint.q.list')} className="mt-6">
      <h2 className="label font-sans font-normal">{t('footprint.q.list')}</h2>
      <ol className="mt-1">
        {questions.map((question) => {
          const state = stateOf(question, answers)
          return (
            <li key={question.id}>
              <button
                type="button"
                aria-current={question.id === current ? 'step' : undefined}
                className={`flex min-h-9 w-full items-baseline gap-2 rounded px-2 py-1 text-left text-[0.9375rem] hover:bg-wash ${question.id === current ? 'font-semibold' : ''}`}
                onClick={() => void navigate({ to: paths.questionnaire, search: { q: question.id } })}
              >
                <StateMark state={state} />
                <span>
                  {question.text[language]}
                  <span className="sr-only">, {t(`footprint.q.state.${state}`)}</span>
                </span>
              </button>
            </li>
          )
        })}
      </ol>
    </nav>
  )
}

function ClearButton({ onClear }: { onClear: () => void }) {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger className="link mt-2 min-h-9 text-[0.9375rem]">{t('footprint.q.clear')}</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/50" />
        <Dialog.Popup className="card fixed top-1/2 left-1/2 z-50 w-[min(28rem,calc(100vw-2rem))] -translate-1/2 p-6 shadow-xl">
          <Dialog.Title className="text-xl">{t('footprint.q.clearTitle')}</Dialog.Title>
          <Dialog.Description className="mt-2 text-soft">{t('footprint.q.clearSays')}</Dialog.Description>
          <div className="mt-5 flex flex-wrap gap-3">
            <button
              type="button"
              className="button button-main"
              onClick={() => {
                setOpen(false)
                onClear()
              }}
            >
              {t('footprint.q.clearDo')}
            </button>
            <Dialog.Close className="button button-plain">{t('footprint.q.clearKeep')}</Dialog.Close>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
