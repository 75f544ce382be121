/** The way in for other capabilities: the registry of models, and what keepers of models of readings do with it. */
export * from './registry.ts'
export {
  keptChampion,
  keptMetrics,
  keptStanding,
  keptTrainKinds,
  observeKept,
  retireKept,
  trainKept,
  wishKept,
  type KeptChampion,
  type KeptModel,
  type KeptRun,
  type KeptTrained,
} from './kept.ts'
