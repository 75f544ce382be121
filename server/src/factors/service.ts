import { buffer } from 'node:stream/consumers'
import { activities, findActivity } from '@tidemark/core/factors/activities.ts'
import {
  refKey,
  type addCustom as addCustomRoute,
  type Factor,
  type FactorRef,
  type importFile as importRoute,
  type ImportReport,
  type listActivities as activitiesRoute,
  type listEditions as editionsRoute,
  type listUnits as unitsRoute,
  type show as showRoute,
} from '@tidemark/core/factors/contract.ts'
import { customFactor } from '@tidemark/core/factors/import/custom.ts'
import { compareEditions } from '@tidemark/core/factors/import/sniff.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem, shown as shortened } from '@tidemark/core/lib/problem.ts'
import { currencies, units } from '@tidemark/core/lib/units.ts'
import type { FileInput } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { importBytes, keepCustom } from './import.ts'
import { sha256 } from './rows.ts'
import { shown, todayOf } from './shown.ts'
import * as store from './store.ts'

export { emissionFactors } from './by-region.ts'
export { importBytes } from './import.ts'
export { searchFactors as search } from './search.ts'
export { refKey } from '@tidemark/core/factors/contract.ts'

/** The factor of that id in that edition, or in the current one; undefined when there is none. */
export async function findFactor(ctx: Context, ref: FactorRef): Promise<Factor | undefined> {
  return (await findFactors(ctx, [ref])).get(refKey(ref))
}

/** The factors of these references by `refKey`, in one query. A reference that means nothing is not in the map. */
export async function findFactors(ctx: Context, refs: readonly FactorRef[]): Promise<Map<string, Factor>> {
  if (refs.length === 0) return new Map()
  const asked = refs.map(({ id, edition }) => ({
    id: withoutNul(id),
    edition: edition === undefined ? undefined : withoutNul(edition),
  }))
  const rows = await store.findFactors(ctx.db, asked)
  return new Map(
    rows.map(({ factor, asked_edition }) => [refKey({ id: factor.id, edition: asked_edition ?? undefined }), factor]),
  )
}

/** Valid factors of every edition that serve the activity. */
export async function candidatesFor(ctx: Context, activity: string): Promise<Factor[]> {
  return factorsOfActivities(ctx, [activity])
}

/**
 * What each activity can be served by, as long as the catalogue stands as it stood: an inventory asks for some two
 * thousand factors, and reading them costs ten times what calculating does. The state is asked anew each time, so
 * another process that imports an edition is noticed at once.
 */
const served: { state: string; by_activity: Map<string, Factor[]> } = { state: '', by_activity: new Map() }

/** The same for several activities, in one query at most. */
export async function factorsOfActivities(ctx: Context, keys: readonly string[]): Promise<Factor[]> {
  const known = [...new Set(keys)].filter((key) => findActivity(key))
  if (known.length === 0) return []
  const state = await store.catalogueState(ctx.db)
  if (served.state !== state) {
    served.state = state
    served.by_activity = new Map()
  }
  const { by_activity } = served
  const missing = known.filter((key) => !by_activity.has(key))
  if (missing.length > 0) {
    const found = await store.factorsOfActivities(ctx.db, missing)
    for (const key of missing)
      by_activity.set(
        key,
        found.filter(({ activity }) => activity === key),
      )
  }
  return known.flatMap((key) => by_activity.get(key) ?? [])
}

/** @throws Problem `factors/unknown-factor`, naming the editions that do have the id. */
export async function show(
  ctx: Context,
  { id, edition }: InputOf<typeof showRoute>,
): Promise<OutputOf<typeof showRoute>> {
  const [found] = await store.findFactors(ctx.db, [{ id: withoutNul(id), edition }])
  const editions = (await store.editionsWith(ctx.db, withoutNul(id))).sort(compareEditions).reverse()
  if (found) return { ...shown(found.factor, found.is_current, todayOf(ctx)), editions }
  const where = editions.length === 0 ? 'No edition has it.' : `It is in ${editions.join(', ')}: say which edition.`
  throw new Problem('factors/unknown-factor', {
    detail: `There is no factor "${String(shortened(id))}"${edition === undefined ? ' in the current edition' : ` in edition ${edition}`}. ${where}`,
    id: shortened(id),
    edition,
    editions,
  })
}

export async function listEditions(ctx: Context): Promise<OutputOf<typeof editionsRoute>> {
  const editions = await store.listEditions(ctx.db)
  return { editions: editions.map((edition) => ({ ...edition, imported_at: edition.imported_at.toISOString() })) }
}

export async function importFile(ctx: Context, input: InputOf<typeof importRoute> & FileInput): Promise<ImportReport> {
  const { file, filename, edition } = input
  return importBytes(ctx, await buffer(file), { filename, edition })
}

export async function addCustom(
  ctx: Context,
  input: InputOf<typeof addCustomRoute>,
): Promise<OutputOf<typeof addCustomRoute>> {
  const factor = customFactor(input, sha256)
  await keepCustom(ctx, factor)
  return shown(factor, true, todayOf(ctx))
}

/** How many factors each organisation keeps for itself, for plans. Of every organisation, so it asks as the system. */
export async function countOwn(ctx: Context, organisation_id?: string): Promise<Map<string, number>> {
  return store.countOwn(ctx.system_db, organisation_id)
}

export async function listUnits(_ctx: Context): Promise<OutputOf<typeof unitsRoute>> {
  return { units: units.map((unit) => ({ ...unit })), currencies: [...currencies] }
}

export async function listActivities(_ctx: Context): Promise<OutputOf<typeof activitiesRoute>> {
  return {
    activities: activities.map((activity) => ({
      ...activity,
      dimensions: [...activity.dimensions],
      companions: [...activity.companions],
      synonyms: [...activity.synonyms],
      attributes: Object.fromEntries(
        Object.entries(activity.attributes).map(([name, { values, ...attribute }]) => [
          name,
          { ...attribute, ...(values ? { values: [...values] } : {}) },
        ]),
      ),
    })),
  }
}

/** PostgreSQL keeps no NUL in a text, so no id holds one: such an id is simply not there. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '\uFFFD')
}
