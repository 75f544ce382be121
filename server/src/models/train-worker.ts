import { parentPort, workerData } from 'node:worker_threads'
import { fitBoostedTrees } from '@tidemark/core/learn/boosted-trees.ts'
import { Problem, type ProblemDetails } from '@tidemark/core/lib/problem.ts'
import { readArtifact } from '@tidemark/core/models/artifact.ts'
import type { Frame } from '@tidemark/core/models/frame.ts'
import type { Recipe, Task } from '@tidemark/core/models/recipe.ts'
import { fitWithCrew } from './training-crew.ts'
import { trainModel, type Trained } from '@tidemark/core/models/train.ts'

/** What a training thread is given. */
export interface Assignment {
  frame: Frame
  recipe: Recipe
  task: Task
  champion?: { version: number; text: string; holdout_from: number | null }
}

/** What it says. The last thing is `done` or `refused`; a thread that ends without either has died. */
export type Report =
  | { kind: 'line'; line: string; level: 'info' | 'warning' }
  | { kind: 'step'; step: number; of: number; loss?: number }
  | { kind: 'done'; trained: Trained }
  | { kind: 'refused'; type: string; details: ProblemDetails }

const { frame, recipe, task, champion } = workerData as Assignment
const say = (report: Report) => parentPort?.postMessage(report)

/** A message for every step of thousands would cost more than the steps. */
const STEP_EVERY_MS = 100
let said_ms = 0
const CREW_ROWS_MIN = 20_000

try {
  const trained = await trainModel(
    frame,
    { recipe, task },
    {
      say: (line, level = 'info') => say({ kind: 'line', line, level }),
      report: ({ step, of, loss }) => {
        if (step < of && performance.now() - said_ms < STEP_EVERY_MS) return
        said_ms = performance.now()
        say({ kind: 'step', step, of, ...(loss === undefined ? {} : { loss }) })
      },
      // Threads of their own cost a tenth of a second: small tables are done by then. Either way the bits are the same.
      fitTrees: async (matrix, target, options) =>
        matrix.row_count < CREW_ROWS_MIN
          ? fitBoostedTrees(matrix, target, options)
          : fitWithCrew(matrix, target, options),
      clock_us: () => performance.now() * 1_000,
    },
    champion && { version: champion.version, model: readArtifact(champion.text), holdout_from: champion.holdout_from },
  )
  say({ kind: 'done', trained })
} catch (error) {
  // Anything else is a bug, and ends the thread with its stack.
  if (!(error instanceof Problem)) throw error
  say({ kind: 'refused', type: error.type, details: { ...error.details, detail: error.message } })
}
