import type { Context } from '../platform/context.ts'
import type { Database } from '../platform/database/database.ts'
import { embeddedDatasets, embeddedDigests, type EmbeddedDataset } from './embedded.ts'
import { chooseCurrent, insertAll } from './import.ts'
import * as store from './store.ts'

/** Puts in the factors that come with the program. A start that finds them unchanged reads one small table and ends. */
export async function seedFactors(ctx: Context): Promise<void> {
  const known = await store.embeddedDigests(ctx.db)
  const isNew = (name: string, digest: string): boolean => known.get(name) !== digest
  if (!Object.entries(embeddedDigests()).some(([name, digest]) => isNew(name, digest))) return
  await ctx.db.transaction(async (tx) => {
    await store.lockImports(tx)
    // Another process may have been seeding while this one waited.
    const now_known = await store.embeddedDigests(tx)
    const datasets = new Set<string>()
    for (const embedded of embeddedDatasets((name, digest) => now_known.get(name) !== digest)) {
      for (const dataset of await seedOne(tx, embedded, ctx.now())) datasets.add(dataset)
    }
    for (const dataset of datasets) await chooseCurrent(tx, dataset, null)
    await store.settle(tx)
  })
}

/** A new release may correct what it brings, so its rows are replaced; those of files and persons stay. */
async function seedOne(tx: Database, embedded: EmbeddedDataset, now: Date): Promise<Set<string>> {
  await store.deleteEmbedded(tx, embedded.name)
  const byEdition = Map.groupBy(embedded.factors, ({ dataset, edition }) => `${dataset} ${edition}`)
  const datasets = new Set<string>()
  for (const factors of byEdition.values()) {
    const [first] = factors
    if (!first) continue
    const { dataset, edition, publisher } = first
    await store.saveEdition(tx, { dataset, edition, publisher, imported_at: now }, null)
    await store.deleteByIds(
      tx,
      edition,
      factors.map(({ id }) => id),
    )
    await insertAll(tx, factors, { there: new Set(), embedded_in: embedded.name, owner: null })
    datasets.add(dataset)
  }
  await store.saveEmbeddedDigest(tx, embedded.name, embedded.digest)
  return datasets
}
