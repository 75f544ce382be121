import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import {
  afterProject,
  AnalysisId,
  byRole,
  DecisionId,
  EvidenceRef,
  Instant,
  nowhere,
  ProjectId,
  ProjectParams,
  Somebody,
  Text,
} from './contract.ts'
import { Ecosystem } from './ecosystems.ts'
import { levelNames } from './decide.ts'
import { evidenceTypes } from './evidence-contract.ts'
import { methodIds } from './method-result.ts'

/** What reviewers decide, and the figures of it all. Nothing is approved without a person who had no part in the project. */

export const verdicts = ['approve', 'approve_partial', 'request_more', 'reject'] as const
export const Verdict = z.enum(verdicts).meta({ id: 'Verdict' })
export type Verdict = z.infer<typeof Verdict>

export const decisionStates = ['waits_for_second', 'effective', 'not_confirmed'] as const

/** What stands where an analysis is shown. */
export const DecisionSummary = z
  .object({
    decision_id: DecisionId,
    verdict: Verdict,
    state: z.enum(decisionStates).describe('Below 40 a second reviewer confirms; until then nothing is approved.'),
    approved_t_co2e: z.number().describe('0 unless it is effective.'),
    statement: z.string().nullable().describe('The sentence that was certified.'),
    certificate_id: z.string().nullable(),
    decided_at: Instant,
  })
  .meta({ id: 'DecisionSummary' })

export const Decision = DecisionSummary.extend({
  analysis_id: AnalysisId,
  project_id: ProjectId,
  project_number: z.number().int(),
  method: z.enum(methodIds).nullable().describe('The method whose tonnes were approved; null where none were.'),
  method_version: z.string().nullable(),
  measured_t_co2e: z.number().nullable().describe('What the method came to.'),
  fraction: z.number().nullable(),
  override: z
    .object({ approved_t_co2e: z.number() })
    .nullable()
    .describe('A figure of the reviewer’s own, with the reason beside it.'),
  reason: z.string().nullable(),
  wanted: z.array(z.string()).describe('What the developer is asked to send.'),
  confidence_score: z.number().nullable(),
  level: z.enum(levelNames).nullable(),
  second_needed: z.boolean(),
  reviewers: z.array(z.object({ name: Somebody, at: Instant, confirms: z.boolean(), reason: z.string().nullable() })),
}).meta({ id: 'Decision' })
export type Decision = z.infer<typeof Decision>

export const decisionProblems = {
  'projects/unknown-decision': { status: 404, title: 'There is no such decision' },
  'projects/reviewer-not-a-person': { status: 403, title: 'A person decides, signed in' },
  'projects/reviewer-has-a-part': { status: 403, title: 'Whoever had a part in the project does not review it' },
  'projects/not-measured': { status: 409, title: 'There is no result to approve' },
  'projects/already-decided': { status: 409, title: 'This analysis was decided on' },
  'projects/period-approved': { status: 409, title: 'This time was approved already' },
  'projects/superseded': { status: 409, title: 'A newer analysis of this project is there' },
  'projects/reason-missing': { status: 422, title: 'This decision needs its reason in writing' },
  'projects/beyond-measured': { status: 422, title: 'No more is approved than was measured' },
  'projects/second-reviewer': { status: 409, title: 'The second reviewer is somebody else' },
  'projects/nothing-to-confirm': { status: 409, title: 'This decision waits for nobody' },
  'projects/ledger-not-there': { status: 501, title: 'There is no ledger yet that would mint a receipt' },
} as const satisfies ProblemTable

const noAnalysis = { analysis_id: 'ana_00000000000000000000000000' }
const noDecision = { decision_id: 'dcn_00000000000000000000000000' }

const decisionFields = {
  verdict: Verdict,
  method: z
    .enum(methodIds)
    .optional()
    .describe('Whose tonnes are approved: one of those that were computed. The one the report proposes unless said.'),
  fraction: z.number().gt(0).lt(1).optional().describe('Of a partial approval.'),
  reason: Text.optional().describe('In writing: for everything but a full approval of a measurement above 40.'),
  approved_t_co2e: z
    .number()
    .positive()
    .max(1e9)
    .optional()
    .describe('A figure of one’s own instead of the method’s, with the reason; it is marked as such.'),
  wanted: z.array(Text.max(400)).max(20).optional().describe('With request_more: what to send.'),
}
export const DecisionInput = z.strictObject(decisionFields)
export type DecisionInput = z.infer<typeof DecisionInput>

export const decide = route({
  name: 'projects.decide',
  method: 'POST',
  path: '/api/v1/analyses/{analysis_id}/decisions',
  summary: 'Decides on an analysis: approve, approve a part, ask for more, reject',
  description:
    'For a person with the role of verifier who neither made the project nor sent its evidence. Below a confidence of 40, for a figure of the reviewer’s own, for more than the report proposes and for tonnes that rest on declared figures, the reason is written and a second reviewer confirms. No time is approved twice. The decision is certified as it becomes effective and never changes.',
  needs: 'projects.review',
  params: z.object({ analysis_id: AnalysisId }),
  body: DecisionInput,
  output: Decision,
  status: 201,
  problems: [
    ...byRole,
    'projects/unknown-analysis',
    'projects/reviewer-not-a-person',
    'projects/reviewer-has-a-part',
    'projects/not-measured',
    'projects/already-decided',
    'projects/superseded',
    'projects/reason-missing',
    'projects/beyond-measured',
    'projects/period-approved',
    'projects/wrong-move',
  ],
  examples: [
    {
      summary: 'A guest of the demonstration reviews nothing',
      params: noAnalysis,
      body: { verdict: 'reject', reason: 'No mangrove is seen.' },
      status: 403,
    },
  ],
})

export const confirmDecision = route({
  name: 'projects.confirmDecision',
  method: 'POST',
  path: '/api/v1/decisions/{decision_id}/confirm',
  summary: 'The second reviewer confirms a decision, or does not',
  needs: 'projects.review',
  params: z.object({ decision_id: DecisionId }),
  body: z.strictObject({ confirms: z.boolean(), reason: Text }),
  output: Decision,
  problems: [
    ...byRole,
    'projects/unknown-decision',
    'projects/reviewer-not-a-person',
    'projects/reviewer-has-a-part',
    'projects/second-reviewer',
    'projects/nothing-to-confirm',
    'projects/superseded',
    'projects/wrong-move',
  ],
  examples: [
    {
      summary: 'A guest of the demonstration reviews nothing',
      params: noDecision,
      body: { confirms: true, reason: 'Seen.' },
      status: 403,
    },
  ],
})

export const getDecision = route({
  name: 'projects.getDecision',
  method: 'GET',
  path: '/api/v1/decisions/{decision_id}',
  summary: 'One decision',
  needs: 'projects.read',
  params: z.object({ decision_id: DecisionId }),
  output: Decision,
  problems: [...byRole, 'projects/unknown-decision'],
  examples: [{ summary: 'No such decision', params: noDecision, status: 404 }],
})

export const listDecisions = route({
  name: 'projects.listDecisions',
  method: 'GET',
  path: '/api/v1/projects/{project_id}/decisions',
  summary: 'What was decided on a project, the newest first',
  needs: 'projects.read',
  params: ProjectParams,
  output: z.object({ decisions: z.array(Decision) }),
  problems: [...byRole, 'projects/unknown-project'],
  examples: [
    { summary: 'Of the fringe', after: afterProject },
    { summary: 'No such project', params: nowhere, status: 404 },
  ],
})

export const QueueItem = z
  .object({
    analysis_id: AnalysisId,
    project_id: ProjectId,
    project_number: z.number().int(),
    project_name: z.string(),
    ecosystem: Ecosystem,
    outcome: z.enum(['measured', 'cannot_tell']),
    confidence_score: z.number().nullable(),
    level: z.enum(levelNames).nullable(),
    tco2e: z.number().nullable(),
    integrity_flags: z.array(z.string()),
    waits_since: Instant,
    waits_for: z.enum(['reviewer', 'second_reviewer']),
    decision_id: DecisionId.nullable(),
    mine: z.boolean().describe('Whether whoever asks may decide it.'),
    why_not: z
      .enum(['not_a_reviewer', 'not_a_person', 'has_a_part', 'was_first_reviewer'])
      .nullable()
      .describe('What keeps whoever asks from deciding it.'),
    generated: z.boolean(),
  })
  .meta({ id: 'ReviewQueueItem' })

export const listQueue = route({
  name: 'projects.queue',
  method: 'GET',
  path: '/api/v1/projects/queue',
  summary: 'What waits for a reviewer, the longest wait first',
  needs: 'projects.read',
  output: z.object({ queue: z.array(QueueItem) }),
  problems: byRole,
  examples: [{ summary: 'All that waits' }],
})

export const verify = route({
  name: 'projects.verify',
  method: 'POST',
  path: '/verify',
  summary: 'A reviewer’s decision on the analysis of a piece of evidence, in the registry’s own form',
  description:
    'Approves in full unless said otherwise. `mint_receipt` waits for the credit ledger and is refused until then; the decision itself is certified all the same when it is false.',
  needs: 'projects.review',
  body: z.strictObject({
    evidence_id: z.union([EvidenceRef, z.int().positive().max(999_999_999).transform(String)]),
    mint_receipt: z.boolean().default(false),
    ...decisionFields,
    verdict: Verdict.default('approve'),
  }),
  output: z.object({
    evidence_id: z.number().int(),
    project_id: z.number().int(),
    verified: z.boolean().describe('Whether credits are approved now.'),
    calculated_carbon_credits: z.number().nullable(),
    credit_calculation_method: z.string(),
    confidence_score: z.number().nullable(),
    approved_t_co2e: z.number(),
    receipt: z.null(),
    decision: Decision,
    analysis_id: AnalysisId,
  }),
  problems: [
    ...decide.problems.filter((problem) => problem !== 'projects/unknown-analysis'),
    'projects/unknown-evidence',
    'projects/ledger-not-there',
  ],
  examples: [
    {
      summary: 'As the registry writes it, by a guest of the demonstration',
      body: { evidence_id: 123, mint_receipt: false },
      status: 403,
    },
  ],
})

const Count = z.number().int()

export const stats = route({
  name: 'projects.stats',
  method: 'GET',
  path: '/system/ai-verification-stats',
  summary: 'How analyses and decisions went, counted from the records',
  description: 'Of the organisation in which whoever asks acts.',
  needs: 'projects.read',
  output: z.object({
    computed_at: Instant,
    total_projects: Count,
    total_evidence: Count,
    evidence_by_type: z.record(z.enum(evidenceTypes), Count),
    projects_with_pair: Count,
    total_analyses: Count,
    analyses_by_state: z.record(z.string(), Count),
    ai_adoption_rate: z
      .number()
      .nullable()
      .describe('Projects with a result, of those with a pair. Null without a pair.'),
    average_confidence: z.number().nullable(),
    confidence_levels: z.record(z.string(), Count),
    evidence_classes: z.record(z.string(), Count),
    calculation_methods: z.record(z.string(), Count).describe('Of decisions that approved something.'),
    decisions_by_verdict: z.record(z.string(), Count),
    waiting_for_review: Count,
    verification_success_rate: z.number().nullable().describe('Approved, in full or in part, of all decided.'),
    total_calculated_credits: z.number().describe('Seed credit units of the latest result of each project.'),
    total_approved_t_co2e: z.number(),
    average_analysis_s: z.number().nullable(),
    generated_projects: Count.describe('Of a generated scene; they are counted above as well.'),
  }),
  problems: byRole,
  examples: [{ summary: 'Now' }],
})
