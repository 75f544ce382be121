import type { Factor, ImportReport } from '@tidemark/core/factors/contract.ts'
import { CUSTOM_DATASET } from '@tidemark/core/factors/import/custom.ts'
import { compareEditions } from '@tidemark/core/factors/import/sniff.ts'
import { emptyCounts } from '@tidemark/core/factors/import/report.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import type { Database } from '../platform/database/database.ts'
import { NOBODY, organisationOf, scopeOf } from '../platform/tenancy.ts'
import { emit } from '../webhooks/service.ts'
import { readFactorFile, type ReadFile, type ReadOptions } from './read-file.ts'
import { rowOf, sha256 } from './rows.ts'
import * as store from './store.ts'

/** One statement carries this many factors: large enough to be fast, small enough to leave the event loop free. */
const BATCH = 500
const EXAMPLES = 10

/**
 * Reads a file and keeps what it holds, all of it or nothing. The file is read and checked before the transaction
 * begins: on the embedded database a transaction holds the only connection, and a slow sender must not.
 * @throws Problem when the file cannot be read, or contradicts what is there.
 */
export async function importBytes(ctx: Context, bytes: Uint8Array, options: ReadOptions = {}): Promise<ImportReport> {
  const digest = sha256(bytes)
  const before = await store.findEditionByDigest(ctx.db, digest)
  if (before) return unchangedReport(before, digest)
  const read = await readFactorFile(bytes, options)
  const owner = read.dataset === CUSTOM_DATASET ? organisationOf(ctx) : null
  const db = owner === null ? everybodys(ctx) : ctx.db
  return db.transaction(async (tx) => {
    await store.lockImports(tx)
    const stored = await keep(tx, read, { digest, now: ctx.now() }, owner)
    const { dataset, edition } = read
    // The edition of an organisation's own table may hold a name, and the log keeps what it is told for ever.
    const id = owner === null ? `${dataset} ${edition}` : CUSTOM_DATASET
    await announce({ ...ctx, db: tx }, 'factors.imported', id, digest, stored.added)
    return report(tx, read, digest, stored, owner)
  })
}

/**
 * What a publisher's file brings, every organisation calculates with. So one organisation's editor cannot bring it in, nor
 * correct it to taste, once there are several.
 */
function everybodys({ actor, system_db }: Context): Database {
  if (actor.kind === 'key' || (actor.kind === 'person' && !actor.instance_admin)) {
    throw new Problem('factors/instance-admin-only', {
      detail:
        'Every organisation here calculates with the editions of publishers, so an administrator of the instance imports them. Factors of your own can be imported as a table with name, value, unit and source.',
    })
  }
  return system_db
}

async function keep(
  tx: Database,
  read: ReadFile,
  file: { digest: string; now: Date },
  owner: store.Owner,
): Promise<ImportReport['stored']> {
  const there = await store.contentsOf(tx, read.dataset, read.edition, owner)
  const factors = inherit(read.factors, await store.curatedOf(tx, read.dataset))
  const stored = compareWithStored(read, factors, there)
  const counts = { ...read.counts, dialect: read.dialect }
  await store.saveEdition(tx, { ...read, imported_at: file.now, digest: file.digest, counts }, owner)
  await insertAll(tx, factors, { there: new Set(there.map(({ id }) => id)), embedded_in: null, owner })
  await chooseCurrent(tx, read.dataset, owner)
  if (stored.added > 0 && owner === null) await store.settle(tx)
  return stored
}

/**
 * Rows keep their ids over editions, so what the program knows of a row (which activity it serves) holds for its new
 * edition too, as long as it is counted in the same unit.
 */
function inherit(factors: readonly Factor[], curated: readonly store.Curated[]): Factor[] {
  const known = new Map(curated.map((row) => [row.id, row]))
  return factors.map((factor) => {
    const row = known.get(factor.id)
    if (!row || row.unit !== factor.unit || factor.status !== 'valid') return factor
    return {
      ...factor,
      activity: row.activity,
      ...(row.attributes ? { attributes: { ...factor.attributes, ...row.attributes } } : {}),
    }
  })
}

/** @throws Problem `factors/edition-differs` when a row that is there, and did not come with the program, says otherwise. */
function compareWithStored(
  read: ReadFile,
  factors: readonly Factor[],
  there: readonly store.StoredContent[],
): ImportReport['stored'] {
  const before = new Map(there.map((row) => [row.id, row]))
  const stored: ImportReport['stored'] = { added: 0, already_there: 0, embedded_kept: 0, embedded_that_differ: [] }
  const contradictions: string[] = []
  for (const factor of factors) {
    const old = before.get(factor.id)
    if (!old) stored.added += 1
    else if (old.embedded_in !== null) {
      stored.embedded_kept += 1
      if (old.total_kg_co2e !== factor.total_kg_co2e && stored.embedded_that_differ.length < EXAMPLES) {
        stored.embedded_that_differ.push(`${factor.id}: ${old.total_kg_co2e} here, ${factor.total_kg_co2e} in the file`)
      }
    } else if (old.content === rowOf(factor, null).row.content) stored.already_there += 1
    else contradictions.push(factor.id)
  }
  if (contradictions.length > 0) {
    throw new Problem('factors/edition-differs', {
      detail: `${contradictions.length} factors of ${read.dataset} ${read.edition} are here with other content, ${contradictions.slice(0, 3).join(', ')} among them. A factor of an edition never changes: import the file under another edition. Nothing was changed.`,
      dataset: read.dataset,
      edition: read.edition,
      factors: contradictions.slice(0, EXAMPLES),
      count: contradictions.length,
    })
  }
  return stored
}

/** Inserts those that are not there, with the words they are found by. */
export async function insertAll(
  tx: Database,
  factors: readonly Factor[],
  { there, embedded_in, owner }: { there: ReadonlySet<string>; embedded_in: string | null; owner: store.Owner },
): Promise<void> {
  const words = new Set<string>()
  const missing = factors.filter(({ id }) => !there.has(id))
  for (let at = 0; at < missing.length; at += BATCH) {
    const made = missing.slice(at, at + BATCH).map((factor) => rowOf(factor, embedded_in))
    for (const each of made) for (const word of each.words) words.add(word)
    await store.insertFactors(
      tx,
      made.map(({ row }) => row),
      owner,
    )
  }
  if (words.size > 0) await store.insertWords(tx, [...words], owner)
}

/** The newest edition is current, whatever the order in which they came. */
export async function chooseCurrent(tx: Database, dataset: string, owner: store.Owner): Promise<void> {
  const editions = await store.editionsOf(tx, dataset, owner)
  const newest = editions
    .map(({ edition }) => edition)
    .sort(compareEditions)
    .at(-1)
  if (newest !== undefined) await store.setCurrent(tx, dataset, newest, owner)
}

async function report(
  tx: Database,
  read: ReadFile,
  digest: string,
  stored: ImportReport['stored'],
  owner: store.Owner,
): Promise<ImportReport> {
  const { dataset, edition, publisher, dialect, counts } = read
  const current = (await store.editionsOf(tx, dataset, owner)).find((row) => row.is_current)
  return {
    dataset,
    edition,
    publisher,
    digest,
    dialect,
    counts,
    stored,
    changed: stored.added > 0,
    is_current: current?.edition === edition,
  }
}

/** What is said of a file that is here already: what reading it came to then, and that nothing was done now. */
function unchangedReport(before: store.EditionRow, digest: string): ImportReport {
  const { dialect, ...counts } = before.counts as unknown as ImportReport['counts'] & Pick<ImportReport, 'dialect'>
  const { dataset, edition, publisher, is_current } = before
  return {
    dataset,
    edition,
    publisher,
    is_current,
    changed: false,
    digest,
    dialect: dialect ?? { kind: dataset },
    counts: { ...emptyCounts(), ...counts },
    stored: { added: 0, already_there: counts.factors ?? 0, embedded_kept: 0, embedded_that_differ: [] },
  }
}

/** Keeps one factor of an organisation's own; the same one again changes nothing. */
export async function keepCustom(ctx: Context, factor: Factor): Promise<void> {
  const owner = organisationOf(ctx)
  const { edition, publisher } = factor
  await ctx.db.transaction(async (tx) => {
    await store.lockImports(tx)
    await store.saveEdition(tx, { dataset: CUSTOM_DATASET, edition, publisher, imported_at: ctx.now() }, owner)
    await insertAll(tx, [factor], { there: new Set(), embedded_in: null, owner })
    await chooseCurrent(tx, CUSTOM_DATASET, owner)
    await announce({ ...ctx, db: tx }, 'factors.custom_added', CUSTOM_DATASET, factor.id, 1)
  })
}

/** The log is written last: its end is locked until the transaction is over. */
async function announce(
  ctx: Context,
  action: 'factors.imported' | 'factors.custom_added',
  id: string,
  content: string,
  added: number,
): Promise<void> {
  // An administrator of the installation, or the system itself, may act in no organisation.
  const scope = scopeOf(ctx.actor)
  const organisation_id = scope === NOBODY ? undefined : scope
  if (action === 'factors.imported' && organisation_id !== undefined)
    await emit(ctx, action, { edition: id, added }, organisation_id)
  await record(ctx, { action, resource: { type: 'factors', id }, after: content, organisation_id })
}
