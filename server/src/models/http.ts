import * as contract from '@tidemark/core/models/contract.ts'
import * as inference from '@tidemark/core/models/inference-contract.ts'
import * as mlflow from '@tidemark/core/models/mlflow-contract.ts'
import * as serving from '@tidemark/core/models/serving-contract.ts'
import { bind, bindFile, RawReply, type Binding, type Capability } from '../platform/capability.ts'
import type { TrainingSource } from './data.ts'
import { datasetBindings, datasetProblems } from './datasets-http.ts'
import { findTrainedModel } from './datasets-model.ts'
import { trainingSource } from './datasets-service.ts'
import * as experiments from './experiments.ts'
import { jobs } from './jobs.ts'
import * as tensors from './inference.ts'
import * as registry from './mlflow.ts'
import { measureModels } from './measures.ts'
import * as monitoring from './monitoring.ts'
import { personalData } from './personal.ts'
import * as runs from './runs.ts'
import { runtimeOf } from './runtime.ts'
import * as service from './service.ts'
import * as answers from './serving.ts'
import { uploadOnnx } from './uploads.ts'

const inferenceBindings: readonly Binding[] = [
  bind(inference.server, tensors.server),
  bind(inference.live, async () => ({ live: true as const })),
  bind(inference.ready, tensors.ready),
  bind(inference.metadata, tensors.metadata),
  bind(inference.versionMetadata, tensors.metadata),
  bind(inference.modelReady, tensors.modelReady),
  bind(inference.versionReady, tensors.modelReady),
  bind(inference.infer, tensors.infer),
  bind(inference.inferVersion, tensors.infer),
]

const mlflowBindings: readonly Binding[] = [
  bind(mlflow.createRegistered, registry.createRegistered),
  bind(mlflow.getRegistered, registry.getRegistered),
  bind(mlflow.searchRegistered, registry.searchRegistered),
  bind(mlflow.updateRegistered, registry.updateRegistered),
  bind(mlflow.deleteRegistered, registry.deleteRegistered),
  bind(mlflow.latestVersions, registry.latestVersions),
  bind(mlflow.setAlias, registry.setAlias),
  bind(mlflow.getByAlias, registry.getByAlias),
  bind(mlflow.deleteAlias, registry.deleteAlias),
  bind(mlflow.getVersion, registry.getVersion),
  bind(mlflow.searchVersions, registry.searchVersions),
  bind(mlflow.downloadUri, registry.downloadUri),
]

/** @param source where training data come from: the data sets kept here, unless given. */
export function createModels({ source = trainingSource }: { source?: TrainingSource } = {}): Capability {
  return {
    name: 'models',
    problems: { ...contract.problems, ...datasetProblems },
    bindings: [
      bind(contract.algorithms, async () => service.algorithms()),
      bind(contract.list, service.list),
      bind(contract.create, service.create),
      bind(contract.get, service.get),
      bind(contract.update, service.update),
      bind(contract.editCard, service.editCard),
      bind(contract.cardHistory, service.cardHistory),
      bind(contract.retrain, runs.retrain),
      bind(contract.listRuns, service.listRuns),
      bind(contract.getRun, runs.getRun),
      bind(contract.cancelRun, runs.cancelRun),
      bind(contract.reproduceRun, runs.reproduceRun),
      bind(contract.listVersions, service.listVersions),
      bind(contract.getVersion, service.getVersion),
      bind(contract.fetchArtifact, async (ctx, input) => {
        const { body, filename } = await service.fetchArtifact(ctx, input)
        const headers = { 'content-disposition': `attachment; filename="${filename}"` }
        return new RawReply({ body, media_type: 'application/octet-stream', headers })
      }),
      bind(contract.exportVersion, async (ctx, input) => {
        const { body, filename } = await registry.exportVersion(ctx, input)
        const headers = { 'content-disposition': `attachment; filename="${filename}"` }
        return new RawReply({ body, media_type: 'application/x-tar', headers })
      }),
      bindFile(contract.uploadOnnx, uploadOnnx),
      bind(contract.promote, service.promote),
      bind(contract.rollback, service.rollback),
      bind(contract.championAt, service.championAt),
      bind(contract.history, service.history),
      bind(contract.setAlias, service.setAlias),
      bind(contract.removeAlias, service.removeAlias),
      bind(contract.retireVersion, service.retireVersion),
      bind(contract.retire, service.retire),
      bind(contract.remove, service.remove),
      bind(serving.predict, answers.predict),
      bind(serving.explain, answers.explain),
      bind(serving.reportOutcome, answers.reportOutcome),
      bind(serving.reportOutcomes, answers.reportOutcomes),
      bind(serving.listPredictions, answers.listPredictions),
      bind(serving.replayPrediction, answers.replayPrediction),
      bind(serving.performance, monitoring.performance),
      bind(serving.drift, monitoring.drift),
      bind(serving.listAlerts, monitoring.listAlerts),
      bind(serving.acknowledgeAlert, monitoring.acknowledgeAlert),
      bind(serving.checkNow, monitoring.checkNow),
      bind(serving.startExperiment, experiments.startExperiment),
      bind(serving.listExperiments, experiments.listExperiments),
      bind(serving.getExperiment, experiments.getExperiment),
      bind(serving.stopExperiment, experiments.stopExperiment),
      ...inferenceBindings,
      ...mlflowBindings,
      ...datasetBindings({ findModel: findTrainedModel }),
    ],
    jobs,
    measures: measureModels,
    personal_data: personalData,
    stop: async (ctx) => runtimeOf(ctx).stop(ctx),
    seed: async (ctx) => {
      runtimeOf(ctx).source = source
      // The embedded database has one process at a time: what runs at its start was left by one that is gone.
      if (ctx.db.kind === 'embedded') await runs.markAllOrphans(ctx)
      else await runs.markOrphans(ctx)
    },
  }
}
