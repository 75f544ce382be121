import { cancelRun, reproduceRun, type Run, type RunLine } from '@tidemark/core/models/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { Empty, Row, Rows } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { axes, Chart } from './Chart.tsx'
import { Pill, type Tone } from './Health.tsx'
import { Progress } from './Progress.tsx'
import { isUnderWay, modelQuery, runQuery, type ModelInFull } from './queries.ts'
import { useRight } from './use-right.ts'
import { Gain, Gates, verdictTones } from './Verdict.tsx'

const route = getRouteApi(paths.modelPart)
const stateTones: Record<Run['state'], Tone> = {
  queued: 'note',
  running: 'note',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'plain',
}

export function RunsPart({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const { run } = route.useSearch()
  const { last_runs } = model
  const open = run ?? last_runs.find(isUnderWay)?.run_id ?? last_runs[0]?.run_id
  if (last_runs.length === 0) {
    return (
      <Empty>
        {t(
          model.kept !== null
            ? 'models.kept.noVersion'
            : model.recipe === null
              ? 'models.next.upload'
              : 'models.runs.none',
        )}
      </Empty>
    )
  }
  return (
    <>
      {open !== undefined && <OpenRun key={open} model={model} run_id={open} />}
      <Section title={t('models.runs.title')} id="runs" says={t('models.runs.says')}>
        <Rows label={t('models.runs.title')}>
          {last_runs.map((each) => (
            <RunRow key={each.run_id} run={each} open={each.run_id === open} />
          ))}
        </Rows>
      </Section>
    </>
  )
}

function RunRow({ run, open }: { run: Run; open: boolean }) {
  const { t, format } = useWords()
  const when = format.instant(run.created_at)
  return (
    <Row
      title={
        <span className="flex flex-wrap items-center gap-2">
          <Pill tone={stateTones[run.state]}>{t(`models.runs.state.${run.state}`)}</Pill>
          {t(`models.runs.kind.${run.kind}`)}
          {run.result_version !== null && ` → ${t('models.version', { version: run.result_version })}`}
        </span>
      }
      says={`${when} · ${t(`models.runs.cause.${run.cause}`)} · ${run.created_by}`}
    >
      {!open && (
        <Link
          to={paths.modelPart}
          params={{ id: run.model_id, part: 'runs' }}
          search={{ run: run.run_id }}
          className="button button-plain button-small"
        >
          {t('models.runs.open')}
          <span className="sr-only"> {when}</span>
        </Link>
      )}
    </Row>
  )
}

function OpenRun({ model, run_id }: { model: ModelInFull; run_id: string }) {
  const { t } = useWords()
  const client = useQueryClient()
  const asked = useQuery(runQuery(run_id))
  const run_now = asked.data?.run
  const ended = run_now !== undefined && !isUnderWay(run_now)
  const listed = model.last_runs.find((each) => each.run_id === run_id)
  const behind = ended && listed !== undefined && isUnderWay(listed)
  // The page around it learns of the end at once, and of the new version when it has been asked for.
  useEffect(() => {
    if (!behind || !run_now) return
    const { queryKey } = modelQuery(model.model_id)
    client.setQueryData(
      queryKey,
      (before) =>
        before && {
          ...before,
          last_runs: before.last_runs.map((each) => (each.run_id === run_now.run_id ? run_now : each)),
        },
    )
    void client.invalidateQueries({ queryKey })
  }, [behind, client, model.model_id, run_now])
  // The last lines of a log are written a moment after the end.
  useEffect(() => {
    if (!ended) return
    const timer = setTimeout(() => void client.invalidateQueries({ queryKey: runQuery(run_id).queryKey }), 1000)
    return () => clearTimeout(timer)
  }, [ended, client, run_id])
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const { run, lines } = asked.data
  return (
    <Section title={t(`models.runs.heading.${run.kind}`)} id="run">
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)]">
        <div className="min-w-0 space-y-4">
          <State run={run} />
          <RunActions run={run} />
          <Losses lines={lines} />
        </div>
        <Log lines={lines} live={isUnderWay(run)} />
      </div>
      {run.verdict && <Judged run={run} />}
    </Section>
  )
}

function State({ run }: { run: Run }) {
  const { t, format } = useWords()
  const { state, step, steps, reason, identical, started_at, ended_at } = run
  const took_s =
    started_at !== null && ended_at !== null ? (Date.parse(ended_at) - Date.parse(started_at)) / 1000 : null
  return (
    <div data-testid="run-state" data-state={state}>
      <p role="status" className="flex flex-wrap items-center gap-2">
        <Pill tone={stateTones[state]}>{t(`models.runs.state.${state}`)}</Pill>
        {identical !== null && (
          <Pill tone={identical ? 'good' : 'bad'}>
            {t(identical ? 'models.runs.identical' : 'models.runs.different')}
          </Pill>
        )}
        {took_s !== null && (
          <span className="figures text-soft">{t('models.runs.took', { seconds: format.number(took_s) })}</span>
        )}
      </p>
      {isUnderWay(run) && (
        <div className="mt-3">
          <Progress label={t('models.runs.progress')} value={step} most={steps} />
          <p className="figures text-sm text-soft">
            {steps === null
              ? t('models.runs.waiting')
              : t('models.runs.stepOf', { step: format.number(step), steps: format.number(steps) })}
          </p>
        </div>
      )}
      {reason !== null && (
        <p lang="en" className="mt-2 border-l-2 border-bad pl-3 wrap-anywhere">
          {reason}
        </p>
      )}
    </div>
  )
}

function RunActions({ run }: { run: Run }) {
  const { t } = useWords()
  const client = useQueryClient()
  const allowed = useRight('models.train')
  const { run_id, model_id } = run
  const after = () => client.invalidateQueries({ queryKey: ['models'] })
  const cancel = useMutation({ mutationFn: () => call(cancelRun, { run_id }), onSuccess: after })
  const again = useMutation({ mutationFn: () => call(reproduceRun, { run_id }), onSuccess: after })
  const can_repeat = run.kind === 'train' && run.state === 'succeeded'
  return (
    <div className="flex flex-wrap items-start gap-3">
      {isUnderWay(run) && (
        <GuardedButton
          allowed={allowed}
          kind="danger"
          small
          onClick={() => {
            if (!cancel.isPending) cancel.mutate()
          }}
        >
          {t('models.runs.cancel')}
        </GuardedButton>
      )}
      {run.result_version !== null && (
        <Link
          to={paths.modelPart}
          params={{ id: model_id, part: 'versions' }}
          search={{ b: run.result_version }}
          className="button button-main button-small"
        >
          {t('models.runs.toVersion', { version: run.result_version })}
        </Link>
      )}
      {can_repeat && (
        <GuardedButton
          allowed={allowed}
          small
          onClick={() => {
            if (!again.isPending) again.mutate()
          }}
        >
          {t('models.runs.reproduce')}
        </GuardedButton>
      )}
      {again.data && (
        <Link
          to={paths.modelPart}
          params={{ id: model_id, part: 'runs' }}
          search={{ run: again.data.run_id }}
          className="link self-center"
        >
          {t('models.runs.toReproduction')}
        </Link>
      )}
      <div className="basis-full empty:hidden">
        <ActionProblem action={cancel} />
        <ActionProblem action={again} />
      </div>
    </div>
  )
}

/** How the loss fell while it was trained. */
function Losses({ lines }: { lines: readonly RunLine[] }) {
  const { t, format } = useWords()
  const points = lines.flatMap(({ step, loss }) => (step === null || loss === null ? [] : [[step, loss] as const]))
  const [first, last] = [points[0], points.at(-1)]
  if (points.length < 2 || !first || !last) return null
  const describe = t('models.runs.lossSays', { from: format.number(first[1]), to: format.number(last[1]) })
  return (
    <figure>
      <figcaption className="label">{t('models.runs.loss')}</figcaption>
      <Chart
        describe={describe}
        drawn={`${points.length} ${last[1]}`}
        height="h-48"
        option={(look) => {
          const { value, tooltip } = axes(look)
          return {
            tooltip: { ...tooltip, trigger: 'axis' },
            grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
            xAxis: { type: 'value', max: 'dataMax', ...value, splitLine: { show: false } },
            yAxis: { type: 'value', scale: true, ...value, splitNumber: 4 },
            series: [
              {
                type: 'line',
                name: t('models.runs.loss'),
                showSymbol: false,
                lineStyle: { color: look.colour('tide'), width: 2 },
                itemStyle: { color: look.colour('tide') },
                data: points,
              },
            ],
          }
        }}
      />
    </figure>
  )
}

/** What the run says. It follows its end while somebody has not scrolled up to read. */
function Log({ lines, live }: { lines: readonly RunLine[]; live: boolean }) {
  const { t, format } = useWords()
  const place = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  useEffect(() => {
    const element = place.current
    if (element && follows.current) element.scrollTop = element.scrollHeight
  })
  return (
    // Reachable by keyboard because it scrolls.
    <div
      ref={place}
      role="region"
      aria-label={t('models.runs.log')}
      tabIndex={0}
      className="card max-h-80 min-h-32 min-w-0 overflow-y-auto p-4 font-mono text-[0.8125rem] leading-6"
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < 24
      }}
    >
      {lines.length === 0 && <p className="text-soft">{t('models.runs.noLine')}</p>}
      <div role="log" lang="en" aria-live={live ? 'polite' : 'off'}>
        {lines.map(({ seq, at, level, line }) => (
          <p
            key={seq}
            className={`wrap-anywhere ${level === 'error' ? 'text-bad' : level === 'warning' ? 'text-sand-ink' : ''}`}
          >
            <time dateTime={at} className="figures mr-2 text-soft">
              {new Date(at).toLocaleTimeString(format.locale)}
            </time>
            {line}
          </p>
        ))}
      </div>
    </div>
  )
}

function Judged({ run }: { run: Run }) {
  const { t } = useWords()
  const { verdict } = run
  if (!verdict) return null
  return (
    <div className="mt-8">
      <h3 className="flex flex-wrap items-center gap-2 text-lg">
        {t('models.verdict.title')}
        <Pill tone={verdictTones[verdict.outcome]}>{t(`models.verdict.outcome.${verdict.outcome}`)}</Pill>
      </h3>
      <Gain verdict={verdict} />
      <Gates gates={verdict.gates} />
    </div>
  )
}
