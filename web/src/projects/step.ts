import type { Analysis } from '@tidemark/core/projects/analysis-contract.ts'
import type { Project } from '@tidemark/core/projects/contract.ts'

/** What a project waits for, the first thing that is missing. */
export type Step =
  | 'withdrawn'
  | 'boundary'
  | 'area'
  | 'register'
  | 'before'
  | 'after'
  | 'wait'
  | 'failed'
  | 'analyse'
  | 'better'
  | 'submit'
  | 'review'
  | 'more'
  | 'closed'

/** What the developer does next; the analysis is the newest there is. */
export function stepOf(project: Project, latest: Analysis | undefined): Step {
  const { state, area, evidence, boundary } = project
  if (state === 'withdrawn') return 'withdrawn'
  if (latest?.state === 'queued' || latest?.state === 'running') return 'wait'
  if (state === 'approved' || state === 'rejected') return 'closed'
  if (boundary === null) return 'boundary'
  if (area.verdict === 'blocks') return 'area'
  if (state === 'draft') return 'register'
  if (state === 'in_review') return 'review'
  if (evidence.before === 0) return 'before'
  if (evidence.after === 0) return 'after'
  if (state === 'more_evidence') return 'more'
  if (latest === undefined) return 'analyse'
  if (latest.state === 'failed') return 'failed'
  // Below 55 nothing is proposed: better evidence is worth more than a reviewer's time.
  const is_weak = latest.level === 'manual_review' || latest.level === 'more_evidence'
  return is_weak || latest.state === 'cannot_tell' ? 'better' : 'submit'
}
