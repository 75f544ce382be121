// Everything under `npm test`, in the order that tells you soonest: the checks that take a second, then the rules, then the
// capabilities on a real database, then the journeys in a browser. Two processes at a time; silent about what is well.
//
//   npm test                 all of it
//   npm run check            the fast checks alone (`--static`)
//   npm run test:postgres    the capabilities on the PostgreSQL that TEST_DATABASE_URL names (`--postgres`)
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import type { Tally } from './vitest-run.ts'

const root = dirname(import.meta.dirname)
/** Nothing of ours takes this long; what does has hung, and a hung run should say so. */
const STEP_MINUTES_MAX = 20
const AT_ONCE = 2

interface Step {
  name: string
  /** Arguments for Node, from the root of the project. */
  args: string[]
  /** True when the step counts its own tests; any other step counts as one. */
  tallies?: boolean
}

const typescript = 'node_modules/ts7/bin/tsc'
const staticSteps: Step[] = [
  { name: 'types of core', args: [typescript, '-p', 'core'] },
  { name: 'types of the tests of core', args: [typescript, '-p', 'core/tsconfig.test.json'] },
  { name: 'types of server, scripts and journeys', args: [typescript, '-p', 'server'] },
  { name: 'types of web', args: [typescript, '-p', 'web'] },
  { name: 'lint', args: ['node_modules/oxlint/bin/oxlint'] },
  { name: 'format (`npm run format` mends it)', args: ['node_modules/oxfmt/bin/oxfmt', '--check', '.'] },
  { name: 'who imports whom', args: ['scripts/dependencies.ts'] },
]
const rules: Step = {
  name: 'rules, data and the repository itself',
  args: ['scripts/vitest-run.ts', 'rules'],
  tallies: true,
}
const capabilities: Step = { name: 'capabilities', args: ['scripts/vitest-run.ts', 'server'], tallies: true }
const webBundle: Step = { name: 'web bundle', args: ['scripts/ensure.mjs', 'web'] }
const journeys: Step = { name: 'journeys in a browser', args: ['scripts/vitest-run.ts', 'journeys'], tallies: true }

const total: Tally = { passed: 0, failed: 0, skipped: [] }

async function main(flag: string | undefined) {
  if (flag === '--static') {
    await together(staticSteps)
  } else if (flag === '--postgres') {
    if (!process.env.TEST_DATABASE_URL)
      return refuse('Set TEST_DATABASE_URL to a PostgreSQL database that may be emptied.')
    await perform({ ...capabilities, name: 'capabilities on PostgreSQL' })
  } else if (flag === undefined) {
    await together(staticSteps)
    for (const step of [rules, capabilities, webBundle, journeys]) await perform(step)
  } else {
    return refuse(`Unknown option ${flag}. Known are --static and --postgres; none runs everything.`)
  }
  report()
}

/** Performs the steps in their order, at most two at a time. */
async function together(steps: readonly Step[]) {
  const waiting = [...steps]
  const worker = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) await perform(step)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

async function perform(step: Step) {
  const started = performance.now()
  const { code, output, tally } = await runStep(step)
  const took = `${((performance.now() - started) / 1000).toFixed(1)} s`
  const failed = code !== 0
  if (tally) {
    total.passed += tally.passed
    // A run can break after its last test, while it closes: that is a failure too, though no test has it.
    total.failed += Math.max(tally.failed, failed ? 1 : 0)
    total.skipped.push(...tally.skipped)
  } else {
    total.passed += failed ? 0 : 1
    total.failed += failed ? 1 : 0
  }
  const counted = tally ? ` · ${tally.passed} passed` : ''
  print(`${failed ? 'FAILED' : 'ok    '}  ${step.name} · ${took}${counted}`)
  if (failed) print(output.trimEnd().replaceAll(/^/gm, '    ') || `    ended with ${code} and said nothing`)
}

interface Outcome {
  code: number | string
  output: string
  tally?: Tally
}

function runStep(step: Step): Promise<Outcome> {
  return new Promise((resolve) => {
    const stdio: ('ignore' | 'pipe' | 'ipc')[] = ['ignore', 'pipe', 'pipe', ...(step.tallies ? (['ipc'] as const) : [])]
    // Colours are for people; an output that is kept and indented is read without them.
    const child = spawn(process.execPath, step.args, { cwd: root, stdio, env: { ...process.env, NO_COLOR: '1' } })
    let output = ''
    let tally: Tally | undefined
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('message', (message) => (tally = message as Tally))
    const limit = setTimeout(() => {
      output += `\nStopped after ${STEP_MINUTES_MAX} minutes.\n`
      child.kill('SIGKILL')
    }, STEP_MINUTES_MAX * 60_000)
    child.on('error', (error) => (output += `${error.message}\n`))
    child.on('close', (code, signal) => {
      clearTimeout(limit)
      resolve({ code: code ?? signal ?? 'error', output, tally })
    })
  })
}

function report() {
  for (const { title, reason } of total.skipped) print(`skipped: ${title}${reason ? ` (${reason})` : ''}`)
  const skipped = total.skipped.length > 0 ? `, ${total.skipped.length} skipped` : ''
  print(`${total.passed} passed, ${total.failed} failed${skipped}`)
  process.exitCode = total.failed === 0 ? 0 : 1
}

function refuse(sentence: string) {
  process.stderr.write(`${sentence}\n`)
  process.exitCode = 2
}

function print(line: string) {
  process.stdout.write(`${line}\n`)
}

await main(process.argv[2])
