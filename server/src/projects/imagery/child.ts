import { Problem } from '@tidemark/core/lib/problem.ts'
import { inspectHere } from './inspect.ts'
import { measureHere } from './measure.ts'
import type { Progress, Said, Task } from './protocol.ts'

// A process that decodes one picture or measures one pair, and ends. Whatever a file from outside does to a decoder, it does
// it here, without the database, the keys or the network of the server.

const PROGRESS_EVERY_MS = 200

const say = (said: Said) => process.send?.(said)

let said_at = 0
let peak_bytes = 0
function onProgress(progress: Progress): void {
  const now = performance.now()
  const rss_bytes = process.memoryUsage.rss()
  peak_bytes = Math.max(peak_bytes, rss_bytes)
  if (now - said_at < PROGRESS_EVERY_MS && progress.done < progress.of) return
  said_at = now
  say({ kind: 'progress', progress, rss_bytes })
}

process.once('message', (task: Task) => {
  void carryOut(task)
    .then(
      (result) =>
        say({ kind: 'done', result, rss_bytes_peak: Math.max(peak_bytes, process.resourceUsage().maxRSS * 1024) }),
      (error: unknown) => {
        if (error instanceof Problem) say({ kind: 'refused', type: error.type, details: error.details })
        else say({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
      },
    )
    .finally(() => process.disconnect?.())
})
// The server is gone: nobody waits for the answer.
process.once('disconnect', () => process.exit(0))
say({ kind: 'ready' })

async function carryOut(task: Task) {
  if (task.kind === 'inspect') return inspectHere(task.path, task, onProgress)
  return measureHere(task.request, task, onProgress)
}
