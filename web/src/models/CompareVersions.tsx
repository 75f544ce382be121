import type { Version } from '@tidemark/core/models/contract.ts'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { SelectField } from '../ui/fields.tsx'
import { Section } from '../ui/Page.tsx'
import type { ModelInFull } from './queries.ts'
import { Scrolled } from './Scrolled.tsx'
import { useSignedPercent } from './Verdict.tsx'

const route = getRouteApi(paths.modelPart)

/** Two versions beside each other: figures, what they were trained on, and how. */
export function CompareVersions({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const search = route.useSearch()
  const navigate = useNavigate()
  const { version_list } = model
  const [newest, before] = version_list
  const find = (number: number | undefined) => version_list.find(({ version }) => version === number)
  const left = find(search.a) ?? find(model.champion ?? undefined) ?? before
  const right = find(search.b) ?? (newest === left ? before : newest)
  if (!left || !right) return null
  const options = version_list.map(({ version, stage }) => ({
    value: String(version),
    text: `${t('models.version', { version })} · ${t(`models.stage.${stage}`)}`,
  }))
  const choose = (a: number, b: number) =>
    void navigate({
      to: paths.modelPart,
      params: { id: model.model_id, part: 'versions' },
      search: { ...search, a, b },
      replace: true,
      resetScroll: false,
    })
  return (
    <Section title={t('models.compare.title')} id="compare">
      <div className="grid max-w-2xl gap-4 sm:grid-cols-2">
        <SelectField
          label={t('models.compare.left')}
          value={String(left.version)}
          options={options}
          onChange={(value) => choose(Number(value), right.version)}
        />
        <SelectField
          label={t('models.compare.right')}
          value={String(right.version)}
          options={options}
          onChange={(value) => choose(left.version, Number(value))}
        />
      </div>
      <Figures left={left} right={right} />
      <Differences left={left} right={right} />
    </Section>
  )
}

function Figures({ left, right }: { left: Version; right: Version }) {
  const { t, format } = useWords()
  const percent = useSignedPercent()
  const names = [...new Set([...Object.keys(left.metrics), ...Object.keys(right.metrics)])]
  if (names.length === 0) return <p className="mt-4 text-soft">{t('models.versions.noMetrics')}</p>
  const shown = (value: number | undefined) => (value === undefined ? '–' : format.factor(value))
  return (
    <Scrolled label={t('models.compare.title')}>
      <thead>
        <tr>
          <th scope="col">{t('models.versions.metric')}</th>
          <th scope="col">{t('models.version', { version: left.version })}</th>
          <th scope="col">{t('models.version', { version: right.version })}</th>
          <th scope="col">{t('models.compare.change')}</th>
        </tr>
      </thead>
      <tbody>
        {names.map((name) => {
          const [a, b] = [left.metrics[name], right.metrics[name]]
          const change = a !== undefined && b !== undefined && a !== 0 ? (b - a) / Math.abs(a) : undefined
          return (
            <tr key={name}>
              <th scope="row" className="font-mono text-sm">
                {name}
              </th>
              <td className="figures">{shown(a)}</td>
              <td className="figures">{shown(b)}</td>
              <td className="figures">{change === undefined ? '–' : percent(change)}</td>
            </tr>
          )
        })}
      </tbody>
    </Scrolled>
  )
}

/** What is different in what they follow from; what is the same is not repeated. */
function Differences({ left, right }: { left: Version; right: Version }) {
  const { t } = useWords()
  const [a, b] = [factsOf(left), factsOf(right)]
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name])
  if (names.length === 0) return <p className="mt-4">{t('models.compare.sameRecipe')}</p>
  return (
    <>
      <h3 className="mt-6 text-lg">{t('models.compare.differences')}</h3>
      <Scrolled label={t('models.compare.differences')}>
        <thead>
          <tr>
            <th scope="col">{t('models.compare.what')}</th>
            <th scope="col">{t('models.version', { version: left.version })}</th>
            <th scope="col">{t('models.version', { version: right.version })}</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row" className="font-mono text-sm">
                {name}
              </th>
              <td className="font-mono text-sm">{a[name] ?? '–'}</td>
              <td className="font-mono text-sm">{b[name] ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </Scrolled>
    </>
  )
}

function factsOf({ record, algorithm, artifact_sha256 }: Version): Record<string, string> {
  const facts: Record<string, string> = { algorithm, artifact: artifact_sha256.slice(0, 12) }
  if (!record) return facts
  const { recipe, dataset_id, dataset_version, data_sha256, code_version } = record
  const { parameters, features, ...rest } = recipe
  Object.assign(facts, {
    data: `${recipe.dataset ?? dataset_id} v${dataset_version} (${data_sha256.slice(0, 12)})`,
    code: code_version.slice(0, 12),
  })
  if (features) facts.features = features.join(', ')
  for (const [name, value] of Object.entries({ ...rest, ...parameters })) facts[name] = textOf(value)
  return facts
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
