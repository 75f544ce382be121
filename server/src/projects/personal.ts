import type { Context } from '../platform/context.ts'
import type { DataSubject, PersonalData } from '../platform/personal-data.ts'
import { listAnalyses } from './analysis-store.ts'
import { listDecisions } from './decision-store.ts'
import { forgetUploader, listEvidence, listFiles } from './evidence-store.ts'
import * as store from './store.ts'

/** What is known of people one floor below, handed in from above. */
export interface PeopleKnown {
  contactsOf(ctx: Context, subject: DataSubject): Promise<readonly { email: string }[]>
}

/**
 * Projects are the organisation's. Who did what stands there by the pseudonym of the log; a person's address stands only where
 * somebody typed it as the uploader's.
 */
export const personalData = ({ contactsOf }: PeopleKnown): PersonalData => ({
  exportOf: async (ctx, { kind, id }) => (kind === 'organisation' ? exportOrganisation(ctx, id) : {}),
  erase: async (ctx, subject) => {
    if (subject.kind === 'organisation') return eraseOrganisation(ctx, subject.id)
    const contacts = await contactsOf({ ...ctx, system_db: ctx.db }, subject)
    let forgotten = 0
    for (const { email } of contacts) forgotten += await forgetUploader(ctx.db, email)
    return { 'projects.evidence': forgotten }
  },
})

async function exportOrganisation({ db }: Context, id: string): Promise<Record<string, readonly unknown[]>> {
  const evidence = await listEvidence(db, id)
  const periods = await store.listPeriods(db, id)
  return {
    'projects.projects': await store.listProjects(db, id),
    'projects.periods': periods,
    'projects.citations': await store.listCitations(db, periods.map(({ period_id }) => period_id)), // oxfmt-ignore
    'projects.documents': await store.listDocuments(db, id),
    'projects.evidence': evidence,
    'projects.evidence_files': await listFiles(db, evidence.map((each) => each.id)), // oxfmt-ignore
    'projects.analyses': await listAnalyses(db, id),
    'projects.decisions': await listDecisions(db, id),
    'projects.events': await store.listEvents(db, id),
  }
}

async function eraseOrganisation(ctx: Context, id: string): Promise<Record<string, number>> {
  const digests = await store.filesOf(ctx.db, id)
  await store.lockFiles(ctx.db, digests)
  const erased = await store.eraseOrganisation(ctx.db, id)
  for (const sha256 of await store.withoutOwner(ctx.db, digests)) await ctx.files.remove(sha256)
  return erased
}
