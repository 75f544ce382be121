import { readFile } from 'node:fs/promises'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { DOCUMENT_BYTES_MAX, DOCUMENTS_MAX, type ProjectDocument } from '@tidemark/core/projects/contract.ts'
import type * as contract from '@tidemark/core/projects/contract.ts'
import { nameOfActor } from '../audit/service.ts'
import { RawReply, type FileInput } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { note } from './happenings.ts'
import { knownProject, refuseWithdrawn } from './service.ts'
import { shownDocument } from './shown.ts'
import * as store from './store.ts'

export async function listDocuments(
  ctx: Context,
  { project_id }: { project_id: string },
): Promise<OutputOf<typeof contract.listDocuments>> {
  const project = await knownProject(ctx, project_id)
  return { documents: (await store.listDocuments(ctx.db, project.organisation_id, project.id)).map(shownDocument) }
}

export async function addDocument(
  ctx: Context,
  { project_id, name, kind, file }: InputOf<typeof contract.addDocument> & FileInput,
): Promise<ProjectDocument> {
  refuseWithdrawn(await knownProject(ctx, project_id))
  const received = await ctx.files.receive(file, { bytes_max: DOCUMENT_BYTES_MAX })
  try {
    const media_type = mediaTypeOf(await readFile(received.path))
    return await ctx.db.transaction(async (tx) => {
      const inside = { ...ctx, db: tx }
      const project = await knownProject(inside, project_id, { lock: true })
      refuseWithdrawn(project)
      const there = (await store.listDocuments(tx, project.organisation_id, project.id)).length
      if (!(there < DOCUMENTS_MAX)) {
        throw new Problem('projects/too-many', { detail: `A project has at most ${DOCUMENTS_MAX} documents.` })
      }
      const added_at = ctx.now()
      const row: store.DocumentRow = {
        document_id: newId('doc', added_at),
        organisation_id: project.organisation_id,
        project_id: project.id,
        name,
        kind,
        media_type,
        bytes: received.bytes,
        sha256: received.sha256,
        added_at,
        added_by: await nameOfActor(inside),
      }
      await store.lockFiles(tx, [row.sha256])
      await store.insertDocument(tx, row)
      await received.keep()
      const facts = { document_kind: kind, bytes: row.bytes }
      await note(inside, project, { kind: 'document', action: 'projects.document_added', subject_id: row.document_id, facts }) // oxfmt-ignore
      return shownDocument(row)
    })
  } finally {
    await received.drop()
  }
}

export async function getDocument(ctx: Context, { document_id }: { document_id: string }): Promise<RawReply> {
  const document = await store.findDocument(ctx.db, organisationOf(ctx), document_id)
  if (!document) throw new Problem('projects/unknown-document', { detail: `There is no document ${document_id}.` })
  return saved(ctx, document)
}

/** A stored file to be saved, whatever it is: a browser neither shows it nor guesses what it might be. */
export function saved(ctx: Context, { name, sha256 }: { name: string; sha256: string }): RawReply {
  return new RawReply({
    body: ctx.files.stream(sha256),
    media_type: 'application/octet-stream',
    headers: {
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name.toWellFormed()).replaceAll(/['()*]/g, hexOf)}`,
      'cache-control': 'private, no-store',
    },
  })
}

function hexOf(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16).toUpperCase()}`
}

const signatures: readonly { media_type: string; begins: readonly number[] }[] = [
  { media_type: 'application/pdf', begins: [0x25, 0x50, 0x44, 0x46, 0x2d] },
  { media_type: 'image/png', begins: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { media_type: 'image/jpeg', begins: [0xff, 0xd8, 0xff] },
]

/** By its first bytes, never by its name. @throws Problem `projects/document-unreadable` for anything else. */
function mediaTypeOf(bytes: Buffer): string {
  const known = signatures.find(({ begins }) => begins.every((byte, at) => bytes[at] === byte))
  if (known) return known.media_type
  if (bytes.length > 0 && !bytes.includes(0) && isText(bytes)) return 'text/plain'
  throw new Problem('projects/document-unreadable', { detail: 'It is neither PDF, PNG, JPEG nor text in UTF-8.' })
}

function isText(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
