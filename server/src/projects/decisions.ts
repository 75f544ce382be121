import { decimalOf } from '@tidemark/core/certificates/canonical.ts'
import { decisionSentence, type Decision as Certified } from '@tidemark/core/certificates/kinds/credit-decision.ts'
import { evidenceDigests } from '@tidemark/core/certificates/kinds/kinds.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Decision, Verdict } from '@tidemark/core/projects/decision-contract.ts'
import type * as contract from '@tidemark/core/projects/decision-contract.ts'
import { weighDecision } from '@tidemark/core/projects/weigh-decision.ts'
import { moveProject as moved, type ProjectMove } from '@tidemark/core/projects/states.ts'
import { nameOfActor } from '../audit/service.ts'
import { issueCertificate } from '../certificates/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { rulesDigest } from './analyse.ts'
import { knownAnalysis, reportIn } from './analyses.ts'
import { findAnalysis, findAnalysisOf, findLatest, listAnalyses, type AnalysisRow } from './analysis-store.ts'
import { shownDecision } from './decision-shown.ts'
import * as store from './decision-store.ts'
import { knownEvidence } from './evidence.ts'
import { listEvidence } from './evidence-store.ts'
import { announce, note } from './happenings.ts'
import { knownProject, moveOn } from './service.ts'
import { findProject, listProjects, type ProjectRow } from './store.ts'

export async function decide(ctx: Context, input: InputOf<typeof contract.decide>): Promise<Decision> {
  const { analysis_id, ...wanted } = input
  const { project_id } = await knownAnalysis(ctx, analysis_id)
  const made = await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    // The project first, as the job does: two that decide at once take turns.
    const project = await knownProject(inside, project_id, { lock: true })
    const analysis = await knownAnalysis(inside, analysis_id)
    const reviewer = await reviewerOf(inside, project)
    await refuseSuperseded(inside, analysis)
    const weighed = weighDecision(wanted, reportIn(analysis))
    const decided_at = ctx.now()
    const row: store.DecisionRow = {
      ...weighed,
      decision_id: newId('dcn', decided_at),
      organisation_id: project.organisation_id,
      project_id: project.id,
      analysis_id,
      verdict: wanted.verdict,
      state: 'waits_for_second',
      reason: wanted.reason ?? null,
      wanted: wanted.wanted ?? [],
      statement: null,
      certificate_id: null,
      certificate_hash: null,
      decided_at,
      decided_by: reviewer,
      second_at: null,
      second_by: null,
      second_reason: null,
    }
    if (!(await store.insertDecision(tx, row))) {
      throw new Problem('projects/already-decided', {
        detail: `${analysis_id} was decided on, or waits for a second reviewer.`,
      })
    }
    const taken_up = await takeUp(inside, project)
    const noted = { kind: 'decision', action: 'projects.decided', subject_id: row.decision_id } as const
    const facts = { verdict: row.verdict, second_needed: row.second_needed }
    const done = row.second_needed ? row : await makeEffective(inside, row, analysis, taken_up, {})
    await note(inside, taken_up, { ...noted, facts, after: { verdict: row.verdict, t_co2e: row.proposed_t_co2e } })
    return shownDecision(done, analysis, project.number)
  })
  tell(ctx, made)
  return made
}

export async function confirmDecision(
  ctx: Context,
  { decision_id, confirms, reason }: InputOf<typeof contract.confirmDecision>,
): Promise<Decision> {
  const { project_id } = await knownDecision(ctx, decision_id)
  const made = await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const project = await knownProject(inside, project_id, { lock: true })
    const row = await knownDecision(inside, decision_id, { lock: true })
    const reviewer = await reviewerOf(inside, project)
    if (row.state !== 'waits_for_second') {
      throw new Problem('projects/nothing-to-confirm', {
        detail: `${decision_id} is ${row.state.replaceAll('_', ' ')}.`,
      })
    }
    if (row.decided_by === reviewer) {
      throw new Problem('projects/second-reviewer', {
        detail: 'Whoever decided first does not confirm their own decision.',
      })
    }
    const analysis = await analysisOf(inside, row)
    await refuseSuperseded(inside, analysis)
    const second = { second_at: ctx.now(), second_by: reviewer, second_reason: reason }
    const done = confirms
      ? await makeEffective(inside, row, analysis, project, second)
      : await notConfirmed(inside, { ...row, ...second })
    const noted = { kind: 'decision', action: 'projects.decision_confirmed', subject_id: decision_id } as const
    await note(inside, project, { ...noted, facts: { verdict: row.verdict, confirms }, after: { confirms } })
    return shownDecision(done, analysis, project.number)
  })
  tell(ctx, made)
  return made
}

async function notConfirmed(ctx: Context, row: store.DecisionRow): Promise<store.DecisionRow> {
  const { decision_id, second_at, second_by, second_reason } = row
  const changes = { state: 'not_confirmed' as const, second_at, second_by, second_reason }
  await store.updateDecision(ctx.db, decision_id, changes)
  return { ...row, ...changes }
}

type Second = Partial<Pick<store.DecisionRow, 'second_at' | 'second_by' | 'second_reason'>>

/** Certifies the decision and moves the project to where it leads. */
async function makeEffective(
  ctx: Context,
  row: store.DecisionRow,
  analysis: AnalysisRow,
  project: ProjectRow,
  second: Second,
): Promise<store.DecisionRow> {
  const decided = { ...row, ...second, state: 'effective' as const }
  const amount = decimalOf(row.proposed_t_co2e)
  const decision = certifiedAs[row.verdict]
  const evidence = await decisionEvidence(decided, analysis)
  const report = reportIn(analysis)
  const engine_digest = await rulesDigest()
  const issued = await issueCertificate(ctx, 'credit_decision', {
    subject: { id: project.id, name: project.name },
    decision_id: row.decision_id,
    project_id: project.id,
    analysis_certificate_hash: analysis.certificate_hash ?? '',
    decision,
    approved_t_co2e: amount,
    method: methodOf(row, engine_digest),
    monitoring_period: {
      start_date: report?.monitored.before ?? analysis.task.before.uploaded_on,
      end_date: report?.monitored.after ?? analysis.task.after.uploaded_on,
    },
    reviewers: row.second_needed ? 2 : 1,
    ...evidenceDigests.credit_decision(evidence),
  })
  const changes = {
    ...second,
    state: decided.state,
    statement: decisionSentence(decision, amount),
    certificate_id: issued.certificate_id,
    certificate_hash: issued.certificate_hash,
  }
  await store.updateDecision(ctx.db, row.decision_id, changes)
  const move = movesTo[row.verdict]
  const to = moved(project.state, move, (permission) => permission === 'projects.review')
  await moveOn(ctx, project, to, { move, ...(row.reason === null ? {} : { reason: row.reason.slice(0, 300) }) })
  return { ...decided, ...changes }
}

const certifiedAs: Record<Verdict, Certified> = {
  approve: 'approved',
  approve_partial: 'approved_partial',
  request_more: 'more_evidence',
  reject: 'rejected',
}
const movesTo: Record<Verdict, ProjectMove> = {
  approve: 'approve',
  approve_partial: 'approve',
  request_more: 'request_more',
  reject: 'reject',
}

/** A figure of the reviewers' own is by no method, and the certificate says so. */
function methodOf({ override_t_co2e, method, method_version }: store.DecisionRow, engine_digest: string) {
  if (override_t_co2e !== null) return { id: 'reviewers-own-figure', version: '1', engine_digest }
  return { id: method ?? 'none', version: method_version ?? '1', engine_digest }
}

/** What travels with the certificate of a decision. No name: reviewers are counted. */
export async function decisionEvidence(
  row: store.DecisionRow,
  analysis: AnalysisRow,
): Promise<{ inputs: Record<string, unknown>[]; result: Record<string, unknown> }> {
  const {
    verdict,
    method,
    method_version,
    measured_t_co2e,
    fraction,
    override_t_co2e,
    proposed_t_co2e,
    second_needed,
  } = row
  return {
    inputs: [
      {
        kind: 'credit-decision-input',
        analysis_id: analysis.analysis_id,
        analysis_certificate_hash: analysis.certificate_hash,
        report_digest: analysis.report_digest,
        confidence_score: analysis.confidence_score,
        level: analysis.level,
        method,
        method_version,
        measured_t_co2e,
      },
    ],
    result: {
      kind: 'credit-decision',
      verdict,
      fraction,
      override_t_co2e,
      approved_t_co2e: proposed_t_co2e,
      second_needed,
    },
  }
}

/** For the bundle of a certificate. */
export async function decisionEvidenceOf(ctx: Context, decision_id: string) {
  const row = await store.findDecision(ctx.db, decision_id)
  const analysis = row && (await findAnalysis(ctx.db, row.analysis_id))
  return row && analysis ? decisionEvidence(row, analysis) : undefined
}

/** A project that was only analysed is under review from the first decision on. */
async function takeUp(ctx: Context, project: ProjectRow): Promise<ProjectRow> {
  if (project.state !== 'analysed') return project
  const to = moved(project.state, 'take_up', (permission) => permission === 'projects.review')
  return moveOn(ctx, project, to, { move: 'take_up' })
}

async function refuseSuperseded(ctx: Context, { project_id, analysis_id, ended_at }: AnalysisRow): Promise<void> {
  if (ended_at === null) throw new Problem('projects/not-measured', { detail: `${analysis_id} has no result yet.` })
  const latest = await findLatest(ctx.db, project_id, { with_result: true })
  if (latest === undefined)
    throw new Problem('projects/not-measured', { detail: `${analysis_id} has no result: it failed.` })
  if (latest.analysis_id === analysis_id) return
  throw new Problem('projects/superseded', {
    detail: `${latest.analysis_id} is newer. What is decided on is the newest result.`,
    analysis_id: latest.analysis_id,
  })
}

// --- Who may

type WhyNot = 'not_a_reviewer' | 'not_a_person' | 'has_a_part' | 'was_first_reviewer'

/**
 * Whoever asks, by their pseudonym, where they may review this project.
 * @throws Problem `projects/reviewer-not-a-person`, `projects/reviewer-has-a-part`
 */
async function reviewerOf(ctx: Context, project: ProjectRow): Promise<string> {
  if (ctx.actor.kind !== 'person') {
    throw new Problem('projects/reviewer-not-a-person', { detail: 'A decision is a person’s: sign in as a verifier.' })
  }
  const name = await nameOfActor(ctx)
  if ((await partakersOf(ctx, project)).has(name)) {
    throw new Problem('projects/reviewer-has-a-part', {
      detail: 'You described this project or sent its evidence. Somebody who had no part in it decides.',
    })
  }
  return name
}

/** Whoever described a project, sent evidence of it or named its bands, by themselves or by a key of theirs. */
async function partakersOf(
  ctx: Context,
  { id, organisation_id, created_by, described_by }: ProjectRow,
): Promise<Set<string>> {
  const sent = await listEvidence(ctx.db, organisation_id, id)
  return new Set([
    created_by,
    ...described_by,
    ...sent.flatMap(({ uploaded_by, partakers }) => [uploaded_by, ...partakers]),
  ])
}

// --- Looking at them

export async function getDecision(ctx: Context, { decision_id }: { decision_id: string }): Promise<Decision> {
  const row = await knownDecision(ctx, decision_id)
  const project = await findProject(ctx.db, row.organisation_id, row.project_id)
  return shownDecision(row, await analysisOf(ctx, row), project?.number ?? 0)
}

export async function listDecisions(
  ctx: Context,
  { project_id }: { project_id: string },
): Promise<OutputOf<typeof contract.listDecisions>> {
  const project = await knownProject(ctx, project_id)
  const rows = await store.listDecisions(ctx.db, project.organisation_id, project.id)
  const decisions: Decision[] = []
  for (const row of rows) decisions.push(shownDecision(row, await analysisOf(ctx, row), project.number))
  return { decisions }
}

export async function listQueue(ctx: Context): Promise<OutputOf<typeof contract.listQueue>> {
  const organisation_id = organisationOf(ctx)
  const results = await listAnalyses(ctx.db, organisation_id, { state: ['measured', 'cannot_tell'] })
  const newest = [...new Map([...results].reverse().map((row) => [row.project_id, row])).values()]
  const decisions = await store.decisionsOf(ctx.db, newest.map(({ analysis_id }) => analysis_id)) // oxfmt-ignore
  const projects = new Map((await listProjects(ctx.db, organisation_id)).map((project) => [project.id, project]))
  const name = ctx.actor.kind === 'person' ? await nameOfActor(ctx) : undefined
  const queue: OutputOf<typeof contract.listQueue>['queue'] = []
  for (const row of newest) {
    const project = projects.get(row.project_id)
    const decision = decisions.get(row.analysis_id)
    if (!project || !['analysed', 'in_review'].includes(project.state)) continue
    if (decision && decision.state !== 'waits_for_second') continue
    const why_not = await whyNot(ctx, project, name, decision)
    queue.push(shownWaiting(row, project, decision, why_not))
  }
  return { queue: queue.sort((a, b) => (a.waits_since < b.waits_since ? -1 : 1)) }
}

async function whyNot(
  ctx: Context,
  project: ProjectRow,
  name: string | undefined,
  decision: store.DecisionRow | undefined,
): Promise<WhyNot | null> {
  if (ctx.actor.kind !== 'person' || name === undefined) return 'not_a_person'
  if (ctx.actor.role !== 'verifier') return 'not_a_reviewer'
  if ((await partakersOf(ctx, project)).has(name)) return 'has_a_part'
  return decision?.decided_by === name ? 'was_first_reviewer' : null
}

function shownWaiting(
  row: AnalysisRow,
  project: ProjectRow,
  decision: store.DecisionRow | undefined,
  why_not: WhyNot | null,
): OutputOf<typeof contract.listQueue>['queue'][number] {
  const { analysis_id, confidence_score, level, tco2e, integrity_flags, generated, ended_at, created_at } = row
  return {
    analysis_id,
    confidence_score,
    level,
    tco2e,
    integrity_flags,
    generated,
    why_not,
    project_id: project.id,
    project_number: project.number,
    project_name: project.name,
    ecosystem: project.ecosystem,
    outcome: row.state === 'measured' ? 'measured' : 'cannot_tell',
    waits_since: (decision?.decided_at ?? ended_at ?? created_at).toISOString(),
    waits_for: decision ? 'second_reviewer' : 'reviewer',
    decision_id: decision?.decision_id ?? null,
    mine: why_not === null,
  }
}

/** @throws Problem `projects/unknown-decision`, for that of another organisation too. */
async function knownDecision(
  ctx: Context,
  decision_id: string,
  options: { lock?: boolean } = {},
): Promise<store.DecisionRow> {
  const row = await store.findDecision(ctx.db, decision_id, options)
  if (row && row.organisation_id === organisationOf(ctx)) return row
  throw new Problem('projects/unknown-decision', { detail: `There is no decision ${decision_id}.`, decision_id })
}

async function analysisOf(ctx: Context, { analysis_id }: store.DecisionRow): Promise<AnalysisRow> {
  const analysis = await findAnalysis(ctx.db, analysis_id)
  invariant(analysis, 'a decision is on an analysis')
  return analysis
}

function tell(ctx: Context, { project_id, decision_id, verdict, state }: Decision): void {
  announce(ctx, { id: project_id, organisation_id: organisationOf(ctx) }, 'decision', { decision_id, verdict, state })
}

// --- At the registry's address

export async function verify(
  ctx: Context,
  { evidence_id, mint_receipt, ...wanted }: InputOf<typeof contract.verify>,
): Promise<OutputOf<typeof contract.verify>> {
  if (mint_receipt) {
    throw new Problem('projects/ledger-not-there', {
      detail:
        'Receipts are minted by the credit ledger, which is not there yet. Send "mint_receipt": false: the decision is certified, and the ledger will take it up.',
    })
  }
  const evidence = await knownEvidence(ctx, evidence_id)
  const analysis = await findAnalysisOf(ctx.db, evidence.id)
  if (!analysis) {
    throw new Problem('projects/not-measured', {
      detail: `Evidence ${evidence.number} was not analysed: a pair needs both dates.`,
    })
  }
  const decision = await decide(ctx, { analysis_id: analysis.analysis_id, ...wanted })
  return {
    evidence_id: evidence.number,
    project_id: decision.project_number,
    verified: decision.approved_t_co2e > 0,
    calculated_carbon_credits: analysis.calculated_carbon_credits,
    credit_calculation_method: decision.override === null ? analysis.credit_calculation_method : 'manual_override',
    confidence_score: analysis.confidence_score,
    approved_t_co2e: decision.approved_t_co2e,
    receipt: null,
    decision,
    analysis_id: analysis.analysis_id,
  }
}
