// Checks who imports whom with `.dependency-cruiser.cjs` and prints each breach with the reason of its rule.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)

export interface Breach {
  rule: string
  from: string
  to: string
}

export interface Cruise {
  modules: number
  breaches: Breach[]
}

/**
 * Follows every import under `folder` (the project unless said). Throws when nothing was found: dependency-cruiser reports
 * success over zero modules when it cannot use the TypeScript it meets, and an empty success is no success.
 */
export function cruise(folder: string = root): Cruise {
  const places = ['core/src', 'server/src', 'web/src'].filter((place) => existsSync(join(folder, place)))
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
  const config = join(root, '.dependency-cruiser.cjs')
  const args = [program, '--config', config, '--output-type', 'json', ...places]
  // The tool ends with the number of breaches when its output is for people; as JSON it ends with zero.
  const answer = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 })
  const { modules, summary } = JSON.parse(answer) as CruiserAnswer
  for (const place of places) {
    if (modules.some((module) => module.source.startsWith(place))) continue
    throw new Error(`dependency-cruiser found no module under ${place}: is \`typescript\` still at version 6?`)
  }
  const breaches = summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }))
  return { modules: modules.length, breaches }
}

interface CruiserAnswer {
  modules: { source: string }[]
  summary: { violations: { rule: { name: string }; from: string; to: string }[] }
}

async function main() {
  const { modules, breaches } = cruise()
  if (breaches.length === 0) {
    process.stdout.write(`${modules} modules, all in their place\n`)
    return
  }
  const { default: config } = (await import(join(root, '.dependency-cruiser.cjs'))) as {
    default: { forbidden: { name: string; comment: string }[] }
  }
  for (const breach of breaches) {
    const reason = config.forbidden.find((rule) => rule.name === breach.rule)?.comment ?? ''
    process.stdout.write(`${breach.from}\n  imports ${breach.to}\n  ${breach.rule}: ${reason}\n\n`)
  }
  process.exitCode = 1
}

if (import.meta.main) await main()
