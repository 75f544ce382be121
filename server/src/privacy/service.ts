import { gunzip, gzip } from 'node:zlib'
import { promisify } from 'node:util'
import { renderMail } from '@tidemark/core/accounts/mails.ts'
import { may, type Role } from '@tidemark/core/accounts/permissions.ts'
import { digestOf } from '@tidemark/core/certificates/canonical.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import {
  defaultRetention,
  EXPORT_HOURS,
  GRACE_DAYS,
  type DataExport,
  type Deletion,
  type ExportDocument,
  type Retention,
} from '@tidemark/core/privacy/contract.ts'
import { z } from 'zod'
import { record } from '../audit/service.ts'
import type { Context, Person } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { enqueue, jobKind } from '../platform/jobs.ts'
import { sendMail } from '../platform/mail.ts'
import type { DataSubject, Erased, KeptData, PersonalData } from '../platform/personal-data.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { emit } from '../webhooks/service.ts'
import * as store from './store.ts'
import { addTombstones, readTombstones } from './tombstones.ts'

/** What accounts and the other capabilities hand in: they know what they keep, privacy knows when it goes. */
export interface PrivacySources {
  /** In the order of erasure: those that hang on others first, accounts last. */
  holders: readonly PersonalData[]
  /** Refuses unless the caller confirmed lately that it is them: Problem `accounts/step-up-needed`. */
  requireStepUp: (ctx: Context) => Promise<void>
  /** Refuses what must not be deleted, such as the demonstration or the last owner of something. */
  refuseDeletion: (ctx: Context, subject: DataSubject) => Promise<void>
  contactsOf: (ctx: Context, subject: DataSubject) => Promise<{ email: string; name: string; locale: 'en' | 'fr' }[]>
  noteDeletionDue: (ctx: Context, subject: DataSubject, due_at: Date | null) => Promise<void>
}

export const exportKind = jobKind('privacy.export', z.object({ export_id: z.string() }))
export const sweepKind = jobKind('privacy.sweep', z.object({}))

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const compress = promisify(gzip)
const decompress = promisify(gunzip)

/* Exports */

export async function requestExport(ctx: Context, subject: DataSubject, sources: PrivacySources): Promise<DataExport> {
  const person = personOf(ctx)
  await confirmed(ctx, sources)
  await refuseDemonstration(ctx, subject, sources)
  const requested_at = ctx.now()
  const row: store.ExportRow = {
    export_id: newId('exp', requested_at),
    subject_kind: subject.kind,
    subject_id: subject.id,
    requested_by: person.person_id,
    organisation_id: person.organisation_id ?? null,
    state: 'making',
    requested_at,
    expires_at: null,
    content: null,
    bytes: null,
    digest: null,
  }
  // Exports of a person belong to no organisation, so they are written as the system.
  await ctx.system_db.transaction(async (tx) => {
    await store.insertExport(tx, row)
    await enqueue(tx, exportKind, { export_id: row.export_id })
    await record(
      { ...ctx, db: tx },
      { action: 'privacy.export_requested', resource: { type: subject.kind, id: subject.id } },
    )
  })
  return shownExport(row)
}

/** Sessions are read by the system alone. */
function confirmed(ctx: Context, { requireStepUp }: PrivacySources): Promise<void> {
  return requireStepUp({ ...ctx, db: ctx.system_db })
}

/** The demonstration's guest is everybody, so it has nothing of its own to take along. */
async function refuseDemonstration(ctx: Context, subject: DataSubject, sources: PrivacySources): Promise<void> {
  try {
    await sources.refuseDeletion(ctx, subject)
  } catch (error) {
    if (error instanceof Problem && error.type === 'accounts/last-owner') return
    throw error
  }
}

/** Collects everything and keeps it, encrypted, for a day. */
export async function makeExport(
  ctx: Context,
  { export_id }: { export_id: string },
  sources: PrivacySources,
): Promise<void> {
  const row = await store.findExport(ctx.db, export_id)
  if (!row || row.state !== 'making') return
  const made_at = ctx.now()
  const document = await collect(ctx, { kind: row.subject_kind, id: row.subject_id }, sources, made_at)
  const text = JSON.stringify(document)
  const changes = {
    state: 'ready' as const,
    expires_at: new Date(made_at.getTime() + EXPORT_HOURS * HOUR_MS),
    content: ctx.keyring.wrap(labelOf(export_id), await compress(text)),
    bytes: Buffer.byteLength(text),
    digest: digestOf(JSON.parse(text)),
  }
  await ctx.db.transaction(async (tx) => {
    await store.updateExport(tx, export_id, changes)
    if (row.organisation_id !== null) await emit({ ...ctx, db: tx }, 'export.ready', { export_id }, row.organisation_id)
  })
}

async function collect(
  ctx: Context,
  subject: DataSubject,
  { holders }: PrivacySources,
  made_at: Date,
): Promise<ExportDocument> {
  const collections: Record<string, unknown[]> = {}
  for (const holder of holders) {
    for (const [name, items] of Object.entries(await holder.exportOf(ctx, subject))) {
      invariant(!(name in collections), `two capabilities export ${name}`)
      // As it will be read: dates as text, what is undefined left out.
      collections[name] = JSON.parse(JSON.stringify(items ?? [])) as unknown[]
    }
  }
  const digests = Object.fromEntries(Object.entries(collections).map(([name, items]) => [name, digestOf(items)]))
  return { format: 'tidemark-export', version: 1, of: subject, made_at: made_at.toISOString(), collections, digests }
}

export async function listExports(ctx: Context): Promise<{ exports: DataExport[] }> {
  const rows = await store.listExports(ctx.system_db, personOf(ctx).person_id)
  return { exports: rows.map(shownExport) }
}

export async function fetchExport(
  ctx: Context,
  { export_id }: { export_id: string },
  sources: PrivacySources,
): Promise<{ bytes: Uint8Array; filename: string }> {
  const row = await store.findExport(ctx.system_db, export_id)
  if (!row || row.requested_by !== personOf(ctx).person_id || !mayStillExport(ctx, row))
    throw new Problem('privacy/unknown-export', { detail: `You asked for no export ${export_id}.` })
  await confirmed(ctx, sources)
  if (row.state !== 'ready' || !row.content || !row.expires_at)
    throw new Problem('privacy/export-not-ready', { detail: 'It takes a moment. Ask again shortly.', state: row.state })
  if (row.expires_at <= ctx.now())
    throw new Problem('privacy/export-expired', {
      detail: `It could be fetched for ${EXPORT_HOURS} hours. Ask for a new one.`,
    })
  await record(
    { ...ctx, db: ctx.system_db },
    { action: 'privacy.export_downloaded', resource: { type: row.subject_kind, id: row.subject_id } },
  )
  return {
    bytes: await decompress(ctx.keyring.unwrap(labelOf(export_id), row.content)),
    filename: `tidemark-${row.subject_kind}-${row.requested_at.toISOString().slice(0, 10)}.json`,
  }
}

/** Whoever left the organisation since, or lost the right, gets nothing of it: rights are those of now. */
function mayStillExport({ actor }: Context, { subject_kind, subject_id }: store.ExportRow): boolean {
  if (subject_kind === 'person') return true
  return actor.kind === 'person' && actor.organisation_id === subject_id && may(actor.role as Role, 'accounts.export')
}

/* Deletions */

export async function scheduleDeletion(ctx: Context, subject: DataSubject, sources: PrivacySources): Promise<Deletion> {
  personOf(ctx)
  await confirmed(ctx, sources)
  await sources.refuseDeletion(ctx, subject)
  const requested_at = ctx.now()
  const row = {
    deletion_id: newId('del', requested_at),
    subject_kind: subject.kind,
    subject_id: subject.id,
    state: 'scheduled' as const,
    requested_at,
    due_at: new Date(requested_at.getTime() + GRACE_DAYS * DAY_MS),
    done_at: null,
  }
  const contacts = await sources.contactsOf(ctx, subject)
  const stays = staysOf(subject, sources)
  await ctx.system_db.transaction(async (tx) => {
    const here = { ...ctx, db: tx }
    const before = await store.findScheduled(tx, subject)
    if (before)
      throw new Problem('privacy/already-scheduled', {
        detail: `It will be deleted on ${dayOf(before.due_at)}.`,
        due_at: before.due_at.toISOString(),
      })
    await store.insertDeletion(tx, row)
    await sources.noteDeletionDue(here, subject, row.due_at)
    for (const contact of contacts) await sendMail(here, mailFor(ctx, subject, contact, row.due_at))
    await record(here, { action: 'privacy.deletion_scheduled', resource: { type: subject.kind, id: subject.id } })
  })
  return shownDeletion(row, stays)
}

function mailFor(
  ctx: Context,
  { kind }: DataSubject,
  { email, locale }: { email: string; locale: 'en' | 'fr' },
  due_at: Date,
) {
  const what = {
    en: { person: 'Your Tidemark account', organisation: 'Your organisation on Tidemark' },
    fr: { person: 'votre compte Tidemark', organisation: 'votre organisation sur Tidemark' },
  }
  return renderMail('deletion-scheduled', locale, email, {
    what: what[locale][kind],
    on: dayOf(due_at),
    link: `${ctx.origin()}/settings/privacy`,
  })
}

export async function undoDeletion(ctx: Context, subject: DataSubject, sources: PrivacySources): Promise<Deletion> {
  const stays = staysOf(subject, sources)
  const row = await ctx.system_db.transaction(async (tx) => {
    const here = { ...ctx, db: tx }
    const scheduled = await store.findScheduled(tx, subject)
    if (!scheduled) throw new Problem('privacy/no-deletion', { detail: 'Nothing is scheduled to be deleted.' })
    await store.endDeletion(tx, scheduled.deletion_id, 'undone', ctx.now())
    await sources.noteDeletionDue(here, subject, null)
    await record(here, { action: 'privacy.deletion_undone', resource: { type: subject.kind, id: subject.id } })
    return scheduled
  })
  return shownDeletion({ ...row, state: 'undone' }, stays)
}

export async function showDeletion(ctx: Context, subject: DataSubject, sources: PrivacySources) {
  const stays = staysOf(subject, sources)
  const row = await store.findScheduled(ctx.system_db, subject)
  return { deletion: row ? shownDeletion(row, stays) : null, stays }
}

/** What would stay, as the capabilities say it. */
function staysOf({ kind }: DataSubject, { holders }: PrivacySources): KeptData[] {
  return holders.flatMap((holder) => [...(holder.stays?.(kind) ?? [])])
}

/** Carries out every deletion whose grace is over. */
export async function carryOutDue(ctx: Context, sources: PrivacySources): Promise<number> {
  for (let count = 0; ; count++) {
    const subject = await ctx.db.transaction(async (tx) => {
      const due = await store.lockDue(tx, ctx.now())
      if (!due) return undefined
      const erased_subject = { kind: due.subject_kind, id: due.subject_id }
      const erased = await erase({ ...ctx, db: tx }, erased_subject, sources)
      await store.endDeletion(tx, due.deletion_id, 'done', ctx.now(), erased)
      return erased_subject
    })
    if (!subject) {
      if (count > 0) await store.compact(ctx.db)
      return count
    }
    await addTombstones(ctx.config, [subject])
  }
}

/** Everything of one subject, in the transaction of `ctx.db`. The log is written last, by a name that is gone already. */
async function erase(ctx: Context, subject: DataSubject, { holders }: PrivacySources): Promise<Erased> {
  const erased: Erased = { 'privacy.export': await store.deleteExportsOf(ctx.db, subject) }
  if (subject.kind === 'organisation') await store.deleteRetention(ctx.db, subject.id)
  for (const holder of holders) Object.assign(erased, await holder.erase(ctx, subject))
  await store.keepTombstone(ctx.db, subject, ctx.now())
  // The id of a person is in no event of the chain, not even in this one.
  const resource = subject.kind === 'organisation' ? { type: subject.kind, id: subject.id } : undefined
  await record(ctx, { action: 'privacy.deleted', ...(resource ? { resource } : {}) })
  return erased
}

/**
 * After a restore of an older backup, those who were erased since are erased again: the file beside the database names
 * them. Runs at every start, and does nothing at most.
 */
export async function reapplyTombstones(ctx: Context, sources: PrivacySources): Promise<number> {
  const known = await store.listTombstones(ctx.db)
  const noted = await readTombstones(ctx.config)
  const keyOf = (kind: string, id: string) => `${kind} ${id}`
  const in_table = new Set(known.map(({ subject_kind, subject_id }) => keyOf(subject_kind, subject_id)))
  const in_file = new Set(noted.map(({ kind, id }) => keyOf(kind, id)))
  const come_back = noted.filter(({ kind, id }) => !in_table.has(keyOf(kind, id)))
  for (const subject of come_back) await ctx.db.transaction((tx) => erase({ ...ctx, db: tx }, subject, sources))
  await addTombstones(
    ctx.config,
    known
      .map(({ subject_kind, subject_id }) => ({ kind: subject_kind, id: subject_id }))
      .filter(({ kind, id }) => !in_file.has(keyOf(kind, id))),
  )
  if (come_back.length > 0) {
    ctx.log.warn(
      { count: come_back.length },
      'the database held people or organisations that were erased; they are again',
    )
    await store.compact(ctx.db)
  }
  return come_back.length
}

/* Retention */

export async function showRetention(ctx: Context): Promise<Retention> {
  return (await store.findRetention(ctx.db, organisationOf(ctx))) ?? defaultRetention
}

export async function setRetention(ctx: Context, retention: Retention, sources: PrivacySources): Promise<Retention> {
  const organisation_id = organisationOf(ctx)
  await confirmed(ctx, sources)
  await sources.refuseDeletion(ctx, { kind: 'organisation', id: organisation_id })
  await ctx.db.transaction(async (tx) => {
    const before = (await store.findRetention(tx, organisation_id)) ?? defaultRetention
    await store.saveRetention(tx, organisation_id, retention)
    const resource = { type: 'organisation', id: organisation_id }
    await record({ ...ctx, db: tx }, { action: 'privacy.retention_changed', resource, before, after: retention })
  })
  return retention
}

/** What the night takes: due deletions, old exports, and what organisations no longer want kept. */
export async function sweep(ctx: Context, sources: PrivacySources): Promise<void> {
  const now = ctx.now()
  await carryOutDue(ctx, sources)
  await store.deleteExportsRequestedBefore(ctx.db, new Date(now.getTime() - 2 * EXPORT_HOURS * HOUR_MS))
  for (const { organisation_id, calculations_months, deliveries_days } of await store.listRetentions(ctx.db)) {
    const limits = {
      ...(calculations_months === null ? {} : { calculations_before: monthsBefore(now, calculations_months) }),
      deliveries_before: new Date(now.getTime() - deliveries_days * DAY_MS),
    }
    for (const { expire } of sources.holders) await expire?.(ctx, organisation_id, limits)
  }
}

function monthsBefore(now: Date, months: number): Date {
  const before = new Date(now)
  before.setUTCMonth(before.getUTCMonth() - months)
  return before
}

/* Shown */

function personOf({ actor }: Context): Person {
  if (actor.kind === 'person') return actor
  throw new Problem('accounts/not-signed-in', { detail: 'Only a person who signed in can do this, not a key.' })
}

export function me(ctx: Context): DataSubject {
  return { kind: 'person', id: personOf(ctx).person_id }
}

/** The organisation in which the caller acts; any other is not there. */
export function ours(ctx: Context, organisation_id: string): DataSubject {
  const { actor } = ctx
  if (!('organisation_id' in actor) || actor.organisation_id !== organisation_id)
    throw new Problem('accounts/unknown-organisation', {
      detail: `You do not act for the organisation ${organisation_id}.`,
    })
  return { kind: 'organisation', id: organisation_id }
}

function labelOf(export_id: string): string {
  return `privacy.export:${export_id}`
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10)
}

function shownExport(row: store.ListedExport): DataExport {
  return {
    export_id: row.export_id,
    of: row.subject_kind,
    state: row.state,
    requested_at: row.requested_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    bytes: row.bytes,
    digest: row.digest,
  }
}

function shownDeletion(
  row: Pick<store.DeletionRow, 'deletion_id' | 'subject_kind' | 'state' | 'requested_at' | 'due_at'>,
  stays: KeptData[],
): Deletion {
  return {
    deletion_id: row.deletion_id,
    of: row.subject_kind,
    state: row.state,
    requested_at: row.requested_at.toISOString(),
    due_at: row.due_at.toISOString(),
    stays,
  }
}
