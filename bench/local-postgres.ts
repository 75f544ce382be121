// A PostgreSQL for a bench: the one that TEST_DATABASE_URL names, or one of its own from the programs of a PostgreSQL that is
// installed here, in a folder that is gone afterwards.
import { execFile, execFileSync } from 'node:child_process'
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const DEBIAN = '/usr/lib/postgresql'

export interface LocalPostgres {
  url: string
  /** What it is, for the table. */
  name: string
  stop(): Promise<void>
}

/** Undefined when there is none. */
export async function findPostgres(): Promise<LocalPostgres | undefined> {
  const url = process.env.TEST_DATABASE_URL
  if (url !== undefined && url !== '')
    return { url, name: 'the PostgreSQL of TEST_DATABASE_URL', stop: async () => undefined }
  const versions = await readdir(DEBIAN).catch(() => [])
  const version = versions.filter((each) => Number(each) >= 15).sort((a, b) => Number(a) - Number(b))[0]
  return version === undefined ? undefined : start(join(DEBIAN, version, 'bin'), version)
}

async function start(programs: string, version: string): Promise<LocalPostgres | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-bench-postgres-'))
  const as = accountFor()
  if (as) {
    await chown(folder, as.uid, as.gid)
    await chmod(folder, 0o700)
  }
  const port = await freePort()
  const options = { ...as, cwd: folder }
  const data = join(folder, 'data')
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    await run(join(programs, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'bench', '--no-instructions', '-k'], options)
    const settings = `-c listen_addresses=127.0.0.1 -c unix_socket_directories= -p ${port}`
    await run(join(programs, 'pg_ctl'), ['-D', data, '-l', join(folder, 'log'), '-w', '-o', settings, 'start'], options)
  } catch (error) {
    await remove()
    process.stdout.write(`PostgreSQL ${version} is here and does not start: ${String(error).split('\n')[0]}\n`)
    return undefined
  }
  return {
    url: `postgres://bench@127.0.0.1:${port}/postgres`,
    name: `PostgreSQL ${version}, as it is installed`,
    stop: async () => {
      await run(join(programs, 'pg_ctl'), ['-D', data, '-m', 'immediate', '-w', 'stop'], options)
      await remove()
    },
  }
}

/** It refuses to run as root, and runs as the account that came with it. */
function accountFor(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres']).toString())
  return { uid: id('-u'), gid: id('-g') }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
