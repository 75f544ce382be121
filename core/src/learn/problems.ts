import type { ProblemTable } from '../lib/problem.ts'

/** What the learners refuse. */
export const learnProblems = {
  'learn/data-unfit': { status: 422, title: 'The data cannot be learnt from as they are' },
  'learn/model-file-invalid': { status: 422, title: 'This is not a model that can be read' },
} as const satisfies ProblemTable
