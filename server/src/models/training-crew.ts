import { availableParallelism } from 'node:os'
import { resourceLimits, Worker } from 'node:worker_threads'
import { type BoostedTrees, boostedTreesBytes, type BoostedTreesOptions } from '@tidemark/core/learn/boosted-trees.ts'
import { breakCrew } from '@tidemark/core/learn/crew.ts'
import type { Matrix } from '@tidemark/core/learn/matrix.ts'
import { Problem, type ProblemDetails } from '@tidemark/core/lib/problem.ts'

/** What each member of a crew is told: everything but its place is the same for all. */
export interface CrewTask {
  buffer: SharedArrayBuffer
  size: number
  index: number
  matrix: Matrix
  target: Float64Array
  options: Omit<BoostedTreesOptions, 'report'>
}

export type CrewNews =
  | { kind: 'step'; done: { step: number; of: number; loss?: number } }
  | { kind: 'done'; model: BoostedTrees | undefined }
  | { kind: 'problem'; type: string; details: ProblemDetails }
  | { kind: 'failed'; message: string; crew_broken: boolean }

/** Threads that fit trees together. They stay warm between fits; one fit runs at a time, the others wait. */
export interface TrainingCrew {
  size: number
  /**
   * Fits as `fitBoostedTrees` does, to the same bits, without blocking this thread. `report` is called here; throwing from
   * it ends the fit. Rejects with the problem that the data raise, or when a thread dies: the next fit finds new threads.
   */
  fit(matrix: Matrix, target: ArrayLike<number>, options?: BoostedTreesOptions): Promise<BoostedTrees>
  /** Ends the threads; a fit under way rejects. */
  close(): Promise<void>
}

/** Two threads share most of what can be shared; each more brings less, and other work wants to run too. */
const SIZE_MAX = 4

/** `thread` makes one of the threads from the file it is to run: with limits on its memory, for example. */
export function startTrainingCrew(
  size: number = Math.min(SIZE_MAX, availableParallelism()),
  thread: (file: URL) => Worker = (file) => new Worker(file),
): TrainingCrew {
  let workers: Worker[] = []
  let last: Promise<unknown> = Promise.resolve()
  let closed = false
  let breakRunning = () => {}
  const muster = () => {
    workers = Array.from({ length: size }, () => {
      const worker = thread(new URL('./training-crew-worker.ts', import.meta.url))
      // A crew that waits for work keeps nobody from going home.
      worker.unref()
      // Of one that dies during a fit, the fit is told; one that dies idle takes its crew along, and the next fit finds another.
      worker.on('error', () => undefined).once('exit', () => workers.includes(worker) && void dismiss())
      return worker
    })
  }
  const dismiss = async () => {
    const leaving = workers
    workers = []
    await Promise.all(leaving.map((worker) => worker.terminate()))
  }
  const fit: TrainingCrew['fit'] = async (matrix, target, options = {}) => {
    const turn = last
      .catch(() => undefined)
      .then(async () => {
        if (closed) throw new Error('The training crew has been closed.')
        if (workers.length === 0) muster()
        const running = runFit(workers, matrix, target, options)
        breakRunning = running.stop
        try {
          return await running.model
        } catch (error) {
          // Members may have died or stand anywhere in the fit: the next one begins with new threads.
          if (!(error instanceof Problem)) await dismiss()
          throw error
        }
      })
    last = turn
    return turn
  }
  return {
    size,
    fit,
    close: async () => {
      closed = true
      breakRunning()
      await last.catch(() => undefined)
      await dismiss()
    },
  }
}

/** One fit on a crew of its own, for callers that train rarely. Each of its threads may need what the caller's thread may. */
export async function fitWithCrew(
  matrix: Matrix,
  target: ArrayLike<number>,
  options: BoostedTreesOptions = {},
  size?: number,
): Promise<BoostedTrees> {
  const crew = startTrainingCrew(size, (file) => new Worker(file, { resourceLimits }))
  try {
    return await crew.fit(matrix, target, options)
  } finally {
    await crew.close()
  }
}

function runFit(
  workers: readonly Worker[],
  matrix: Matrix,
  target: ArrayLike<number>,
  { report, ...options }: BoostedTreesOptions,
): { model: Promise<BoostedTrees>; stop: () => void } {
  const size = workers.length
  const buffer = new SharedArrayBuffer(boostedTreesBytes(matrix.row_count, matrix.column_count, options, size))
  const shared_matrix = { ...matrix, values: sharedCopy(matrix.values) }
  const shared_target = sharedCopy(target)
  let failure: unknown
  const fail = (error: unknown) => {
    failure ??= error
    breakCrew(buffer)
  }
  const hear = (news: CrewNews) => {
    if (news.kind === 'problem') fail(new Problem(news.type, news.details))
    // Who only noticed that another is gone does not say why.
    else if (news.kind === 'failed' && !news.crew_broken)
      fail(new Error(`A thread of the training crew failed: ${news.message}`))
    else if (news.kind === 'step' && failure === undefined) {
      try {
        report?.(news.done)
      } catch (error) {
        fail(error)
      }
    }
  }
  const members = workers.map((worker, index) =>
    followMember(worker, { buffer, size, index, matrix: shared_matrix, target: shared_target, options }, hear, fail),
  )
  const model = Promise.all(members).then(([first]) => {
    if (failure !== undefined) throw failure
    if (!first) throw new Error('The training crew ended without a model.')
    return first
  })
  return { model, stop: () => fail(new Error('The training crew was closed during a fit.')) }
}

/** Resolves when a member has nothing more to say: with the model, if it was the one to bring it. */
function followMember(
  worker: Worker,
  task: CrewTask,
  hear: (news: CrewNews) => void,
  fail: (error: unknown) => void,
): Promise<BoostedTrees | undefined> {
  return new Promise((resolve) => {
    const end = (model?: BoostedTrees) => {
      worker.off('message', onNews).off('error', onGone).off('exit', onGone)
      worker.unref()
      resolve(model)
    }
    const onNews = (news: CrewNews) => {
      hear(news)
      if (news.kind === 'done') end(news.model)
      else if (news.kind !== 'step') end()
    }
    const onGone = (cause: unknown) => {
      fail(new Error('A thread of the training crew died.', { cause }))
      end()
    }
    worker.on('message', onNews).on('error', onGone).on('exit', onGone)
    worker.ref()
    worker.postMessage(task)
  })
}

/** Memory that all threads see, without a copy for each. */
function sharedCopy(values: ArrayLike<number>): Float64Array {
  if (values instanceof Float64Array && values.buffer instanceof SharedArrayBuffer) return values
  const copy = new Float64Array(new SharedArrayBuffer(values.length * 8))
  copy.set(values)
  return copy
}
