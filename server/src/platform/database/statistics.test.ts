import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { EmbeddedPool } from './embedded.ts'
import { refreshStatistics } from './statistics.ts'

let pool: EmbeddedPool
beforeAll(async () => {
  pool = await EmbeddedPool.open({
    free_bytes_min: 0,
    log: createLog('silent'),
    onFatal: (error) => {
      throw error
    },
  })
})
afterAll(() => pool?.end())

async function ask(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = await pool.connect()
  try {
    return (await client.query<Record<string, unknown>>(text, [])).rows
  } finally {
    client.release()
  }
}

const believed = async () => Number((await ask(`select reltuples from pg_class where relname = 'grown'`))[0]?.reltuples)

test('the planner of the embedded database learns how much a table holds, and is asked again only after it changed', async () => {
  await ask('create table grown (n int primary key)')
  await ask('insert into grown select generate_series(1, 3000)')
  expect(await believed()).toBe(-1)
  expect(await refreshStatistics(pool)).toEqual(['public.grown'])
  expect(await believed()).toBe(3000)
  await ask('delete from grown where n <= 300')
  expect(await refreshStatistics(pool), 'a tenth is no reason').toEqual([])
  await ask('delete from grown where n <= 900')
  expect(await refreshStatistics(pool)).toEqual(['public.grown'])
  expect(await believed()).toBe(2100)
})
