import { resolve } from 'node:path'

/** The folder that holds `package.json`, `web/dist` and, unless told otherwise, the data. */
export const checkout = resolve(import.meta.dirname, '../../..')

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface Config {
  host: string
  port: number
  /** Absolute path of the folder for the embedded database, the keys and the files. */
  data_dir: string
  /** A PostgreSQL address; undefined means the embedded database in `data_dir`. */
  database_url?: string
  /** Key-encryption key, 32 bytes in base64 or hex, or a passphrase; undefined means one made and kept in `data_dir`. */
  kek?: string
  log_level: LogLevel
  /** Which of the above were set by the environment, by the name of the variable. */
  from_environment: readonly string[]
}

/** A setting that cannot work. The message is a sentence for the person who typed it. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Reads the settings from environment variables; an empty value counts as not set.
 * @throws ConfigError naming the variable, what it holds and what it may hold.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.keys(variables).filter((name) => env[name] !== undefined && env[name] !== '')
  const read = (name: string) => (set.includes(name) ? env[name] : undefined)
  return {
    host: read('HOST') ?? '127.0.0.1',
    port: readPort(read('PORT')),
    data_dir: resolve(checkout, read('TIDEMARK_DATA') ?? '.tidemark'),
    database_url: readDatabaseUrl(read('DATABASE_URL')),
    kek: readKek(read('TIDEMARK_KEK')),
    log_level: readLogLevel(read('LOG_LEVEL')),
    from_environment: set,
  }
}

/** Each variable with what it is for, in the order in which a person wants to read them. */
export const variables = {
  HOST: 'address to listen on',
  PORT: 'port to listen on; 0 takes a free one',
  TIDEMARK_DATA: 'folder for the embedded database, keys and files',
  DATABASE_URL: 'PostgreSQL address; embedded database when unset',
  TIDEMARK_KEK: 'key-encryption key (openssl rand -base64 32); made and kept in the data folder when unset',
  LOG_LEVEL: `one of ${logLevels.join(', ')}`,
} as const

export interface ConfigLine {
  name: string
  value: string
  source: 'environment' | 'default'
  purpose: string
}

/** Lists what is in force and where it came from. Secrets are masked, so the list can be pasted anywhere. */
export function describeConfig(config: Config): ConfigLine[] {
  const values: Record<keyof typeof variables, string> = {
    HOST: config.host,
    PORT: String(config.port),
    TIDEMARK_DATA: config.data_dir,
    DATABASE_URL: config.database_url ? withoutPassword(config.database_url) : '(embedded)',
    TIDEMARK_KEK: config.kek ? '(set, not shown)' : '(kept in the data folder)',
    LOG_LEVEL: config.log_level,
  }
  return (Object.keys(variables) as (keyof typeof variables)[]).map((name) => ({
    name,
    value: values[name],
    source: config.from_environment.includes(name) ? 'environment' : 'default',
    purpose: variables[name],
  }))
}

function readPort(text = '3000'): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65535) {
    throw new ConfigError(`PORT is "${text}", and a port is a whole number from 0 to 65535.`)
  }
  return port
}

function readDatabaseUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new ConfigError(
      'DATABASE_URL is not a PostgreSQL address. It looks like postgres://user:password@host:5432/database; leave it unset for the embedded database.',
    )
  }
  return text
}

/** What form it has is the keyring's business; here only what can be no key at all is refused. */
function readKek(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (text.length < 15) {
    throw new ConfigError(
      'TIDEMARK_KEK is too short: it is 32 bytes in base64 or hex, or a passphrase of 15 characters or more. Make one with: openssl rand -base64 32',
    )
  }
  return text
}

function readLogLevel(text = 'info'): LogLevel {
  const level = logLevels.find((known) => known === text.toLowerCase())
  if (!level) throw new ConfigError(`LOG_LEVEL is "${text}", and it is one of ${logLevels.join(', ')}.`)
  return level
}

function withoutPassword(text: string): string {
  const url = new URL(text)
  if (url.password) url.password = '***'
  // Drivers accept the password as a parameter too.
  if (url.searchParams.has('password')) url.searchParams.set('password', '***')
  return url.toString()
}
