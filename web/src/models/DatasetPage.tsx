import { features as featuresRoute } from '@tidemark/core/models/data-contract.ts'
import type { DatasetVersion } from '@tidemark/core/models/data-contract.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { call, isProblem } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { ActionButton } from '../ui/ActionButton.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Page, Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Row, Rows } from '../ui/Rows.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { Tag } from '../ui/Tag.tsx'
import { ChecksSection } from './ChecksSection.tsx'
import { ColumnProfiles } from './ColumnProfiles.tsx'
import { ImportanceBars } from './ImportanceBars.tsx'
import { datasetQuery, rowsQuery, type DatasetInFull } from './queries.ts'
import { Scrolled } from './Scrolled.tsx'
import { UploadForm } from './UploadForm.tsx'

const route = getRouteApi(paths.dataset)

export function DatasetPage() {
  const { t } = useWords()
  const { id } = route.useParams()
  return (
    <InOrganisation title={t('models.data.title')}>
      <Asked key={id} id={id} />
    </InOrganisation>
  )
}

function Asked({ id }: { id: string }) {
  const { t } = useWords()
  const asked = useQuery(datasetQuery(id))
  if (asked.isPending) return <Loading />
  if (asked.error) {
    return (
      <Page title={t('models.data.title')}>
        <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
        <Link to={paths.datasets} className="button button-plain mt-6">
          {t('models.data.all')}
        </Link>
      </Page>
    )
  }
  return <Shown dataset={asked.data} />
}

function Shown({ dataset }: { dataset: DatasetInFull }) {
  const { t, format } = useWords()
  const search = route.useSearch()
  const { dataset_id, title, name, versions, newest } = dataset
  const version = versions.find((each) => each.version === search.version) ?? newest
  return (
    <Page
      wide
      title={title}
      lead={
        <span className="block text-base">
          <Link to={paths.datasets} className="link">
            {t('models.data.title')}
          </Link>{' '}
          / <span className="font-mono text-sm">{name}</span>
        </span>
      }
    >
      <p className="figures text-lg">
        {t('models.data.size', {
          count: version.row_count,
          rows: format.number(version.row_count),
          columns: version.columns.length,
        })}{' '}
        · {t('models.version', { version: version.version })}
        {version.version !== newest.version && <Tag>{t('models.data.older')}</Tag>}
      </p>
      <p className="mb-5 text-[0.9375rem] text-soft">
        {format.instant(version.created_at)} · {version.created_by} · {version.source.format.toUpperCase()}
        {version.source.filename !== null && ` · ${version.source.filename}`} · {format.bytes(version.bytes)}
      </p>
      <Link to={paths.newModel} search={{ dataset: dataset_id }} className="button button-main">
        {t('models.describe.title')}
      </Link>
      <Section title={t('models.profile.title')} id="columns" says={t('models.profile.says')}>
        <ColumnProfiles dataset_id={dataset_id} version={version.version} />
      </Section>
      <Section title={t('models.data.rowsTitle')} id="rows">
        <FirstRows dataset_id={dataset_id} version={version.version} />
      </Section>
      <ChecksSection key={version.version} dataset={dataset} version={version.version} />
      <Features dataset_id={dataset_id} />
      <Versions dataset_id={dataset_id} versions={versions} shown={version.version} />
      <Section title={t('models.data.newer')} id="newer" says={t('models.data.newerSays')}>
        <UploadForm into={{ name, title }} />
      </Section>
    </Page>
  )
}

function FirstRows({ dataset_id, version }: { dataset_id: string; version: number }) {
  const { t, format } = useWords()
  const asked = useQuery(rowsQuery(dataset_id, version))
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const { columns, rows } = asked.data
  return (
    <Scrolled label={t('models.data.rowsTitle')}>
      <thead>
        <tr>
          {columns.map(({ name }) => (
            <th key={name} scope="col" className="font-mono">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            {row.map((cell, place) => (
              <td key={columns[place]?.name} className="figures">
                {cell === null ? (
                  <span className="text-soft">–</span>
                ) : typeof cell === 'number' ? (
                  format.exact(cell)
                ) : (
                  shortTime(cell)
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </Scrolled>
  )
}

/** Times as they are kept, in UTC, without the parts that are zero. */
function shortTime(cell: string | boolean): string {
  return String(cell).replace(
    /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(\.\d+)?Z$/,
    (_, day: string, minute: string, second = '', rest = '') => {
      const fraction = /^\.0+$/.test(String(rest)) ? '' : String(rest)
      return `${day} ${minute}${second === ':00' && fraction === '' ? '' : String(second) + fraction} UTC`
    },
  )
}

/** Which columns a model trained on these data leans on: measured when asked for, because it takes a moment. */
function Features({ dataset_id }: { dataset_id: string }) {
  const { t, format } = useWords()
  const measure = useMutation({
    mutationFn: () => call(featuresRoute, { dataset: dataset_id, rows_max: '1000', repeats: '3' }),
  })
  return (
    <Section title={t('models.importance.title')} id="features" says={t('models.importance.says')}>
      {!measure.data && (
        <ActionButton className="button button-plain" busy={measure.isPending} onClick={() => measure.mutate()}>
          {t(measure.isPending ? 'app.sending' : 'models.importance.do')}
        </ActionButton>
      )}
      {isProblem(measure.error, 'models/nothing-trained') ? (
        <p role="status" className="mt-4 text-soft">
          {t('models.importance.nothing')}
        </p>
      ) : (
        measure.error && (
          <div className="mt-4">
            <ProblemPanel error={measure.error} />
          </div>
        )
      )}
      {measure.data && (
        <>
          <p className="text-[0.9375rem] text-soft">
            {t('models.importance.of', {
              version: measure.data.model_version,
              count: measure.data.rows_used,
              rows: format.number(measure.data.rows_used),
            })}{' '}
            {t(`models.importance.on.${measure.data.measured_on}`)}{' '}
            <Link to={paths.model} params={{ id: measure.data.model_id }} className="link">
              {t('models.importance.toModel')}
            </Link>
          </p>
          <ImportanceBars
            bars={measure.data.features.map(({ name, permutation_mean, permutation_sd }) => ({
              name,
              value: permutation_mean,
              deviation: permutation_sd,
            }))}
          />
        </>
      )}
    </Section>
  )
}

function Versions({
  dataset_id,
  versions,
  shown,
}: {
  dataset_id: string
  versions: readonly DatasetVersion[]
  shown: number
}) {
  const { t, format } = useWords()
  return (
    <Section title={t('models.data.versionsTitle')} id="versions" says={t('models.data.versionsSays')}>
      <Rows label={t('models.data.versionsTitle')}>
        {versions.map(({ version, row_count, created_at, created_by, sha256, schema_changes, columns }) => (
          <Row
            key={version}
            title={t('models.version', { version })}
            says={
              <>
                <p>
                  {t('models.data.size', { count: row_count, rows: format.number(row_count), columns: columns.length })}{' '}
                  · {format.instant(created_at)} · {created_by}
                </p>
                {schema_changes.map((change) => (
                  <p key={change} lang="en">
                    {change}
                  </p>
                ))}
                <p className="font-mono text-xs break-all">{sha256}</p>
              </>
            }
          >
            {version !== shown && (
              <Link
                to={paths.dataset}
                params={{ id: dataset_id }}
                search={{ version }}
                className="button button-plain button-small"
              >
                {t('models.data.look')}
                <span className="sr-only"> {t('models.version', { version })}</span>
              </Link>
            )}
          </Row>
        ))}
      </Rows>
    </Section>
  )
}
