import { sql, type Selectable } from 'kysely'
import type { Database } from '../../platform/database/database.ts'

interface PasskeyTable {
  passkey_id: string
  person_id: string
  credential_id: Uint8Array
  user_handle: Uint8Array
  public_key: Uint8Array
  rp_id: string
  name: string
  counter: number
  transports: string
  synchronised: boolean
  created_at: Date
  last_used_at: Date | null
  blocked_at: Date | null
}

interface Tables {
  'accounts.passkey': PasskeyTable
}

export type StoredPasskey = Selectable<PasskeyTable>

const from = (db: Database) => db.as<Tables>()

/** Returns false when that credential is kept already, by whomever. */
export async function insertPasskey(tx: Database, passkey: StoredPasskey): Promise<boolean> {
  const result = await from(tx)
    .insertInto('accounts.passkey')
    .values(passkey)
    .onConflict((conflict) => conflict.column('credential_id').doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** In the order in which they were made. */
export async function listPasskeys(db: Database, person_id: string): Promise<StoredPasskey[]> {
  return from(db)
    .selectFrom('accounts.passkey')
    .selectAll()
    .where('person_id', '=', person_id)
    .orderBy('passkey_id')
    .execute()
}

export async function findByCredential(db: Database, credential_id: Uint8Array): Promise<StoredPasskey | undefined> {
  return from(db)
    .selectFrom('accounts.passkey')
    .selectAll()
    .where('credential_id', '=', credential_id)
    .executeTakeFirst()
}

export async function renamePasskey(
  tx: Database,
  person_id: string,
  passkey_id: string,
  name: string,
): Promise<StoredPasskey | undefined> {
  return from(tx)
    .updateTable('accounts.passkey')
    .set({ name })
    .where('person_id', '=', person_id)
    .where('passkey_id', '=', passkey_id)
    .returningAll()
    .executeTakeFirst()
}

export async function deletePasskey(tx: Database, person_id: string, passkey_id: string): Promise<boolean> {
  const result = await from(tx)
    .deleteFrom('accounts.passkey')
    .where('person_id', '=', person_id)
    .where('passkey_id', '=', passkey_id)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

/**
 * Moves the counter on: false when it did not rise, or when the passkey was blocked meanwhile. One statement, so of two
 * answers with one count one is let in. Devices that do not count say 0 every time.
 */
export async function countUse(
  tx: Database,
  passkey_id: string,
  use: { counter: number; synchronised: boolean; at: Date },
): Promise<boolean> {
  const result = await from(tx)
    .updateTable('accounts.passkey')
    .set({ counter: use.counter, synchronised: use.synchronised, last_used_at: use.at })
    .where('passkey_id', '=', passkey_id)
    .where('blocked_at', 'is', null)
    .where((is) => is.or([is('counter', '<', use.counter), is.and([is('counter', '=', 0), is.val(use.counter === 0)])]))
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export async function blockPasskey(tx: Database, passkey_id: string, at: Date): Promise<void> {
  await from(tx)
    .updateTable('accounts.passkey')
    .set({ blocked_at: at })
    .where('passkey_id', '=', passkey_id)
    .where('blocked_at', 'is', null)
    .execute()
}

/** Uses a question up: true for one caller, false for everybody who answers it again. */
export async function takeChallenge(tx: Database, challenge_hash: Uint8Array, expires_at: Date): Promise<boolean> {
  const { rows } = await sql`insert into accounts.used_challenge (challenge_hash, expires_at)
    values (${challenge_hash}, ${expires_at}) on conflict do nothing returning 1`.execute(tx.kysely)
  return rows.length > 0
}
