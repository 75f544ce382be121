import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { hash, hashRaw, parseOptions, verify, type Options } from '@node-rs/argon2'
import { normalPassword } from '@tidemark/core/accounts/password.ts'

/** 256 random bits as text: a session, a link, a refresh token. */
export function freshSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** How such a secret is kept. It is random and long, so one round of SHA-256 is as good as many. */
export function digestOf(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest()
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Argon2id, m = 64 MiB, t = 3, p = 1: above the least that OWASP allows (46 MiB, 1, 1). */
const cost = { algorithm: 2, memoryCost: 64 * 1024, timeCost: 3, parallelism: 1 } as const satisfies Options

/** Two at a time: signing in can take both cores for a moment, never all of the memory. */
const SLOTS = 2
let busy = 0
let runs = 0
const waiting: (() => void)[] = []

async function inSlot<T>(work: () => Promise<T>): Promise<T> {
  if (busy >= SLOTS) await new Promise<void>((resolve) => waiting.push(resolve))
  else busy += 1
  runs += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else busy -= 1
  }
}

/** How often the slow hash was computed in this process: what an observer could measure by the clock. */
export function slowHashRuns(): number {
  return runs
}

export async function hashPassword(password: string): Promise<string> {
  return inSlot(() => hash(normalPassword(password), cost))
}

/** A hash of nothing, at the same cost: checking against it takes as long as checking against a real one. */
const nobody = `$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** Takes the same time whether or not there is a hash to compare with. */
export async function passwordFits(password_hash: string | null | undefined, password: string): Promise<boolean> {
  const fits = await inSlot(() => verify(password_hash ?? nobody, normalPassword(password)))
  return fits && typeof password_hash === 'string'
}

/** Whether a hash was made at another cost than today's. */
export function isOutdated(password_hash: string): boolean {
  const { memoryCost, timeCost, parallelism } = parseOptions(password_hash)
  return memoryCost !== cost.memoryCost || timeCost !== cost.timeCost || parallelism !== cost.parallelism
}

/** Of a recovery code, under the salt of its person: one computation finds which of ten it is. */
export async function hashRecoveryCode(code: string, salt: Uint8Array): Promise<Uint8Array> {
  return inSlot(() => hashRaw(code, { ...cost, salt }))
}
