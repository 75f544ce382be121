/**
 * How the embedded factor files are laid out: what every factor of a dataset shares is said once, then one factor per
 * line. A file is expanded here and checked against the contract; core reads no files, so the caller brings the text
 * or the parsed value, in the server and in the browser alike.
 */
import { z } from 'zod'
import { Factor } from './contract.ts'

const Source = Factor.shape.source

/** What all the factors of one file share. Anything said here stands in each of them that does not say otherwise. */
export const DatasetHead = Factor.partial().extend({
  dataset: z.string(),
  publisher: z.string(),
  edition: z.string(),
  source: Source,
})
export type DatasetHead = z.infer<typeof DatasetHead>

export const DatasetFile = z.object({ common: DatasetHead, factors: z.array(z.record(z.string(), z.unknown())) })
export type DatasetFile = z.infer<typeof DatasetFile>

/**
 * Returns the factors of a dataset file, each complete and checked.
 * Throws a `ZodError` naming the first factor that breaks the contract: an embedded file is ours, so that is a bug.
 */
export function expandDataset(file: unknown): Factor[] {
  const { common, factors } = DatasetFile.parse(file)
  return factors.map((entry) => Factor.parse({ ...common, ...entry }))
}
