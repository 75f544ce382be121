import { Problem } from '@tidemark/core/lib/problem.ts'

/** Seconds after which a client may try again. The embedded database reopens, and a pool reconnects, within these. */
export const RETRY_AFTER_S = 2

/** Class 08: connection lost; 57P0x: the server is stopping or starting; 53300: too many connections. */
const lostCodes =
  /^(08...|57P0[1-5]|53300|ECONN.*|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT)$/
/** Serialisation failure, deadlock, lock timeout: the same request can succeed a moment later. */
const transientCodes = /^(40001|40P01|55P03)$/
const lostMessages =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error|Connection ended/i

/** A byte that is no text, and an escape in JSON that stands for none: PostgreSQL keeps every character but U+0000. */
const unkeptCodes = /^(22021|22P05)$/

export function unavailable(detail: string, cause?: unknown): Problem {
  const problem = new Problem('server/unavailable', { detail, retry_after_s: RETRY_AFTER_S })
  problem.cause = cause
  return problem
}

export function outOfSpace(cause?: unknown): Problem {
  const problem = new Problem('server/out-of-space', {
    detail:
      'The disk that holds the data is nearly full. Reading still works; writing works again when space is freed.',
  })
  problem.cause = cause
  return problem
}

function unkept(cause: unknown): Problem {
  const problem = new Problem('request/invalid', {
    detail: 'A text in the request holds U+0000 or half of a pair of surrogates, which no text here can hold.',
  })
  problem.cause = cause
  return problem
}

/**
 * Turns the loss of the database, a full disk, and characters that cannot be kept, into problems that say so. Every other error is handed back as it is:
 * a unique violation is the store's business, a syntax error is a bug.
 */
export function translateDatabaseError(error: unknown, kind: 'embedded' | 'postgres'): unknown {
  if (!(error instanceof Error)) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === '53100') return outOfSpace(error)
  // Read-only transactions: the embedded database is made so when space is short, a PostgreSQL server when it is a standby.
  if (code === '25006')
    return kind === 'embedded' ? outOfSpace(error) : unavailable('The database accepts no writes just now.', error)
  if (lostCodes.test(code) || (code === '' && lostMessages.test(error.message))) {
    return unavailable('The database cannot be reached just now. Try again shortly.', error)
  }
  // What we write as JSON is JSON: it is refused for half of a pair alone.
  if (unkeptCodes.test(code) || (code === '22P02' && /type json/.test(error.message))) return unkept(error)
  if (transientCodes.test(code)) return unavailable('Another change got in the way. Try again.', error)
  return error
}

/** Whether the error is PostgreSQL's refusal under that code: `23505` unique, `23503` foreign key, `23P01` exclusion. */
export function isDatabaseError(error: unknown, code: string, constraint?: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === code &&
    (constraint === undefined || ('constraint' in error && error.constraint === constraint))
  )
}
