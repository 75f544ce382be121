import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sql } from 'kysely'
import { createLog } from '../log.ts'
import { openDatabase } from './database.ts'
import { FolderInUseError, lockFolder } from './folder-lock.ts'
import { makeSnapshot } from './snapshot.ts'
import { isWhole } from '../testing-extent.ts'

const log = createLog('silent')
const children: ChildProcess[] = []
let data_dir = ''

beforeEach(async () => {
  data_dir = await mkdtemp(join(tmpdir(), 'tidemark-crash-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(data_dir, { recursive: true, force: true })
})

/** Starts a writer; resolves when it has acknowledged `count` writes. */
async function startWriter(
  first: number,
  count: number,
): Promise<{ child: ChildProcess; acknowledged: () => number[] }> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'cases/write-until-killed.ts'), data_dir, String(first)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  children.push(child)
  let text = ''
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  child.once('exit', () => reject(new Error('The writer ended by itself.')))
  child.stdout?.on('data', (bytes: Buffer) => {
    text += bytes.toString()
    if (text.split('\n').length > count) resolve()
  })
  await promise
  // A number is counted when its line is whole.
  return { child, acknowledged: () => text.split('\n').slice(0, -1).map(Number) }
}

const rounds = isWhole ? 3 : 2
test(`kill -9 in the middle of writes, ${rounds} times over, loses no acknowledged commit and leaves no half`, async () => {
  const acknowledged: number[] = []
  for (let round = 0; round < rounds; round++) {
    const writer = await startWriter(round * 100_000, 150 + 70 * round)
    writer.child.kill('SIGKILL')
    await once(writer.child, 'close')
    acknowledged.push(...writer.acknowledged())
  }
  const db = await openDatabase({ config: { data_dir }, log })
  try {
    const { rows } = await sql<{ event: number; entries: number; sum: number }>`
      select event, count(*) as entries, sum(amount)::int as sum from entry group by event`.execute(db.kysely)
    const kept = new Set(rows.map((row) => row.event))
    expect(acknowledged.length).toBeGreaterThan(200 * rounds - 50)
    expect(acknowledged.filter((event) => !kept.has(event))).toEqual([])
    expect(rows.filter((row) => row.entries !== 2 || row.sum !== 0)).toEqual([])
  } finally {
    await db.close()
  }
})

test('a second process is refused the folder, by a sentence that names the first, and the data stay whole', async () => {
  const writer = await startWriter(0, 20)
  await expect(openDatabase({ config: { data_dir }, log })).rejects.toThrow(FolderInUseError)
  await expect(openDatabase({ config: { data_dir }, log })).rejects.toThrow(`in use by process ${writer.child.pid}`)
  writer.child.kill('SIGKILL')
  await once(writer.child, 'close')
  const db = await openDatabase({ config: { data_dir }, log })
  const { rows } = await sql<{ event: number }>`select distinct event from entry`.execute(db.kysely)
  await db.close()
  const kept = new Set(rows.map((row) => row.event))
  expect(writer.acknowledged().filter((event) => !kept.has(event))).toEqual([])
})

test('nobody else on the machine can enter the folder', async () => {
  const db = await openDatabase({ config: { data_dir: join(data_dir, 'new') }, log })
  await db.close()
  for (const folder of ['new', 'new/database']) {
    expect(((await stat(join(data_dir, folder))).mode & 0o777).toString(8)).toBe('700')
  }
})

test('a database whose making was interrupted is made again, from the dump as well as anew', async () => {
  for (const snapshot_file of [undefined, await makeSnapshot()]) {
    const folder = join(data_dir, snapshot_file ? 'dump' : 'anew')
    await mkdir(join(folder, 'database/base'), { recursive: true })
    await writeFile(join(folder, 'database/PG_VERSION'), '18')
    await writeFile(join(folder, 'database.unfinished'), '')
    const first = await openDatabase({ config: { data_dir: folder }, log, snapshot_file })
    await sql`create table mine (id int)`.execute(first.kysely)
    await first.close()
    const second = await openDatabase({ config: { data_dir: folder }, log, snapshot_file })
    expect((await sql`select * from mine`.execute(second.kysely)).rows).toEqual([])
    await second.close()
    expect(await readdir(folder)).toEqual(['database'])
  }
})

test('a folder that holds something else is refused and left as it was', async () => {
  await mkdir(join(data_dir, 'database'))
  await writeFile(join(data_dir, 'database/thesis.txt'), 'years of work')
  const opening = openDatabase({ config: { data_dir }, log })
  await expect(opening).rejects.toThrow('holds something that is not a database')
  expect(await readdir(join(data_dir, 'database'))).toEqual(['thesis.txt'])
})

for (const how of ['socket', 'file'] as const) {
  test(`the ${how} lock lets one in at a time, and a path with another name meets the same lock`, async ({ skip }) => {
    if (how === 'socket' && process.platform !== 'linux') skip('abstract sockets are Linux only')
    const first = await lockFolder(data_dir, how)
    await expect(lockFolder(join(data_dir, '.'), how)).rejects.toThrow(`in use by process ${process.pid}`)
    await first.release()
    const second = await lockFolder(data_dir, how)
    await second.release()
  })
}

test('the file lock of a process that is gone is taken over', async () => {
  const child = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, 'folder-lock.ts'))}
     await lockFolder(${JSON.stringify(data_dir)}, 'file'); console.log('locked'); setInterval(() => {}, 1000)`,
  ])
  children.push(child)
  await once(child.stdout, 'data')
  await expect(lockFolder(data_dir, 'file')).rejects.toThrow(`in use by process ${child.pid}`)
  child.kill('SIGKILL')
  await once(child, 'close')
  const lock = await lockFolder(data_dir, 'file')
  await lock.release()
})
