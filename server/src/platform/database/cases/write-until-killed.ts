/**
 * A process for `crash.test.ts` to kill: it writes transfers of two rows in transactions, ten at a time, and prints each
 * number once the database has acknowledged it. Usage: `node write-until-killed.ts FOLDER FIRST`.
 */
import { sql } from 'kysely'
import { createLog } from '../../log.ts'
import { openDatabase } from '../database.ts'

const [data_dir = '', first = '0'] = process.argv.slice(2)
const db = await openDatabase({ config: { data_dir }, log: createLog('silent') })
await sql`create table if not exists entry (event int not null, amount int not null)`.execute(db.kysely)

let next = Number(first)
async function write(): Promise<never> {
  for (;;) {
    const event = next++
    await db.transaction(async (tx) => {
      await sql`insert into entry values (${event}, 1)`.execute(tx.kysely)
      await sql`insert into entry values (${event}, -1)`.execute(tx.kysely)
    })
    process.stdout.write(`${event}\n`)
  }
}
await Promise.all(Array.from({ length: 10 }, write))
