import { retrain } from '@tidemark/core/models/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Loading } from '../ui/Loading.tsx'
import { Page } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { AlertsPart } from './AlertsPart.tsx'
import { CardPart } from './CardPart.tsx'
import { DriftPart } from './DriftPart.tsx'
import { ExperimentsPart } from './ExperimentsPart.tsx'
import { Health, StageTag } from './Health.tsx'
import { PerformancePart } from './PerformancePart.tsx'
import { PredictPart } from './PredictPart.tsx'
import { isUnderWay, modelQuery, type ModelInFull } from './queries.ts'
import { RunsPart } from './RunsPart.tsx'
import { useRight } from './use-right.ts'
import { useTitle } from './use-title.ts'
import { VersionsPart } from './VersionsPart.tsx'

const parts = {
  versions: VersionsPart,
  runs: RunsPart,
  predict: PredictPart,
  performance: PerformancePart,
  drift: DriftPart,
  experiments: ExperimentsPart,
  alerts: AlertsPart,
} as const
type Part = keyof typeof parts
const names = Object.keys(parts) as Part[]

const cardRoute = getRouteApi(paths.model)
const partRoute = getRouteApi(paths.modelPart)

/** A model's card. */
export function ModelPage() {
  const { id } = cardRoute.useParams()
  return <Framed model_id={id}>{(model) => <CardPart model={model} />}</Framed>
}

/** One of the other pages of a model: its versions, its runs and so on. */
export function ModelPartPage() {
  const { id, part } = partRoute.useParams()
  const Part = Object.hasOwn(parts, part) ? parts[part as Part] : CardPart
  // Keyed, so that what is said of one model is not shown under another.
  return <Framed model_id={id}>{(model) => <Part key={`${id}/${part}`} model={model} />}</Framed>
}

function Framed({ model_id, children }: { model_id: string; children: (model: ModelInFull) => ReactNode }) {
  const { t } = useWords()
  return (
    <InOrganisation title={t('models.title')}>
      <Frame model_id={model_id}>{children}</Frame>
    </InOrganisation>
  )
}

function Frame({ model_id, children }: { model_id: string; children: (model: ModelInFull) => ReactNode }) {
  const { t } = useWords()
  const titleOf = useTitle()
  const asked = useQuery(modelQuery(model_id))
  if (asked.isPending) return <Loading />
  if (asked.error) {
    return (
      <Page title={t('models.title')}>
        <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
        <Link to={paths.models} className="button button-plain mt-6">
          {t('models.all')}
        </Link>
      </Page>
    )
  }
  const model = asked.data
  return (
    <Page wide title={titleOf(model)} lead={<Standing model={model} />}>
      <Next model={model} />
      <Parts model={model} />
      <div className="mt-8 min-w-0">{children(model)}</div>
    </Page>
  )
}

function Standing({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const { champion, task, kept } = model
  return (
    <span className="flex flex-wrap items-center gap-2 text-base">
      <Link to={paths.models} className="link">
        {t('models.title')}
      </Link>
      <span aria-hidden="true">/</span>
      <span>{t(kept === null ? `models.task.${task}` : `models.kept.kind.${kept.kind}`)}</span>
      {model.retired_at === null ? (
        <StageTag
          stage={champion === null ? 'candidate' : 'champion'}
          text={champion === null ? t('models.nobodyAnswers') : t('models.answers', { version: champion })}
        />
      ) : (
        <StageTag stage="retired" />
      )}
      <Health model={model} />
    </span>
  )
}

/** Training, wherever one is: a new version is what most people come for. */
function Next({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const client = useQueryClient()
  const navigate = useNavigate()
  const allowed = useRight('models.train')
  const { model_id } = model
  const running = model.last_runs.find(isUnderWay)
  const train = useMutation({
    mutationFn: () => call(retrain, { model_id }),
    onSuccess: async (run) => {
      await client.invalidateQueries({ queryKey: ['models'] })
      await navigate({ to: paths.modelPart, params: { id: model_id, part: 'runs' }, search: { run: run.run_id } })
    },
  })
  if (model.retired_at !== null || (model.recipe === null && model.kept === null)) return null
  return (
    <div className="mb-6">
      {running ? (
        <Link
          to={paths.modelPart}
          params={{ id: model_id, part: 'runs' }}
          search={{ run: running.run_id }}
          className="button button-plain"
        >
          {t('models.runs.underWay')}
        </Link>
      ) : (
        <GuardedButton
          allowed={allowed}
          kind={model.versions === 0 ? 'main' : 'plain'}
          onClick={() => !train.isPending && train.mutate()}
        >
          {t(train.isPending ? 'app.sending' : model.versions === 0 ? 'models.trainFirst' : 'models.trainAgain')}
        </GuardedButton>
      )}
      <ActionProblem action={train} />
    </div>
  )
}

/** What lives on readings is asked where it answers, and judged by what comes true there. */
const isOf =
  ({ kept }: ModelInFull) =>
  (part: Part) =>
    kept === null || !['predict', 'drift', 'experiments'].includes(part)

const tab = 'inline-flex min-h-10 items-center whitespace-nowrap rounded-md px-3 hover:bg-wash'
const here = { className: 'font-semibold text-tide bg-wash' }

function Parts({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const { model_id, open_alerts } = model
  return (
    <nav aria-label={t('models.parts.label')} className="border-b border-rule pb-2">
      <ul className="flex flex-wrap gap-x-1">
        <li>
          <Link
            to={paths.model}
            params={{ id: model_id }}
            className={tab}
            activeOptions={{ exact: true }}
            activeProps={here}
          >
            {t('models.parts.card')}
          </Link>
        </li>
        {names.filter(isOf(model)).map((part) => (
          <li key={part}>
            <Link
              to={paths.modelPart}
              params={{ id: model_id, part }}
              className={tab}
              activeProps={here}
              activeOptions={{ includeSearch: false }}
            >
              {t(`models.parts.${part}`)}
              {part === 'alerts' && open_alerts > 0 && ` (${open_alerts})`}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
