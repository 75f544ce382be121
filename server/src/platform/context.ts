import type { Config } from './config.ts'
import type { Database } from './database/database.ts'
import type { Events } from './events.ts'
import type { FileStore } from './files.ts'
import type { Keyring } from './keyring.ts'
import type { Log } from './log.ts'
import type { Limits } from './limits.ts'
import type { Pulse } from './pulse.ts'
import type { Reply } from './reply.ts'

/** Who asks. Rights are looked up from it, never read from the request's body. */
export type Actor = Anonymous | System | Person | Key

/** The caller of a public address, about whom nothing is known. */
export interface Anonymous {
  kind: 'anonymous'
}

/** The platform itself: seeding, jobs, the command line on the machine that holds the data. */
export interface System {
  kind: 'system'
  /** Where it acts for one organisation, such as in a job that somebody of it asked for. */
  organisation_id?: string
}

/** Somebody who signed in, acting in one of their organisations, or in none while they have none. */
export interface Person {
  kind: 'person'
  person_id: string
  organisation_id?: string
  /** What they are in that organisation; undefined when there is none. */
  role?: string
  session_id: string
  instance_admin: boolean
  /** The organisation in whose name they would act, had they shown the second factor that it asks for. */
  held_back_by?: string
  /** A cookie travels by itself, so what it may do is guarded against other sites; a token is sent on purpose. */
  via: 'cookie' | 'token'
}

/** A program with a key of an organisation. It holds these rights and no others. */
export interface Key {
  kind: 'key'
  key_id: string
  organisation_id: string
  /** The person who made it, or took it over. */
  made_by?: string
  /** Already cut down to what the key's maker may do today. */
  scopes: readonly string[]
  /** The organisation, when it asks for a second factor that the key's maker does not have: then there are no scopes. */
  held_back_by?: string
}

export const anonymous: Anonymous = { kind: 'anonymous' }
export const system: System = { kind: 'system' }

/** From where a request came, as far as it can be known: behind a proxy only one that is configured is believed. */
export interface Client {
  address: string
  user_agent?: string
  /** What a browser says about the page that sent it: `same-origin`, `cross-site`, … */
  fetch_site?: string
  cookies?: ReadonlyMap<string, string>
  /** The name and port that were asked for, and the page that asked where a browser says so: what they claim to be. */
  host?: string
  origin?: string
}

/** Everything a service may use besides its input. There is no other clock, database or log. */
export interface Context {
  /** Shows the rows of the actor's organisation only. The system's own shows everything. */
  db: Database
  /**
   * The database as the system sees it, the rows of every organisation included. For accounts, which decide who sees
   * what; the tables of accounts are open to it alone. Anything else that uses it needs a reason beside it.
   */
  system_db: Database
  now(): Date
  /** How time passes for what stays open. */
  pulse: Pulse
  log: Log
  /** Names this request in answers and logs; of a job or a command line, the run. */
  request_id: string
  config: Config
  keyring: Keyring
  /** What is too large for a row, by the digest of its bytes. Shared by all organisations: tables say whose it is. */
  files: FileStore
  actor: Actor
  /** Undefined where no request is served: seeding, jobs, the command line. */
  client?: Client
  /** What happens now, told to those who listen. It is published after the commit. */
  events: Events
  /** Cookies and headers for the answer. Where no request is served nobody reads them. */
  reply: Reply
  /** How often something may be tried. Requests are counted by the platform; a service counts what only it knows. */
  limits: Limits
  /** Where people reach this service, without a slash at the end: the beginning of every link in a mail. */
  origin(): string
}
