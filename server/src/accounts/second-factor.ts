import { randomBytes } from 'node:crypto'
import type {
  confirmSecondFactor as confirmRoute,
  disableSecondFactor as disableRoute,
  enrolSecondFactor as enrolRoute,
  renewRecoveryCodes as renewRoute,
  showSecondFactor as showRoute,
} from '@tidemark/core/accounts/contract.ts'
import { passwordFaults } from '@tidemark/core/accounts/password.ts'
import {
  base32Of,
  normalRecoveryCode,
  otpauthUri,
  RECOVERY_CODE_BYTES,
  RECOVERY_CODES,
  recoveryCodeOf,
  stepOfCode,
  TOTP_SECRET_BYTES,
} from '@tidemark/core/accounts/totp.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { countAttempt, forgiveAttempts } from './attempts.ts'
import { hashRecoveryCode, passwordFits } from './secrets.ts'
import { endOtherSessions, loadPerson, personOf, renewSession, requireRealPerson, requireStepUp } from './sessions.ts'
import * as store from './store.ts'
import { weakenIfBare } from './ways-in.ts'

const seedLabel = (person_id: string) => `accounts.second-factor:${person_id}`

export async function show(ctx: Context): Promise<OutputOf<typeof showRoute>> {
  const { person_id } = personOf(ctx)
  const factor = await store.findSecondFactor(ctx.db, person_id)
  const enabled_at = factor?.confirmed_at?.toISOString() ?? null
  return {
    enabled: enabled_at !== null,
    enabled_at,
    recovery_codes_left: enabled_at === null ? 0 : await store.countRecoveryCodes(ctx.db, person_id),
  }
}

/** Makes the authenticator's secret and shows it. It counts for nothing until a code made with it is confirmed. */
export async function enrol(ctx: Context): Promise<OutputOf<typeof enrolRoute>> {
  const person = await requireRealPerson(ctx)
  await requireStepUp(ctx)
  const secret = randomBytes(TOTP_SECRET_BYTES)
  const seed = ctx.keyring.wrap(seedLabel(person.person_id), secret)
  if (!(await store.keepSeed(ctx.db, person.person_id, seed, ctx.now()))) throw alreadyOn()
  return { secret_base32: base32Of(secret), otpauth_uri: otpauthUri(secret, person.email) }
}

export async function confirm(
  ctx: Context,
  { code }: InputOf<typeof confirmRoute>,
): Promise<OutputOf<typeof confirmRoute>> {
  const { person_id } = personOf(ctx)
  const factor = await store.findSecondFactor(ctx.db, person_id)
  if (!factor) throw isOff('Begin with POST /api/v1/auth/second-factor/enrol.')
  if (factor.confirmed_at) throw alreadyOn()
  await requireStepUp(ctx)
  await countAttempt(ctx, 'second-factor', person_id)
  const step = stepOfCode(ctx.keyring.unwrap(seedLabel(person_id), factor.seed), code, ctx.now())
  if (step === undefined || !(await store.takeStep(ctx.db, person_id, step))) throw wrongCode()
  await forgiveAttempts(ctx, 'second-factor', person_id)
  const codes = await makeRecoveryCodes()
  await ctx.db.transaction(async (tx) => {
    if (!(await store.confirmSecondFactor(tx, person_id, ctx.now()))) throw alreadyOn()
    await store.replaceRecoveryCodes(tx, person_id, codes.salt, codes.hashes)
    // Those were opened with a password alone.
    await endOtherSessions(ctx, tx, person_id)
    const inside = { ...ctx, db: tx }
    await renewSession(inside, { two_factors: true })
    await record(inside, { action: 'accounts.second_factor_on', resource: { type: 'person', id: person_id } })
  })
  return { recovery_codes: codes.shown }
}

/** Without it the password stands alone again, so it has to be one that can. */
export async function disable(ctx: Context, { code, password }: InputOf<typeof disableRoute>): Promise<undefined> {
  const person = await loadPerson(ctx)
  const { person_id } = person
  if (!(await isOn(ctx, person_id))) throw isOff()
  await requireStepUp(ctx)
  await checkCode(ctx, person_id, code)
  if (person.password_hash !== null) {
    await countAttempt(ctx, 'sign-in', person.email)
    if (password === undefined || !(await passwordFits(person.password_hash, password))) {
      throw new Problem('accounts/wrong-credentials', {
        detail: 'Give the password as well: it will stand alone, and is checked for that.',
      })
    }
    await forgiveAttempts(ctx, 'sign-in', person.email)
    const faults = passwordFaults(password, { second_factor: false, email: person.email, name: person.name })
    if (faults.length > 0) {
      throw new Problem('accounts/weak-password', {
        detail: `Alone, this password is not enough. ${faults[0]?.message ?? ''}`.trim(),
        faults,
      })
    }
  }
  await ctx.db.transaction(async (tx) => {
    await store.deleteSecondFactor(tx, person_id)
    await endOtherSessions(ctx, tx, person_id)
    const inside = { ...ctx, db: tx }
    await weakenIfBare(inside, person_id)
    await renewSession(inside)
    await record(inside, { action: 'accounts.second_factor_off', resource: { type: 'person', id: person_id } })
  })
}

export async function renewCodes(ctx: Context): Promise<OutputOf<typeof renewRoute>> {
  const { person_id } = personOf(ctx)
  if (!(await isOn(ctx, person_id))) throw isOff()
  await requireStepUp(ctx)
  const codes = await makeRecoveryCodes()
  await ctx.db.transaction(async (tx) => {
    await store.replaceRecoveryCodes(tx, person_id, codes.salt, codes.hashes)
    const resource = { type: 'person', id: person_id }
    await record({ ...ctx, db: tx }, { action: 'accounts.recovery_codes_renewed', resource })
  })
  return { recovery_codes: codes.shown }
}

export async function isOn(ctx: Context, person_id: string): Promise<boolean> {
  return Boolean((await store.findSecondFactor(ctx.db, person_id))?.confirmed_at)
}

/**
 * Uses up a code of the authenticator or a recovery code. Both are counted together: who guesses at one has guessed at
 * the other.
 * @throws Problem `accounts/wrong-code`, also for a code that was right and was used before; `accounts/locked`.
 */
export async function checkCode(ctx: Context, person_id: string, code: string): Promise<void> {
  await countAttempt(ctx, 'second-factor', person_id)
  if (!(await takeCode(ctx, person_id, code))) {
    const resource = { type: 'person', id: person_id }
    await record(ctx, { action: 'accounts.sign_in_refused', resource, result: 'refused', after: { why: 'code' } })
    throw wrongCode()
  }
  await forgiveAttempts(ctx, 'second-factor', person_id)
}

async function takeCode(ctx: Context, person_id: string, code: string): Promise<boolean> {
  const factor = await store.findSecondFactor(ctx.db, person_id)
  if (!factor?.confirmed_at) return false
  const recovery_code = normalRecoveryCode(code)
  if (recovery_code !== undefined && factor.recovery_salt) {
    const code_hash = await hashRecoveryCode(recovery_code, factor.recovery_salt)
    return store.useRecoveryCode(ctx.db, person_id, code_hash, ctx.now())
  }
  const step = stepOfCode(ctx.keyring.unwrap(seedLabel(person_id), factor.seed), code, ctx.now())
  return step !== undefined && store.takeStep(ctx.db, person_id, step)
}

async function makeRecoveryCodes() {
  const salt = randomBytes(16)
  const shown = Array.from({ length: RECOVERY_CODES }, () => recoveryCodeOf(randomBytes(RECOVERY_CODE_BYTES)))
  const hashes = await Promise.all(shown.map((code) => hashRecoveryCode(normalRecoveryCode(code) ?? '', salt)))
  return { shown, hashes, salt }
}

function wrongCode(): Problem {
  return new Problem('accounts/wrong-code', {
    detail: 'Wait for the next code of the authenticator, or use a recovery code. Each works once.',
  })
}

function alreadyOn(): Problem {
  return new Problem('accounts/second-factor-on', { detail: 'Turn it off before setting up another authenticator.' })
}

function isOff(detail = 'There is nothing to turn off or renew.'): Problem {
  return new Problem('accounts/second-factor-off', { detail })
}
