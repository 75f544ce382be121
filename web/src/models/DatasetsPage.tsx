import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Loading } from '../ui/Loading.tsx'
import { Page, Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { datasetsQuery } from './queries.ts'
import { UploadForm } from './UploadForm.tsx'

export function DatasetsPage() {
  const { t } = useWords()
  return (
    <InOrganisation title={t('models.data.title')}>
      <Datasets />
    </InOrganisation>
  )
}

function Datasets() {
  const { t, format } = useWords()
  const asked = useQuery(datasetsQuery())
  const datasets = asked.data?.datasets ?? []
  return (
    <Page title={t('models.data.title')} lead={t('models.data.says')}>
      <Link to={paths.models} className="link">
        {t('models.title')}
      </Link>
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {datasets.length > 0 && (
        <ul aria-label={t('models.data.title')} className="mt-6 space-y-3">
          {datasets.map(({ dataset_id, title, name, newest, version_count }) => (
            <li key={dataset_id}>
              <Link
                to={paths.dataset}
                params={{ id: dataset_id }}
                className="card flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 p-4 hover:border-tide"
              >
                <span className="min-w-0">
                  <span className="block text-lg font-semibold wrap-anywhere">{title}</span>
                  <span className="block font-mono text-sm text-soft wrap-anywhere">{name}</span>
                </span>
                <span className="figures text-[0.9375rem] sm:text-right">
                  <span className="block">
                    {t('models.data.size', {
                      count: newest.row_count,
                      rows: format.number(newest.row_count),
                      columns: newest.columns.length,
                    })}
                  </span>
                  <span className="block text-sm text-soft">
                    {t('models.data.versions', { count: version_count })} · {format.instant(newest.created_at)}
                  </span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      <Section title={t('models.data.bringIn')} id="bring-in" says={t('models.data.bringInSays')}>
        <UploadForm />
      </Section>
    </Page>
  )
}
