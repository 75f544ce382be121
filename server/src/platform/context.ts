import type { Config } from './config.ts'
import type { Database } from './database/database.ts'
import type { Keyring } from './keyring.ts'
import type { Log } from './log.ts'

/** Who asks. Rights are looked up from it, never read from the request's body. */
export interface Actor {
  kind: 'anonymous' | 'system'
  id: string
}

/** The caller of a public address, about whom nothing is known. */
export const anonymous: Actor = { kind: 'anonymous', id: 'anonymous' }

/** The platform itself: seeding, jobs, the command line on the machine that holds the data. */
export const system: Actor = { kind: 'system', id: 'system' }

/** Everything a service may use besides its input. There is no other clock, database or log. */
export interface Context {
  db: Database
  now(): Date
  log: Log
  /** Names this request in answers and logs; of a job or a command line, the run. */
  request_id: string
  config: Config
  keyring: Keyring
  actor: Actor
}
