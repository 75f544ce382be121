import { parentPort } from 'node:worker_threads'
import loadHighs from 'highs'
import type { SolveAnswer, SolveTask } from './solver.ts'

// HiGHS is WebAssembly and solves in one go: in a thread of its own it keeps nobody waiting but who asked.
// Its types are written for CommonJS, where the function stands one step deeper; here it is the default itself.
const highs = await (loadHighs as unknown as typeof loadHighs.default)()

/** Plans within a hundredth of a per cent of the cheapest are as good as it. */
const GAP = 1e-4

parentPort?.on('message', ({ id, text, time_limit_s }: SolveTask) => {
  const started_ms = performance.now()
  const answer = (rest: Pick<SolveAnswer, 'status' | 'columns'>) =>
    parentPort?.postMessage({ id, ...rest, duration_ms: performance.now() - started_ms } satisfies SolveAnswer)
  try {
    const result = highs.solve(text, {
      output_flag: false,
      time_limit: time_limit_s,
      mip_rel_gap: GAP,
      random_seed: 0,
    })
    const columns = Object.entries(result.Columns).map(([name, column]) => [
      name,
      'Primal' in column && typeof column.Primal === 'number' ? column.Primal : Number.NaN,
    ])
    answer({ status: result.Status, columns: Object.fromEntries(columns) as Record<string, number> })
  } catch (error) {
    answer({ status: `failed: ${error instanceof Error ? error.message : String(error)}`, columns: {} })
  }
})
