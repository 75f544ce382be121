import { Worker } from 'node:worker_threads'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { programmeOf, scheduleOf } from '@tidemark/core/sites/schedule-model.ts'
import type { Schedule } from '@tidemark/core/sites/schedule-cost.ts'
import type { ScheduleTask } from '@tidemark/core/sites/schedule-task.ts'

export interface SolveTask {
  id: number
  text: string
  time_limit_s: number
}

export interface SolveAnswer {
  id: number
  status: string
  columns: Record<string, number>
  duration_ms: number
}

export interface Solved {
  schedule: Schedule
  status: 'optimal' | 'time_limit'
  binaries: number
  duration_ms: number
}

/** A thread with a solver in it, which waits for the next question and keeps nobody from going home. */
let thread: Worker | undefined
let asked = 0

/**
 * The cheapest schedule of a task. Solutions wait for one another in one thread.
 * @throws Error where the solver dies or finds nothing in its time, which soft limits rule out.
 */
export async function solve(task: ScheduleTask, time_limit_s = 20): Promise<Solved> {
  const { text, binaries } = programmeOf(task)
  let answer = await ask({ id: asked++, text, time_limit_s })
  // A machine that is busy may not have found anything yet: what comes late is better than nothing.
  if (answer.status === TIME_LIMIT && !isWhole(answer)) {
    answer = await ask({ id: asked++, text, time_limit_s: 4 * time_limit_s })
  }
  const { status, columns, duration_ms } = answer
  invariant(
    isWhole(answer) && (status === 'Optimal' || status === TIME_LIMIT),
    `a plan always comes, but the solver said: ${status}`,
  )
  return {
    schedule: scheduleOf(task, columns),
    status: status === 'Optimal' ? 'optimal' : 'time_limit',
    binaries,
    duration_ms,
  }
}

const TIME_LIMIT = 'Time limit reached'

function isWhole({ columns }: SolveAnswer): boolean {
  const values = Object.values(columns)
  return values.length > 0 && values.every(Number.isFinite)
}

/** Ends the thread: for programs that want to end. The next question starts another. */
export async function closeSolver(): Promise<void> {
  const ending = thread
  thread = undefined
  await ending?.terminate()
}

function ask(task: SolveTask): Promise<SolveAnswer> {
  const worker = (thread ??= begin())
  worker.ref()
  return new Promise((resolve, reject) => {
    const end = () => {
      worker.off('message', hear).off('error', die).off('exit', die)
      if (worker.listenerCount('message') === 0) worker.unref()
    }
    const hear = (answer: SolveAnswer) => {
      if (answer.id !== task.id) return
      end()
      resolve(answer)
    }
    const die = (cause: unknown) => {
      end()
      if (thread === worker) thread = undefined
      reject(new Error('The thread of the solver died.', { cause }))
    }
    worker.on('message', hear).on('error', die).on('exit', die)
    worker.postMessage(task)
  })
}

function begin(): Worker {
  const worker = new Worker(new URL('./schedule-worker.ts', import.meta.url))
  worker.setMaxListeners(100)
  return worker
}
