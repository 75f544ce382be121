import { create, retrain } from '@tidemark/core/models/contract.ts'
import type { Column } from '@tidemark/core/models/data-contract.ts'
import { algorithmNames, tasks, type AlgorithmName, type Task } from '@tidemark/core/models/recipe.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { CheckList, Form, SelectField, Submit, TextField } from '../ui/fields.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { algorithmsQuery, type DatasetInFull } from './queries.ts'
import { TextArea } from './TextArea.tsx'

const isNumber = ({ type }: Column) => type === 'number' || type === 'integer'
const needsNoTarget = new Set<Task>(['anomaly', 'imputation'])

/** What is fitting to predict: a number, or for a classification a column of two kinds. */
function targetsOf(task: Task, columns: readonly Column[]): readonly Column[] {
  if (needsNoTarget.has(task)) return []
  return task === 'classification'
    ? columns.filter((column) => column.type === 'boolean' || column.type === 'category' || isNumber(column))
    : columns.filter(isNumber)
}

interface Draft {
  title: string
  task: Task
  algorithm: AlgorithmName | ''
  target: string
  time: string
  group: string
  fairness: string
  /** Ticked columns; undefined while nobody has touched them. */
  features: string[] | undefined
  purpose: string
  limits: string
}

/** The draft with everything that follows from it: what fits the columns and the task. */
function useDraft(dataset: DatasetInFull, draft: Draft) {
  const { columns } = dataset.newest
  const known = useQuery(algorithmsQuery()).data?.algorithms ?? []
  const algorithms = known.filter(({ tasks: done }) => done.includes(draft.task))
  const algorithm = algorithms.find(({ name }) => name === draft.algorithm) ?? algorithms[0]
  const targets = targetsOf(draft.task, columns)
  const marked = targets.find((column) => column.target) ?? targets.at(-1)
  const target = targets.find(({ name }) => name === draft.target) ?? marked
  const times = columns.filter(({ type }) => type === 'timestamp')
  const time = draft.time === '-' ? undefined : (times.find(({ name }) => name === draft.time) ?? times[0])
  const groups = columns.filter(({ type }) => type === 'category' || type === 'boolean' || type === 'text')
  const group = draft.task === 'ranking' ? (groups.find(({ name }) => name === draft.group) ?? groups[0]) : undefined
  // Free text tells rows apart rather than alike, so nothing is learnt from it unless somebody ticks it.
  const candidates = columns.filter(({ name, type }) => name !== target?.name && type !== 'timestamp')
  const usual = candidates.filter(({ type, name }) => type !== 'text' && name !== group?.name).map(({ name }) => name)
  const features = (draft.features ?? usual).filter((name) => candidates.some((column) => column.name === name))
  return { algorithms, algorithm, targets, target, times, time, groups, group, candidates, features }
}

const options = (columns: readonly Column[]) => columns.map(({ name }) => ({ value: name, text: name }))

export function DescribeForm({ dataset }: { dataset: DatasetInFull }) {
  const { t } = useWords()
  const [draft, setDraft] = useState<Draft>({
    title: '',
    task: 'regression',
    algorithm: '',
    target: '',
    time: '',
    group: '',
    fairness: '',
    features: undefined,
    purpose: '',
    limits: '',
  })
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part })
  const [tries, setTries] = useState(0)
  const fitting = useDraft(dataset, draft)
  const save = useSave(dataset, draft, fitting)
  const title_fault = draft.title.trim() === '' ? t('models.describe.titleFault') : undefined
  const target_fault = !needsNoTarget.has(draft.task) && !fitting.target ? t('models.describe.targetFault') : undefined
  const features_fault = fitting.features.length === 0 ? t('models.describe.featuresFault') : undefined
  return (
    <Form
      className="mt-8 space-y-6"
      label={t('models.describe.title')}
      refused={save.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (!title_fault && !target_fault && !features_fault && fitting.algorithm) save.mutate()
      }}
    >
      <TextField
        label={t('models.describe.name')}
        maxLength={120}
        value={draft.title}
        fault={tries > 0 ? title_fault : undefined}
        onChange={(title) => change({ title })}
      />
      <Choices draft={draft} fitting={fitting} target_fault={target_fault} onChange={change} />
      <CheckList
        label={t('models.describe.features')}
        help={t('models.describe.featuresHelp')}
        fault={tries > 0 ? features_fault : undefined}
        chosen={fitting.features}
        choices={options(fitting.candidates)}
        onChange={(features) => change({ features })}
      />
      <TextArea
        label={t('models.card.purpose')}
        help={t('models.card.help.purpose')}
        rows={3}
        value={draft.purpose}
        onChange={(purpose) => change({ purpose })}
      />
      <TextArea
        label={t('models.card.limits')}
        help={t('models.card.help.limits')}
        rows={3}
        value={draft.limits}
        onChange={(limits) => change({ limits })}
      />
      <ActionProblem action={save} />
      <Submit busy={save.isPending}>{t('models.describe.do')}</Submit>
    </Form>
  )
}

type Fitting = ReturnType<typeof useDraft>

function Choices({
  draft,
  fitting,
  target_fault,
  onChange,
}: {
  draft: Draft
  fitting: Fitting
  target_fault: string | undefined
  onChange: (part: Partial<Draft>) => void
}) {
  const { t } = useWords()
  const { algorithms, algorithm, targets, target, times, time, groups, group } = fitting
  return (
    <div className="grid items-start gap-5 sm:grid-cols-2">
      <SelectField
        label={t('models.describe.task')}
        help={t(`models.taskSays.${draft.task}`)}
        value={draft.task}
        options={tasks.map((value) => ({ value, text: t(`models.task.${value}`) }))}
        onChange={(value) => onChange({ task: tasks.find((each) => each === value) ?? 'regression' })}
      />
      <SelectField
        label={t('models.algorithm')}
        help={algorithm ? t(`models.algorithmSays.${algorithm.name}`) : undefined}
        value={algorithm?.name ?? ''}
        options={algorithms.map(({ name }) => ({ value: name, text: t(`models.algorithmIs.${name}`) }))}
        onChange={(value) => onChange({ algorithm: algorithmNames.find((each) => each === value) ?? '' })}
      />
      {!needsNoTarget.has(draft.task) && (
        <SelectField
          label={t('models.target')}
          help={t('models.describe.targetHelp')}
          value={target?.name ?? ''}
          fault={target_fault}
          options={options(targets)}
          onChange={(value) => onChange({ target: value })}
        />
      )}
      {draft.task === 'ranking' && (
        <SelectField
          label={t('models.describe.group')}
          help={t('models.describe.groupHelp')}
          value={group?.name ?? ''}
          options={options(groups)}
          onChange={(value) => onChange({ group: value })}
        />
      )}
      {times.length > 0 && (
        <SelectField
          label={t('models.describe.time')}
          help={t('models.describe.timeHelp')}
          value={time?.name ?? '-'}
          options={[...options(times), { value: '-', text: t('models.describe.noTime') }]}
          onChange={(value) => onChange({ time: value })}
        />
      )}
      {groups.length > 0 && (
        <SelectField
          label={t('models.describe.fairness')}
          help={t('models.describe.fairnessHelp')}
          value={draft.fairness}
          options={[{ value: '', text: t('models.describe.noFairness') }, ...options(groups)]}
          onChange={(fairness) => onChange({ fairness })}
        />
      )}
    </div>
  )
}

/** Describes the model and trains its first version, whose log is shown next. */
function useSave(dataset: DatasetInFull, draft: Draft, fitting: Fitting) {
  const client = useQueryClient()
  const navigate = useNavigate()
  // What was described is not described twice when only its training did not begin.
  const described = useRef<string>(undefined)
  return useMutation({
    mutationFn: async () => {
      const { title, task, fairness, purpose, limits } = draft
      const { algorithm, target, time, group, features } = fitting
      const recipe = {
        algorithm: algorithm?.name ?? 'boosted-trees',
        dataset: dataset.name,
        features,
        ...(target ? { target: target.name } : {}),
        ...(time ? { time: time.name } : {}),
        ...(group ? { group: group.name } : {}),
        ...(fairness === '' ? {} : { fairness }),
      }
      const card = { purpose: purpose.trim(), limits: limits.trim() }
      described.current ??= (await call(create, { title: title.trim(), task, card, recipe })).model_id
      return call(retrain, { model_id: described.current })
    },
    onSuccess: async ({ model_id, run_id }) => {
      await client.invalidateQueries({ queryKey: ['models'] })
      await navigate({ to: paths.modelPart, params: { id: model_id, part: 'runs' }, search: { run: run_id } })
    },
  })
}
