import type { ProblemTable } from '../lib/problem.ts'

/** What can be wrong with a picture that is sent as evidence, and with looking at it. */
export const imageryProblems = {
  'projects/image-not-supported': { status: 415, title: 'Pictures of this kind are not read here' },
  'projects/image-unreadable': { status: 422, title: 'The picture cannot be read' },
  'projects/image-too-large': { status: 413, title: 'The picture is larger than is read here' },
  'projects/analysis-stopped': { status: 503, title: 'Looking at the picture ended before there was a result' },
  'projects/analysis-cancelled': { status: 409, title: 'Looking at the picture was cancelled' },
} as const satisfies ProblemTable

export type ImageryProblem = keyof typeof imageryProblems
