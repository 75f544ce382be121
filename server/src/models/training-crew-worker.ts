import { parentPort } from 'node:worker_threads'
import { fitBoostedTrees } from '@tidemark/core/learn/boosted-trees.ts'
import { CrewBroken, crewOver } from '@tidemark/core/learn/crew.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { CrewNews, CrewTask } from './training-crew.ts'

/** One thread of a training crew: does its share of every fit that it is given. */
const port = parentPort
if (!port) throw new Error('A member of a training crew runs in a worker thread only.')
const tell = (news: CrewNews) => port.postMessage(news)

port.on('message', ({ buffer, size, index, matrix, target, options }: CrewTask) => {
  // All members have the model; one of them hands it over.
  const first = index === 0
  const report = first ? (done: { step: number; of: number; loss?: number }) => tell({ kind: 'step', done }) : undefined
  try {
    const model = fitBoostedTrees(matrix, target, { ...options, report }, crewOver(buffer, size, index))
    tell({ kind: 'done', model: first ? model : undefined })
  } catch (error) {
    if (error instanceof Problem) tell({ kind: 'problem', type: error.type, details: error.details })
    else tell({ kind: 'failed', message: String(error), crew_broken: error instanceof CrewBroken })
  }
})
