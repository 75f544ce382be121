import type { FileFacts } from '@tidemark/core/projects/file-facts.ts'
import type { ProblemDetails } from '@tidemark/core/lib/problem.ts'
import type { ImageLimits } from './limits.ts'
import type { PairOutcome, PairRequest } from './pair.ts'

/** What a process that decodes pictures is asked, and what it says. Plain data, both ways. */
export type Task =
  | { kind: 'inspect'; path: string; limits: ImageLimits; preview: string | null }
  | { kind: 'measure'; request: PairRequest; folder: string; limits: ImageLimits }

export interface Results {
  inspect: FileFacts
  measure: PairOutcome
}

/** How far it has come: `step` names what is being done. */
export interface Progress {
  step: Step
  done: number
  of: number
}

export type Step = 'opening' | 'reading' | 'registering' | 'measuring' | 'drawing'

export type Said =
  | { kind: 'ready' }
  | { kind: 'progress'; progress: Progress; rss_bytes: number }
  | { kind: 'done'; result: Results[Task['kind']]; rss_bytes_peak: number }
  | { kind: 'refused'; type: string; details: ProblemDetails }
  /** A bug of ours, in words for the log. */
  | { kind: 'failed'; message: string }
