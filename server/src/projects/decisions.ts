import { canonicalize, decimalOf } from '@tidemark/core/certificates/canonical.ts'
import { decisionSentence } from '@tidemark/core/certificates/kinds/credit-decision.ts'
import { evidenceDigests } from '@tidemark/core/certificates/kinds/kinds.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Decision, Verdict } from '@tidemark/core/projects/decision-contract.ts'
import type * as contract from '@tidemark/core/projects/decision-contract.ts'
import { decisionEvidence, type DecisionSubject } from '@tidemark/core/projects/decision-evidence.ts'
import { readAnalysisInput, reportOf, type AnalysisInput, type AnalysisReport } from '@tidemark/core/projects/report.ts'
import { weighDecision } from '@tidemark/core/projects/weigh-decision.ts'
import { moveProject as moved, type ProjectMove } from '@tidemark/core/projects/states.ts'
import { nameOfActor } from '../audit/service.ts'
import { issueCertificate } from '../certificates/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { emit } from '../webhooks/service.ts'
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
    const report = reportIn(analysis)
    const weighed = weighDecision(wanted, report)
    if (weighed.proposed_t_co2e > 0) await refusePaidTwice(inside, analysis, report)
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
      evidence_text: null,
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
  const evidence = decisionEvidence(subjectOf(decided, analysis), measuredIn(analysis))
  const {
    kind: _kind,
    verdict: _verdict,
    report_digest,
    measured_t_co2e: _t,
    fraction: _fraction,
    ...facts
  } = evidence.result
  invariant(report_digest === analysis.report_digest, 'a decision is weighed against the report that was certified')
  invariant(facts.approved_t_co2e === decimalOf(row.proposed_t_co2e), 'a decision comes to what was decided')
  const travels = evidence as unknown as { inputs: Record<string, unknown>[]; result: Record<string, unknown> }
  const issued = await issueCertificate(ctx, 'credit_decision', {
    subject: { id: project.id, name: project.name },
    ...facts,
    method: { ...facts.method, engine_digest: await rulesDigest() },
    ...evidenceDigests.credit_decision(travels),
  })
  const { certificate_id } = issued
  await emit(ctx, 'certificate.issued', { certificate_id, kind: 'credit_decision', record_id: row.decision_id })
  const changes = {
    ...second,
    state: decided.state,
    statement: decisionSentence(facts.decision, facts.approved_t_co2e),
    certificate_id: issued.certificate_id,
    certificate_hash: issued.certificate_hash,
    evidence_text: canonicalize(evidence),
  }
  await store.updateDecision(ctx.db, row.decision_id, changes)
  const move = movesTo[row.verdict]
  const to = moved(project.state, move, (permission) => permission === 'projects.review')
  await moveOn(ctx, project, to, { move, ...(row.reason === null ? {} : { reason: row.reason.slice(0, 300) }) })
  return { ...decided, ...changes }
}

const movesTo: Record<Verdict, ProjectMove> = {
  approve: 'approve',
  approve_partial: 'approve',
  request_more: 'request_more',
  reject: 'reject',
}

/** What travels with the certificate of a decision. No name: reviewers are counted. */
function subjectOf(row: store.DecisionRow, { analysis_id, certificate_hash, task }: AnalysisRow): DecisionSubject {
  return {
    kind: 'credit-decision-input',
    version: 2,
    decision_id: row.decision_id,
    project_id: row.project_id,
    analysis_id,
    analysis_certificate_hash: certificate_hash ?? '',
    verdict: row.verdict,
    method: row.method,
    fraction: row.fraction,
    approved_t_co2e: row.override_t_co2e,
    is_reasoned: row.reason !== null && row.reason.trim().length > 0,
    uploaded_on: { before: task.before.uploaded_on, after: task.after.uploaded_on },
  }
}

/** What the report of an analysis was computed from, as it was certified. */
function measuredIn({ evidence_text }: AnalysisRow): AnalysisInput {
  invariant(evidence_text !== null, 'an analysis with a result has its evidence')
  return readAnalysisInput((JSON.parse(evidence_text) as { inputs: unknown[] }).inputs[1])
}

/** For the bundle of a certificate: as it was when the decision became effective. */
export async function decisionEvidenceOf(ctx: Context, decision_id: string) {
  const text = (await store.findDecision(ctx.db, decision_id))?.evidence_text ?? null
  return text === null
    ? undefined
    : (JSON.parse(text) as { inputs: Record<string, unknown>[]; result: Record<string, unknown> })
}

/** A project that was only analysed is under review from the first decision on. */
async function takeUp(ctx: Context, project: ProjectRow): Promise<ProjectRow> {
  if (project.state !== 'analysed') return project
  const to = moved(project.state, 'take_up', (permission) => permission === 'projects.review')
  return moveOn(ctx, project, to, { move: 'take_up' })
}

async function refuseSuperseded(ctx: Context, analysis: AnalysisRow): Promise<void> {
  const { project_id, analysis_id, ended_at } = analysis
  if (ended_at === null) throw new Problem('projects/not-measured', { detail: `${analysis_id} has no result yet.` })
  const latest = await findLatest(ctx.db, project_id, { with_result: true })
  if (latest === undefined)
    throw new Problem('projects/not-measured', { detail: `${analysis_id} has no result: it failed.` })
  if (latest.analysis_id === analysis_id) return refuseOtherRules(analysis)
  throw new Problem('projects/superseded', {
    detail: `${latest.analysis_id} is newer. What is decided on is the newest result.`,
    analysis_id: latest.analysis_id,
  })
}

/** A decision that could not be weighed again by today's rules would be certified and never replay. */
function refuseOtherRules(analysis: AnalysisRow): void {
  const { rules_version, report_digest } = reportOf(measuredIn(analysis))
  if (report_digest === analysis.report_digest) return
  throw new Problem('projects/superseded', {
    detail: `The rules have changed since (now ${rules_version}): have the pair analysed again, and decide on that.`,
    analysis_id: analysis.analysis_id,
  })
}

/**
 * A year of growth is credited once: no approval may cover time that another of this project covers, waiting ones included.
 * @throws Problem `projects/period-approved`
 */
async function refusePaidTwice(ctx: Context, analysis: AnalysisRow, report: AnalysisReport | null): Promise<void> {
  const { organisation_id, project_id } = analysis
  const wanted = periodOf(analysis, report)
  for (const row of await store.listDecisions(ctx.db, organisation_id, project_id)) {
    // On the same analysis there is one decision at most, which is said by its own name.
    const is_other = row.analysis_id !== analysis.analysis_id && row.state !== 'not_confirmed'
    if (!is_other || !(row.proposed_t_co2e > 0)) continue
    const earlier = await analysisOf(ctx, row)
    const approved = periodOf(earlier, reportIn(earlier))
    if (wanted.from >= approved.to || wanted.to <= approved.from) continue
    throw new Problem('projects/period-approved', {
      detail: `${row.decision_id} approves ${row.proposed_t_co2e} t for ${approved.from} to ${approved.to}. What comes next begins where that ends.`,
      decision_id: row.decision_id,
      ...approved,
    })
  }
}

function periodOf({ task }: AnalysisRow, report: AnalysisReport | null): { from: string; to: string } {
  return {
    from: report?.monitored.before ?? task.before.uploaded_on,
    to: report?.monitored.after ?? task.after.uploaded_on,
  }
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
