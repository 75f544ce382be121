import * as contract from '@tidemark/core/models/data-contract.ts'
import { bind, bindFile, type Binding } from '../platform/capability.ts'
import { featuresBy, statistics, validate, type FindModel } from './datasets-look.ts'
import * as service from './datasets-service.ts'

/** The routes of data sets. @param findModel hands in a trained model for the importance of features. */
export function datasetBindings({ findModel }: { findModel: FindModel }): Binding[] {
  return [
    bind(contract.ingest, service.ingest),
    bindFile(contract.ingestFile, service.ingestFile),
    bind(contract.validate, validate),
    bind(contract.statistics, statistics),
    bind(contract.features, featuresBy(findModel)),
    bind(contract.listDatasets, service.list),
    bind(contract.showDataset, service.show),
    bind(contract.showRows, service.showRows),
  ]
}

export const datasetProblems = contract.dataProblems
