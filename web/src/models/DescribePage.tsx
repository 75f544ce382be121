import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { SelectField } from '../ui/fields.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Page } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { DescribeForm } from './DescribeForm.tsx'
import { datasetQuery, datasetsQuery } from './queries.ts'
import { useRight } from './use-right.ts'

const route = getRouteApi(paths.newModel)

export function DescribePage() {
  const { t } = useWords()
  return (
    <InOrganisation title={t('models.describe.title')}>
      <Describe />
    </InOrganisation>
  )
}

function Describe() {
  const { t } = useWords()
  const allowed = useRight('models.train')
  const { dataset } = route.useSearch()
  return (
    <Page title={t('models.describe.title')} lead={t('models.describe.says')}>
      {!allowed.allowed && <Refusal allowed={allowed} />}
      {allowed.allowed && <ChooseDataset chosen={dataset} />}
      {allowed.allowed && dataset !== undefined && <OnDataset key={dataset} dataset={dataset} />}
    </Page>
  )
}

function ChooseDataset({ chosen }: { chosen: string | undefined }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const asked = useQuery(datasetsQuery())
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const { datasets } = asked.data
  if (datasets.length === 0) {
    return (
      <div className="card p-6 text-center">
        <p>{t('models.describe.noData')}</p>
        <Link to={paths.datasets} className="button button-main mt-4">
          {t('models.data.bringIn')}
        </Link>
      </div>
    )
  }
  return (
    <SelectField
      label={t('models.describe.dataset')}
      value={chosen ?? ''}
      options={[
        ...(chosen === undefined ? [{ value: '', text: t('models.describe.chooseDataset') }] : []),
        ...datasets.map(({ dataset_id, title }) => ({ value: dataset_id, text: title })),
      ]}
      onChange={(value) => void navigate({ to: paths.newModel, search: { dataset: value }, replace: true })}
    />
  )
}

function OnDataset({ dataset }: { dataset: string }) {
  const asked = useQuery(datasetQuery(dataset))
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  return <DescribeForm dataset={asked.data} />
}
