import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Factor } from '@tidemark/core/factors/contract.ts'
import { expandDataset } from '@tidemark/core/factors/dataset.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'

const folder = new URL('../../../data/factors/', import.meta.url)

export interface EmbeddedDataset {
  /** The folder's name: publisher and edition. */
  name: string
  /** SHA-256 of the file in hex: seed again only when it changes. */
  digest: string
  factors: Factor[]
}

function datasetNames(): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/factors.json`, folder)))
    .map((entry) => entry.name)
    .sort()
}

function readDataset(name: string): string {
  return readFileSync(new URL(`${name}/factors.json`, folder), 'utf8')
}

/** SHA-256 of every embedded dataset by name, without parsing any: cheap enough for each start. */
export function embeddedDigests(): Record<string, string> {
  return Object.fromEntries(datasetNames().map((name) => [name, digestOf(readDataset(name))]))
}

/**
 * Yields the datasets that come with Tidemark one after the other, each factor checked against the contract, so that
 * seeding holds one dataset in memory at a time. `only` leaves out the datasets whose digest has not changed.
 */
export function* embeddedDatasets(
  only: (name: string, digest: string) => boolean = () => true,
): Generator<EmbeddedDataset> {
  for (const name of datasetNames()) {
    const text = readDataset(name)
    const digest = digestOf(text)
    if (only(name, digest)) yield { name, digest, factors: expandDataset(JSON.parse(text)) }
  }
}

/** Every embedded factor. Ids are unique within an edition; where one id has two editions, the newer one comes last. */
export function loadEmbeddedFactors(): Factor[] {
  const factors = [...embeddedDatasets()].flatMap((dataset) => dataset.factors)
  invariant(factors.length > 0, 'The embedded factors are missing from data/factors.')
  return factors
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
