// Runs the named vitest projects and tells the parent process how many tests passed, failed and were skipped, and why.
//
//   node scripts/vitest-run.ts rules server
import { startVitest, type Reporter, type TestCase, type TestModule, type TestSuite } from 'vitest/node'

export interface Tally {
  passed: number
  failed: number
  skipped: { title: string; reason: string }[]
}

class Counter implements Reporter {
  readonly tally: Tally = { passed: 0, failed: 0, skipped: [] }

  onTestCaseResult(test: TestCase) {
    const result = test.result()
    if (result.state === 'passed') this.tally.passed += 1
    else if (result.state === 'failed') this.tally.failed += 1
    else if (!brokenBefore(test)) this.tally.skipped.push({ title: test.fullName, reason: noteOf(test) })
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]) {
    // A file that cannot be loaded, a hook that throws and an error outside every test have no test to fail.
    this.tally.failed += unhandled.length
    for (const module of modules) {
      const owners = [module, ...module.children.allSuites()]
      this.tally.failed += owners.reduce((sum, owner) => sum + owner.errors().length, 0)
    }
  }
}

/** A test that never ran because its file or its suite broke is not skipped: the breakage is what counts. */
function brokenBefore(test: TestCase): boolean {
  for (let owner: TestSuite | TestModule = test.parent; ; owner = owner.parent) {
    if (owner.errors().length > 0) return true
    if (owner.type === 'module') return false
  }
}

function noteOf(test: TestCase): string {
  const result = test.result()
  return (result.state === 'skipped' && result.note) || ''
}

const counter = new Counter()
const vitest = await startVitest('test', [], {
  project: process.argv.slice(2),
  watch: false,
  reporters: ['default', counter],
})
await vitest.close()
if (counter.tally.failed > 0) process.exitCode = 1
process.send?.(counter.tally)
process.disconnect?.()
