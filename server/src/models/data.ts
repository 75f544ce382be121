import type { Frame } from '@tidemark/core/models/frame.ts'
import type { Context } from '../platform/context.ts'

/** One version of a data set, by the digest of its contents. */
export interface DataVersion {
  dataset_id: string
  dataset_version: number
  data_sha256: string
}

/** Where training data come from. */
export interface TrainingSource {
  /** The version of a data set, named by its id or name, that is meant, the newest unless one is named; undefined when there is none. */
  find(ctx: Context, dataset: string, version?: number): Promise<DataVersion | undefined>
  /** Its rows, whose digest was checked. */
  read(ctx: Context, version: DataVersion): Promise<Frame>
}
