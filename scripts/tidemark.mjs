#!/usr/bin/env node
// The `tidemark` command: finds the Node that runs our sources and hands `server/src/cli.ts` to it with the arguments.
// It works from any folder, through a symbolic link and under Node 20; it never writes to standard output itself.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { NotReady, ensure, findNode, root } from './ensure.mjs'

const cli = join(root, 'server', 'src', 'cli.ts')

try {
  // A checkout that was never started has nothing to run with yet; `start` also builds the pages that `serve` shows.
  if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) await ensure('start')
  const node = findNode()
  if (realpathSync(node) === realpathSync(process.execPath)) {
    process.argv[1] = cli
    await import(pathToFileURL(cli).href)
  } else {
    hand(node)
  }
} catch (error) {
  process.stderr.write(`${error instanceof NotReady ? error.message : error.stack}\n`)
  process.exitCode = 1
}

function hand(node) {
  const child = spawn(node, [cli, ...process.argv.slice(2)], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to the child as well; here it is enough to outlive it. A signal sent to us alone is passed on.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.on('SIGHUP', () => child.kill('SIGHUP'))
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  })
  child.on('close', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
  })
}
