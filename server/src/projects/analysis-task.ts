import type { Boundary } from '@tidemark/core/projects/boundary.ts'
import type { Ecosystem } from '@tidemark/core/projects/ecosystems.ts'
import type { NamedBand } from '@tidemark/core/projects/evidence-contract.ts'
import type { MethodParameters } from '@tidemark/core/projects/report.ts'

/** One side of a pair, as it was when the analysis was asked for. */
export interface TaskScene {
  evidence_id: string
  number: number
  files: { sha256: string; name: string }[]
  claimed_on: string | null
  uploaded_on: string
  sensor: string | null
  /** As a person named them by then. Not there in analyses of before anybody could. */
  bands?: NamedBand[] | null
}

/** All that an analysis is computed from: changing the project later changes nothing of it. */
export interface AnalysisTask {
  project_id: string
  ecosystem: Ecosystem
  claimed_ha: number
  polygon_ha: number | null
  boundary: Boundary | null
  method_parameters: MethodParameters
  before: TaskScene
  after: TaskScene
}
