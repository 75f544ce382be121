import { getAnalysis, listAnalyses } from '@tidemark/core/projects/analysis-contract.ts'
import { getProject, listDocuments, listPeriods, listProjects, showHistory } from '@tidemark/core/projects/contract.ts'
import { listDecisions, listQueue } from '@tidemark/core/projects/decision-contract.ts'
import { listEvidence } from '@tidemark/core/projects/evidence-contract.ts'
import { queryOptions } from '@tanstack/react-query'
import { call } from '../lib/api.ts'

/** While something is being worked out and nobody tells of it, the page asks so often. */
export const WORKING_INTERVAL_MS = 1_000
/** How often something that others work on too, a decision or a queue, is asked for again. */
const OTHERS_INTERVAL_MS = 20_000

export const projectsQuery = () =>
  queryOptions({
    queryKey: ['projects', 'list'],
    queryFn: ({ signal }) => call(listProjects, {}, signal),
    staleTime: 0,
  })

/** Everything about one project lies under one key, so that news of it make all of it be asked again. */
const of = (project_id: string, ...rest: string[]) => ['projects', 'one', project_id, ...rest] as const
export const projectKey = of

export const projectQuery = (project_id: string) =>
  queryOptions({
    queryKey: of(project_id, 'project'),
    queryFn: ({ signal }) => call(getProject, { project_id }, signal),
    refetchInterval: OTHERS_INTERVAL_MS,
    staleTime: 0,
  })

export const evidenceQuery = (project_id: string) =>
  queryOptions({
    queryKey: of(project_id, 'evidence'),
    queryFn: ({ signal }) => call(listEvidence, { project_id }, signal),
  })

export const isWorking = (state: string | undefined): boolean => state === 'queued' || state === 'running'

export const analysesQuery = (project_id: string) =>
  queryOptions({
    queryKey: of(project_id, 'analyses'),
    queryFn: ({ signal }) => call(listAnalyses, { project_id }, signal),
    refetchInterval: (query) =>
      query.state.data?.analyses.some(({ state }) => isWorking(state)) ? WORKING_INTERVAL_MS : OTHERS_INTERVAL_MS,
    staleTime: 0,
  })

export const analysisQuery = (project_id: string, analysis_id: string) =>
  queryOptions({
    queryKey: of(project_id, 'analysis', analysis_id),
    queryFn: ({ signal }) => call(getAnalysis, { analysis_id }, signal),
    refetchInterval: (query) => (isWorking(query.state.data?.state) ? WORKING_INTERVAL_MS : false),
  })

export const decisionsQuery = (project_id: string) =>
  queryOptions({
    queryKey: of(project_id, 'decisions'),
    queryFn: ({ signal }) => call(listDecisions, { project_id }, signal),
  })

export const historyQuery = (project_id: string) =>
  queryOptions({
    queryKey: of(project_id, 'history'),
    queryFn: ({ signal }) => call(showHistory, { project_id }, signal),
    staleTime: 0,
  })

export const periodsQuery = (project_id: string) =>
  queryOptions({
    queryKey: of(project_id, 'periods'),
    queryFn: ({ signal }) => call(listPeriods, { project_id }, signal),
  })

export const documentsQuery = (project_id: string) =>
  queryOptions({
    queryKey: of(project_id, 'documents'),
    queryFn: ({ signal }) => call(listDocuments, { project_id }, signal),
  })

export const queueQuery = () =>
  queryOptions({
    queryKey: ['projects', 'queue'],
    queryFn: ({ signal }) => call(listQueue, {}, signal),
    refetchInterval: OTHERS_INTERVAL_MS,
    staleTime: 0,
  })
