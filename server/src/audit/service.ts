import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import type { AuditAction, AuditResult } from '@tidemark/core/audit/actions.ts'
import {
  chainedFields,
  chainStart,
  endFaults,
  eventHash,
  ipPrefixOf,
  walkChain,
  type ChainFault,
  type ChainPosition,
} from '@tidemark/core/audit/chain.ts'
import {
  FAULTS_MAX,
  type AuditEvent,
  type AuditFilters,
  type ChainReport,
  type exportEvents as exportRoute,
  type list as listRoute,
} from '@tidemark/core/audit/contract.ts'
import { csvLine } from '@tidemark/core/audit/export.ts'
import { canonicalize } from '@tidemark/core/certificates/canonical.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import type { Actor, Context } from '../platform/context.ts'
import type { Database } from '../platform/database/database.ts'
import { newId } from '../platform/ids.ts'
import { scopeOf } from '../platform/tenancy.ts'
import * as store from './store.ts'

/** What happened. Contents are never written down: of a state before and after only a keyed digest is kept. */
export interface Happening {
  action: AuditAction
  resource?: { type: string; id: string }
  /** The resource as it was, as any JSON value; left out when there was none. */
  before?: unknown
  after?: unknown
  /** `done` unless said. */
  result?: AuditResult
  /** Who did it, where the context does not know yet: at a sign-in, the person who is being signed in. */
  actor?: Actor
  /** In which organisation, where it is not the actor's. */
  organisation_id?: string
}

/**
 * Adds to the log in the transaction of `ctx.db`: what happened and its record are there together or not at all. The end
 * of the chain stays locked until that transaction ends, so this is the last thing that a transaction does.
 */
export async function record(ctx: Context, happening: Happening): Promise<void> {
  const { action, resource, result = 'done' } = happening
  const actor = happening.actor ?? ctx.actor
  const at = ctx.now()
  await ctx.db.transaction(async (tx) => {
    const actor_ref = await refOfActor(tx, actor)
    const resource_id = resource && (await shownId(tx, resource))
    const head = await store.lockHead(tx)
    const event = {
      seq: head.seq + 1,
      event_id: newId('aud', at),
      at: at.toISOString(),
      actor_kind: actor.kind,
      actor_ref,
      organisation_id: happening.organisation_id ?? organisationIn(actor),
      action,
      resource_type: resource?.type ?? null,
      resource_id: resource_id ?? null,
      result,
      ip_prefix: ipPrefixOf(ctx.client?.address),
      request_id: ctx.request_id,
      before_digest: digestOf(ctx, happening.before),
      after_digest: digestOf(ctx, happening.after),
      prev_hash: head.hash,
    }
    await store.insertEvent(tx, { ...event, hash: eventHash(event) })
  })
}

function organisationIn(actor: Actor): string | null {
  return actor.kind === 'person' || actor.kind === 'key' ? (actor.organisation_id ?? null) : null
}

async function refOfActor(tx: Database, actor: Actor): Promise<string | null> {
  if (actor.kind === 'person') return store.refOf(tx, 'person', actor.person_id, freshRef())
  if (actor.kind === 'key') return store.refOf(tx, 'key', actor.key_id, freshRef())
  return null
}

/**
 * Whoever acts, by the pseudonym that stands in the log: what other tables may keep for ever, since the name behind it can
 * be forgotten. `system` and `visitor` are what they are.
 */
export async function nameOfActor({ db, actor }: Pick<Context, 'db' | 'actor'>): Promise<string> {
  return (await refOfActor(db, actor)) ?? (actor.kind === 'system' ? 'system' : 'visitor')
}

/** Whoever acts, and behind a key whoever made it: nobody judges with one hand what the other one did. */
export async function namesBehind(ctx: Pick<Context, 'db' | 'actor'>): Promise<string[]> {
  const { db, actor } = ctx
  const own = await nameOfActor(ctx)
  if (actor.kind !== 'key' || actor.made_by === undefined) return [own]
  return [own, await store.refOf(db, 'person', actor.made_by, freshRef())]
}

/** A person is a person also as what something was done to: the chain holds the pseudonym. */
async function shownId(tx: Database, { type, id }: { type: string; id: string }): Promise<string> {
  return type === 'person' ? store.refOf(tx, 'person', id, freshRef()) : id
}

function freshRef(): string {
  return `act_${randomBytes(16).toString('base64url')}`
}

/** Keyed, because a state has few possible values and a plain digest could be guessed back to them. */
function digestOf({ keyring }: Context, value: unknown): string | null {
  return value === undefined ? null : keyring.pseudonymOf('audit.digest', canonicalize(value))
}

/** Events of the caller's organisation. */
export async function list(ctx: Context, input: InputOf<typeof listRoute>): Promise<OutputOf<typeof listRoute>> {
  return page(ctx.db, { ...input, organisation_id: scopeOf(ctx.actor) })
}

/** Events of every organisation: for the administrators of the installation, who are let in by another door. */
export async function listEverywhere(
  ctx: Context,
  input: InputOf<typeof listRoute> & { organisation_id?: string },
): Promise<OutputOf<typeof listRoute>> {
  return page(ctx.system_db, input)
}

async function page(
  db: Database,
  input: AuditFilters & { organisation_id?: string; before?: number; limit: number },
): Promise<{ events: AuditEvent[]; next: number | null }> {
  const found = await store.listEvents(db, { ...input, limit: input.limit + 1 })
  const events = found.slice(0, input.limit) as AuditEvent[]
  return { events, next: found.length > events.length ? (events.at(-1)?.seq ?? null) : null }
}

const EXPORT_PAGE = 500
/** An export of one's own data holds this many events at most; the file of the log holds all. */
const EXPORTED_MAX = 100_000

/** The events of the caller's organisation as lines, newest first, read page by page while they are sent. */
export async function exportEvents(
  ctx: Context,
  { format, ...filters }: InputOf<typeof exportRoute>,
): Promise<{ body: Readable; media_type: string; filename: string }> {
  await record(ctx, { action: 'audit.exported', resource: { type: 'audit', id: format } })
  const day = ctx.now().toISOString().slice(0, 10)
  return {
    body: Readable.from(lines(ctx, filters, format)),
    media_type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
    filename: `tidemark-audit-${day}.${format}`,
  }
}

const exportedFields = [...chainedFields, 'hash', 'actor_id', 'actor_name'] as const

async function* lines(ctx: Context, filters: AuditFilters, format: 'csv' | 'ndjson'): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(exportedFields)
  let before: number | undefined
  for (;;) {
    const { events, next } = await page(ctx.db, {
      ...filters,
      organisation_id: scopeOf(ctx.actor),
      before,
      limit: EXPORT_PAGE,
    })
    // A page at a time: each chunk costs the way out milliseconds, however short it is.
    yield events.map((event) => lineOf(event, format)).join('')
    if (next === null) return
    before = next
  }
}

function lineOf(event: AuditEvent, format: 'csv' | 'ndjson'): string {
  if (format === 'csv') return csvLine(exportedFields.map((name) => event[name]))
  return `${JSON.stringify(Object.fromEntries(exportedFields.map((name) => [name, event[name]])))}\n`
}

/** Where the chain ends now. */
export async function head(ctx: Context): Promise<ChainPosition> {
  return store.readHead(ctx.system_db)
}

const VERIFY_BATCH = 1_000

/**
 * Computes the whole chain again, of every organisation: it is one chain, and only hashes and numbers leave here.
 * @param known an end of the chain that was noted before: a log that is shorter now was cut.
 */
export async function verifyChain(ctx: Context, known?: ChainPosition): Promise<ChainReport> {
  const db = ctx.system_db
  // First the end, then the walk: what is added meanwhile lies beyond it.
  const head = await store.readHead(db)
  const faults: ChainFault[] = []
  let position = chainStart
  let checked = 0
  for (;;) {
    const events = (await store.eventsAfter(db, position.seq, VERIFY_BATCH)).filter(({ seq }) => seq <= head.seq)
    if (events.length === 0) break
    const walked = walkChain(events, position)
    faults.push(...walked.faults)
    position = walked.position
    checked += events.length
    if (known && events.some(({ seq, hash }) => seq === known.seq && hash !== known.hash))
      faults.push({ kind: 'altered', seq: known.seq })
  }
  faults.push(...endFaults(position, head))
  if (known && known.seq > head.seq) faults.push({ kind: 'cut_off', seq: head.seq })
  return { intact: faults.length === 0, checked, head, faults: faults.slice(0, FAULTS_MAX) }
}

/** Notes the name that the log shows for somebody; call it when they get one or change it. */
export async function nameActor(ctx: Context, kind: 'person' | 'key', id: string, name: string): Promise<void> {
  await ctx.system_db.transaction(async (tx) => {
    await store.refOf(tx, kind, id, freshRef())
    await store.nameActor(tx, kind, id, name)
  })
}

/** Forgets whom a pseudonym stood for. The chain stays as it is. */
export async function eraseActor(ctx: Context, kind: 'person' | 'key', id: string): Promise<boolean> {
  return store.eraseActor(ctx.db, kind, id)
}

/** The same for every key of an organisation. */
export async function eraseKeysOf(ctx: Context, organisation_id: string): Promise<number> {
  return store.eraseKeysOf(ctx.db, organisation_id)
}

/** Every event of an organisation, for its export. */
export async function eventsIn(ctx: Context, organisation_id: string): Promise<AuditEvent[]> {
  const { events } = await page(ctx.db, { organisation_id, limit: EXPORTED_MAX })
  return events
}

/** Everything that the log holds about somebody, for their own export. */
export async function eventsOf(ctx: Context, kind: 'person' | 'key', id: string): Promise<AuditEvent[]> {
  const actor = await store.findActor(ctx.db, kind, id)
  if (!actor) return []
  const { events } = await page(ctx.db, { actor: actor.actor_ref, limit: EXPORTED_MAX })
  return events
}
