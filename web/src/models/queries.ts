import { algorithms, get, getRun, list, type Model, type Run } from '@tidemark/core/models/contract.ts'
import { listDatasets, showDataset, showRows, statistics } from '@tidemark/core/models/data-contract.ts'
import {
  drift,
  explain,
  listAlerts,
  listExperiments,
  listPredictions,
  performance,
} from '@tidemark/core/models/serving-contract.ts'
import { queryOptions } from '@tanstack/react-query'
import { call, isProblem, type AnswerOf } from '../lib/api.ts'

export type ModelInFull = AnswerOf<typeof get>
export type DatasetInFull = AnswerOf<typeof showDataset>
export type { Model, Run }

export const isUnderWay = ({ state }: Pick<Run, 'state'>): boolean => state === 'queued' || state === 'running'

export const modelsQuery = (retired: boolean) =>
  queryOptions({
    queryKey: ['models', 'list', retired],
    queryFn: ({ signal }) => call(list, { retired: retired ? 'true' : 'false' }, signal),
  })

/** Asked again while something is being trained, so that a new version appears by itself. */
export const modelQuery = (model_id: string) =>
  queryOptions({
    queryKey: ['models', 'one', model_id],
    queryFn: ({ signal }) => call(get, { model_id }, signal),
    refetchInterval: ({ state }) => (state.data?.last_runs.some(isUnderWay) ? 1500 : false),
  })

export const algorithmsQuery = () =>
  queryOptions({
    queryKey: ['models', 'algorithms'],
    queryFn: ({ signal }) => call(algorithms, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** A run with its log; asked again every second until it has ended. */
export const runQuery = (run_id: string) =>
  queryOptions({
    queryKey: ['models', 'run', run_id],
    queryFn: ({ signal }) => call(getRun, { run_id, limit: 5000 }, signal),
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data.run) ? 1000 : false),
  })

export const datasetsQuery = () =>
  queryOptions({
    queryKey: ['datasets', 'list'],
    queryFn: ({ signal }) => call(listDatasets, { limit: 200 }, signal),
  })

export const datasetQuery = (dataset: string) =>
  queryOptions({
    queryKey: ['datasets', 'one', dataset],
    queryFn: ({ signal }) => call(showDataset, { dataset }, signal),
  })

export const profileQuery = (dataset: string, version: number) =>
  queryOptions({
    queryKey: ['datasets', 'profile', dataset, version],
    queryFn: ({ signal }) => call(statistics, { dataset, version, bins: 24 }, signal),
    // A version never changes.
    staleTime: Number.POSITIVE_INFINITY,
  })

export const rowsQuery = (dataset: string, version: number, offset = 0, limit = 8) =>
  queryOptions({
    queryKey: ['datasets', 'rows', dataset, version, offset, limit],
    queryFn: ({ signal }) => call(showRows, { dataset, version, offset, limit }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Null where no version answers yet: that is no error here, but a state with a next step. */
async function unlessNoChampion<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (isProblem(error, 'models/no-champion')) return null
    throw error
  }
}

export const driftQuery = (model_id: string) =>
  queryOptions({
    queryKey: ['models', 'drift', model_id],
    queryFn: ({ signal }) => unlessNoChampion(call(drift, { model_id }, signal)),
  })

export const performanceQuery = (model_id: string) =>
  queryOptions({
    queryKey: ['models', 'performance', model_id],
    queryFn: ({ signal }) => unlessNoChampion(call(performance, { model_id }, signal)),
  })

export const predictionsQuery = (model_id: string) =>
  queryOptions({
    queryKey: ['models', 'predictions', model_id],
    queryFn: ({ signal }) => call(listPredictions, { model_id, limit: 200 }, signal),
  })

export const alertsQuery = (model_id: string) =>
  queryOptions({
    queryKey: ['models', 'alerts', model_id],
    queryFn: ({ signal }) => call(listAlerts, { model_id }, signal),
  })

export const experimentsQuery = (model_id: string) =>
  queryOptions({
    queryKey: ['models', 'experiments', model_id],
    queryFn: ({ signal }) => call(listExperiments, { model_id }, signal),
    refetchInterval: ({ state }) =>
      state.data?.experiments.some((each) => each.state === 'collecting') ? 5000 : false,
  })

/** How many rows a beeswarm shows: enough for a shape, few enough to draw. */
export const SWARM_ROWS = 300

export type Explanation = AnswerOf<typeof explain>['explanations'][number]
export type Cell = string | number | boolean | null

/** The last rows of the data that a version was trained on, each taken apart by that version. */
export const swarmQuery = (
  model_id: string,
  version: number,
  data: { dataset_id: string; dataset_version: number },
  inputs: readonly string[],
) =>
  queryOptions({
    queryKey: ['models', 'swarm', model_id, version],
    queryFn: async ({ signal }) => {
      const about = { dataset: data.dataset_id, version: data.dataset_version }
      const { row_count } = await call(showRows, { ...about, limit: 1 }, signal)
      const offset = Math.max(0, row_count - SWARM_ROWS)
      const table = await call(showRows, { ...about, offset, limit: SWARM_ROWS }, signal)
      const places = inputs.map((name) => table.columns.findIndex((column) => column.name === name))
      const rows = table.rows.map((row): Record<string, Cell> =>
        Object.fromEntries(inputs.map((name, index) => [name, row[places[index] ?? -1] ?? null])),
      )
      const { explanations } = await call(explain, { model_id, version, rows }, signal)
      return { rows, explanations }
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
