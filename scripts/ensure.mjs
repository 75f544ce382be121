// Makes this checkout ready to run, and does nothing when it already is.
//
//   node scripts/ensure.mjs start   dependencies without the development tools, Node 24, the web bundle, a database dump
//   node scripts/ensure.mjs test    every dependency, Node 24
//   node scripts/ensure.mjs web     the web bundle alone, with what is installed
//
// It runs before anything is installed, under whatever Node the machine has: plain JavaScript, built-in modules only.
// All it says goes to standard error, so that a command whose answer is JSON stays clean on standard output.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { trimInstallation } from './trim.mjs'

export const root = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))))

/** The oldest Node that can install the dependencies, and the one that runs the TypeScript sources. */
const NODE_TO_INSTALL = [20, 19]
const NODE_TO_RUN = 24

/** A state the person can mend: printed as it is, without a stack. */
export class NotReady extends Error {}

/**
 * Brings the checkout to the state that `mode` needs. Throws `NotReady` with a sentence that says what to do.
 * @param {'start' | 'test' | 'web'} mode
 */
export async function ensure(mode) {
  checkInstallingNode()
  if (mode !== 'web') await ensureDependencies(mode)
  const node = findNode()
  if (mode !== 'test') await ensureWebBundle(node)
  if (mode === 'start') await ensureDatabaseDump(node)
}

/**
 * Path of a Node that runs our sources: the pinned one from npm, else the one that runs this file when it is new enough.
 * Throws `NotReady` when there is neither.
 */
export function findNode() {
  const pinned = pinnedNode()
  if (pinned !== undefined && existsSync(pinned.path)) return pinned.path
  if (major(process.versions.node) >= NODE_TO_RUN) return process.execPath
  if (pinned !== undefined) {
    throw new NotReady(
      `Node ${NODE_TO_RUN} is missing: the package ${pinned.name} was left out of the installation.\n` +
        'Run `npm ci --include=optional --ignore-scripts`, then try again.',
    )
  }
  throw new NotReady(
    `Tidemark needs Node ${NODE_TO_RUN} or newer; this is Node ${process.versions.node}.\n` +
      `For ${process.platform} ${process.arch} it does not come with the dependencies: ` +
      'install it from https://nodejs.org and try again.',
  )
}

// --- Node ------------------------------------------------------------------------------------------------------------

function major(version) {
  return Number(version.split('.')[0])
}

function checkInstallingNode() {
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number)
  const [needMajor, needMinor] = NODE_TO_INSTALL
  if (haveMajor > needMajor || (haveMajor === needMajor && haveMinor >= needMinor)) return
  throw new NotReady(
    `Tidemark needs Node ${needMajor}.${needMinor} or newer to install itself; this is Node ${process.versions.node}.\n` +
      'Install a current Node from https://nodejs.org or with your package manager and try again.',
  )
}

/** The npm package that carries Node for this machine, or undefined where there is none. */
function pinnedNode() {
  const system = { linux: 'linux', win32: 'win' }[process.platform]
  if (system === undefined) return undefined
  const name = `node-${system}-${process.arch}`
  const declared = readJson(join(root, 'package.json')).optionalDependencies ?? {}
  if (!(name in declared)) return undefined
  const binary = process.platform === 'win32' ? 'node.exe' : 'node'
  return { name, version: declared[name], path: join(root, 'node_modules', name, 'bin', binary) }
}

// --- Dependencies ----------------------------------------------------------------------------------------------------

async function ensureDependencies(mode) {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const lockHash = hashOf([lockText, process.platform, process.arch])
  if (stampSatisfies(mode, lockHash)) return
  if (installedSatisfies(mode, JSON.parse(lockText))) return writeStamp(mode, lockHash)

  say('Installing dependencies once, about a minute…')
  const started = Date.now()
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--include=optional']
  args.push(mode === 'start' ? '--omit=dev' : '--include=dev')
  await runNpm(args)
  if (mode === 'start') trimInstallation(root)
  writeStamp(mode, lockHash)
  say(`Dependencies are installed (${seconds(started)}).`)
}

const stampPath = join(root, 'node_modules', '.tidemark-installed')

function stampSatisfies(mode, lockHash) {
  const [hash, installed] = readText(stampPath)?.split(' ') ?? []
  const pinned = pinnedNode()
  if (pinned !== undefined && !existsSync(pinned.path)) return false
  return hash === lockHash && (installed === 'test' || installed === mode)
}

function writeStamp(mode, lockHash) {
  writeFileSync(stampPath, `${lockHash} ${mode}`)
}

/**
 * True when an installation made by hand (`npm ci`, `npm install`) already holds every package that `mode` needs.
 * npm writes its own record last, so an installation that was interrupted does not pass.
 */
function installedSatisfies(mode, lock) {
  const record = readText(join(root, 'node_modules', '.package-lock.json'))
  if (record === undefined) return false
  const installed = JSON.parse(record).packages ?? {}
  const pinned = pinnedNode()
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (!path.includes('node_modules/') || wanted.link) return true
    if (wanted.optional) return path !== `node_modules/${pinned?.name}` || existsSync(pinned.path)
    if (mode === 'start' && (wanted.dev || wanted.devOptional)) return true
    return installed[path]?.version === wanted.version && existsSync(join(root, path))
  })
}

/** npm says first what went wrong and then repeats its manual: the first lines are the ones to read. */
function firstErrors(output) {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('npm warn'))
  return lines.slice(0, 15).join('\n')
}

async function runNpm(args) {
  // The npm that started this script, run by the Node that runs npm: a Node inside node_modules would delete itself.
  const cli = process.env.npm_execpath
  const runner = process.env.npm_node_execpath ?? process.execPath
  const own = cli !== undefined && /npm-cli\.c?js$/.test(cli) && existsSync(runner)
  const outsideBin = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))
  const env = { ...process.env, PATH: outsideBin.join(delimiter) }
  const [command, commandArgs] = own ? [runner, [cli, ...args]] : ['npm', args]
  const { code, output } = await run(command, commandArgs, {
    cwd: root,
    env,
    shell: !own && process.platform === 'win32',
  })
  if (code === 0) return
  throw new NotReady(
    `${firstErrors(output)}\n\nInstalling the dependencies failed (npm ${args[0]} ended with ${code}).\n` +
      'Check the network and the free space, then try again; nothing outside node_modules was changed.',
  )
}

// --- The web bundle --------------------------------------------------------------------------------------------------

async function ensureWebBundle(node) {
  const stamp = join(root, 'web', 'dist', '.stamp')
  const hash = hashOfWebSources()
  if (readText(stamp) === hash) return
  say('Building the web pages once, a few seconds…')
  const started = Date.now()
  const args = [findVite(), 'build', '--logLevel', 'warn', '--emptyOutDir']
  const { code, output } = await run(node, args, {
    cwd: join(root, 'web'),
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (code !== 0)
    throw new NotReady(`${lastLines(output, 40)}\n\nBuilding the web pages failed (vite ended with ${code}).`)
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, hash)
  say(`The web pages are built (${seconds(started)}).`)
}

function findVite() {
  const places = ['web/node_modules/vite/bin/vite.js', 'node_modules/vite/bin/vite.js'].map((place) =>
    join(root, place),
  )
  const found = places.find((place) => existsSync(place))
  if (found === undefined) throw new NotReady('Vite is not installed. Run `npm start` or `npm test`, which install it.')
  return found
}

/** Everything the bundle is made of; a change of any of it makes the bundle stale. Tests are not part of it. */
function hashOfWebSources() {
  const files = ['package-lock.json', 'tsconfig.base.json', 'web', 'core/package.json', 'core/src']
    .flatMap((place) => filesUnder(join(root, place)))
    .filter((file) => !/\.test\.tsx?$/.test(file))
    .sort()
  return hashOf(files.flatMap((file) => [relative(root, file).split(sep).join('/'), readFileSync(file)]))
}

function filesUnder(place) {
  if (!existsSync(place)) return []
  if (statSync(place).isFile()) return [place]
  return readdirSync(place, { withFileTypes: true })
    .filter((entry) => !['node_modules', 'dist', '.stamp'].includes(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(place, entry.name)) : [join(place, entry.name)]))
}

// --- The embedded database -------------------------------------------------------------------------------------------

/** A new data folder begins from a dump of the migrated database: a third of the time of making one from nothing. */
async function ensureDatabaseDump(node) {
  if (process.env.DATABASE_URL) return
  const stamp = join(root, 'node_modules', '.cache', 'tidemark', '.stamp')
  const files = ['package-lock.json', 'server/migrations'].flatMap((place) => filesUnder(join(root, place))).sort()
  const hash = hashOf(files.flatMap((file) => [relative(root, file), readFileSync(file)]))
  if (readText(stamp) === hash) return
  say('Preparing the embedded database once, a few seconds…')
  const { code, output } = await run(node, [join(root, 'server/src/platform/database/snapshot.ts')], { cwd: root })
  // Without the dump the first start only takes longer, and it will say what is wrong better than we can here.
  if (code !== 0) return say(lastLines(output, 5))
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, hash)
}

// --- Small tools -----------------------------------------------------------------------------------------------------

function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (chunk) => (output += chunk)
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const stillThere = setInterval(() => say('… still at it'), 30_000)
    const done = (code) => {
      clearInterval(stillThere)
      resolve({ code, output })
    }
    child.on('error', (error) => {
      output += `${error.message}\n`
      done(127)
    })
    child.on('close', (code, signal) => done(code ?? signal))
  })
}

function hashOf(parts) {
  const hash = createHash('sha256')
  // The length before each part keeps `ab`+`c` and `a`+`bc` apart.
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex')
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function lastLines(text, count) {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}

function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`
}

function say(sentence) {
  process.stderr.write(`${sentence}\n`)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  const mode = process.argv[2]
  if (mode !== 'start' && mode !== 'test' && mode !== 'web') {
    say('Usage: node scripts/ensure.mjs start | test | web')
    process.exit(2)
  }
  ensure(mode).catch((error) => {
    say(error instanceof NotReady ? `\n${error.message}` : error.stack)
    process.exit(1)
  })
}
