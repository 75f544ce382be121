import type { ProblemTable } from '../lib/problem.ts'

/** What the rules of projects refuse, beside what the contract's routes do. */
export const ruleProblems = {
  'projects/wrong-move': { status: 409, title: 'The project does not move that way' },
  'projects/invalid-analysis': { status: 422, title: 'This is not what an analysis is computed from' },
} as const satisfies ProblemTable
