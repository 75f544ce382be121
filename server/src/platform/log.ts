import { pino, type Logger } from 'pino'
import type { LogLevel } from './config.ts'

export type Log = Logger

/** Field names that never reach a log, at the top of a record and one or two levels down. */
const secrets = [
  'password',
  'token',
  'secret',
  'authorization',
  'cookie',
  'kek',
  'api_key',
  'private_key',
  'database_url',
]

/** Structured records, one JSON line each, on standard output unless a stream is given. */
export function createLog(level: LogLevel, stream?: { write(line: string): void }): Log {
  const options = {
    level,
    base: undefined,
    timestamp: () => `,"at":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[not shown]' },
  }
  return stream ? pino(options, stream) : pino(options)
}
