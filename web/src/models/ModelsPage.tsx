import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { deviceKindName } from '../lib/device-kinds.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Loading } from '../ui/Loading.tsx'
import { Page } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { Health, Pill, StageTag } from './Health.tsx'
import { datasetsQuery, modelsQuery, type Model } from './queries.ts'
import { useTitle } from './use-title.ts'

const route = getRouteApi(paths.models)

export function ModelsPage() {
  const { t } = useWords()
  return (
    <InOrganisation title={t('models.title')}>
      <Models />
    </InOrganisation>
  )
}

function Models() {
  const { t } = useWords()
  const { retired = false } = route.useSearch()
  const navigate = useNavigate()
  const asked = useQuery(modelsQuery(retired))
  const models = asked.data?.models ?? []
  return (
    <Page wide title={t('models.title')} lead={t('models.says')}>
      <div className="mb-6 flex flex-wrap items-center gap-3">
        {models.length > 0 && (
          <Link to={paths.newModel} className="button button-main">
            {t('models.describe.title')}
          </Link>
        )}
        <Link to={paths.datasets} className="button button-plain">
          {t('models.data.title')}
        </Link>
        <label className="ml-auto flex min-h-10 items-center gap-2 text-[0.9375rem]">
          <input
            type="checkbox"
            className="size-4 accent-tide"
            checked={retired}
            onChange={(event) =>
              void navigate({ to: paths.models, search: event.target.checked ? { retired: true } : {}, replace: true })
            }
          />
          {t('models.list.retired')}
        </label>
      </div>
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data && models.length === 0 && <FirstSteps />}
      <ul aria-label={t('models.title')} className="space-y-3">
        {models.map((model) => (
          <ModelCard key={model.model_id} model={model} />
        ))}
      </ul>
    </Page>
  )
}

/** No empty page without a next step: a table first, then a model on it. */
function FirstSteps() {
  const { t } = useWords()
  const datasets = useQuery(datasetsQuery())
  const has_data = (datasets.data?.datasets.length ?? 0) > 0
  const [newest] = datasets.data?.datasets ?? []
  return (
    <div className="card p-6 sm:p-8">
      <h2 className="text-2xl">{t('models.list.empty')}</h2>
      <ol className="mt-4 max-w-2xl list-decimal space-y-2 pl-6">
        <li className={has_data ? 'text-soft line-through' : ''}>{t('models.list.step1')}</li>
        <li>{t('models.list.step2')}</li>
        <li>{t('models.list.step3')}</li>
      </ol>
      {has_data ? (
        <Link to={paths.newModel} search={{ dataset: newest?.dataset_id }} className="button button-main mt-6">
          {t('models.describe.onIt', { title: newest?.title ?? '' })}
        </Link>
      ) : (
        <Link to={paths.datasets} className="button button-main mt-6">
          {t('models.data.bringIn')}
        </Link>
      )}
    </div>
  )
}

function ModelCard({ model }: { model: Model }) {
  const { t, language } = useWords()
  const titleOf = useTitle()
  const { champion, task, name, kept } = model
  return (
    <li>
      <Link
        to={paths.model}
        params={{ id: model.model_id }}
        className="card grid gap-x-6 gap-y-2 p-4 hover:border-tide sm:grid-cols-[minmax(0,1fr)_auto] sm:p-5"
      >
        <span className="min-w-0">
          <span className="block text-lg font-semibold wrap-anywhere">{titleOf(model)}</span>
          <span className="block text-[0.9375rem] text-soft wrap-anywhere">
            {t(kept === null ? `models.task.${task}` : `models.kept.kind.${kept.kind}`)} ·{' '}
            <span className="font-mono text-sm">{name}</span>
          </span>
          {kept !== null && (
            <span className="block text-[0.9375rem] text-soft wrap-anywhere">
              {[
                kept.site?.name,
                kept.device_kind === null ? null : deviceKindName(kept.device_kind, language),
                kept.series.length === 0 ? null : t('models.kept.series', { count: kept.series.length }),
              ]
                .filter((part) => part !== null && part !== undefined)
                .join(' · ')}
            </span>
          )}
        </span>
        <span className="flex flex-wrap items-center gap-2 sm:justify-end">
          <StageTag
            stage={model.retired_at !== null ? 'retired' : champion === null ? 'candidate' : 'champion'}
            text={
              model.retired_at !== null
                ? t('models.stage.retired')
                : champion === null
                  ? t('models.nobodyAnswers')
                  : t('models.answers', { version: champion })
            }
          />
          {kept?.simulated === true && <Pill tone="note">{t('models.kept.simulated')}</Pill>}
          <Health model={model} />
        </span>
        <span className="text-[0.9375rem] sm:col-span-2">
          <NextStep model={model} />
        </span>
      </Link>
    </li>
  )
}

/** What somebody would do next with it, in a sentence. */
function NextStep({ model }: { model: Model }) {
  const { t, format } = useWords()
  const { champion, versions, open_alerts, next_run_at, recipe, kept } = model
  if (model.retired_at !== null) return <>{t('models.next.retired')}</>
  if (versions === 0 && kept !== null) return <span className="text-soft">{t('models.kept.next')}</span>
  if (versions === 0) return <>{t(recipe ? 'models.next.train' : 'models.next.upload')}</>
  if (champion === null) return <>{t('models.next.promote', { count: versions })}</>
  if (open_alerts > 0) return <>{t('models.next.alerts')}</>
  return (
    <span className="text-soft">
      {next_run_at === null
        ? t('models.next.byHand')
        : t('models.next.scheduled', { when: format.instant(next_run_at) })}
    </span>
  )
}
