import { randomBytes } from 'node:crypto'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { z } from 'zod'
import type { Context } from '../../platform/context.ts'
import { takeChallenge } from './store.ts'
import { digestOf } from '../secrets.ts'
import { after } from '../sessions.ts'

/**
 * The question that a device answers by signing it. It lies under the key-encryption key in a cookie of the browser that
 * asked, so asking stores nothing, and an answer that somebody carries to another browser answers nothing.
 */

const QUESTION_S = 5 * 60
const CHALLENGE_BYTES = 32
const label = 'accounts.passkey-question'

export type Purpose = 'register' | 'sign_in' | 'step_up'

const Question = z.object({
  purpose: z.enum(['register', 'sign_in', 'step_up']),
  challenge: z.string(),
  /** Whose it is, where somebody is signed in: a question of one session is not answered in another. */
  session_id: z.string().optional(),
  /** What will stand for the person on the device that makes a passkey. */
  user_handle: z.string().optional(),
  until_ms: z.number(),
})
type Question = z.infer<typeof Question>

function cookieOf(ctx: Context): { name: string; secure: boolean } {
  const secure = ctx.origin().startsWith('https:')
  return { name: secure ? '__Host-tidemark-passkey' : 'tidemark-passkey', secure }
}

/** Where nobody has to be signed in, nobody is: a sign-in is not tied to whatever session the browser brought along. */
function sessionOf(ctx: Context, purpose: Purpose): string | undefined {
  return purpose !== 'sign_in' && ctx.actor.kind === 'person' ? ctx.actor.session_id : undefined
}

/** Asks. Only this browser can answer, once, within five minutes. */
export function ask(ctx: Context, purpose: Purpose, user_handle?: Uint8Array): Uint8Array<ArrayBuffer> {
  const challenge = new Uint8Array(randomBytes(CHALLENGE_BYTES))
  const session_id = sessionOf(ctx, purpose)
  const question = {
    purpose,
    challenge: Buffer.from(challenge).toString('base64url'),
    ...(session_id === undefined ? {} : { session_id }),
    ...(user_handle === undefined ? {} : { user_handle: Buffer.from(user_handle).toString('base64url') }),
    until_ms: after(ctx.now(), QUESTION_S).getTime(),
  }
  const sealed = ctx.keyring.wrap(label, Buffer.from(JSON.stringify(question)))
  ctx.reply.setCookie({ ...cookieOf(ctx), value: Buffer.from(sealed).toString('base64url'), max_age_s: QUESTION_S })
  return challenge
}

/**
 * The question that this browser was asked, used up whatever becomes of the answer.
 * @throws Problem `accounts/passkey-refused` when there is none, or when it was answered before.
 */
export async function takeQuestion(
  ctx: Context,
  purpose: Purpose,
): Promise<{ challenge: string; user_handle: Uint8Array }> {
  const text = ctx.client?.cookies?.get(cookieOf(ctx).name)
  ctx.reply.removeCookie(cookieOf(ctx))
  const question = text === undefined ? undefined : open(ctx, text)
  const fits =
    question?.purpose === purpose &&
    question.session_id === sessionOf(ctx, purpose) &&
    question.until_ms > ctx.now().getTime()
  if (!question || !fits) throw refused('This browser was not asked, or took longer than five minutes. Begin again.')
  if (!(await takeChallenge(ctx.db, digestOf(question.challenge), new Date(question.until_ms))))
    throw refused('This question was answered before. Begin again.')
  return { challenge: question.challenge, user_handle: Buffer.from(question.user_handle ?? '', 'base64url') }
}

function open(ctx: Context, text: string): Question | undefined {
  try {
    return Question.parse(JSON.parse(Buffer.from(ctx.keyring.unwrap(label, Buffer.from(text, 'base64url'))).toString()))
  } catch {
    // Made up, or of another key: as good as none.
    return undefined
  }
}

export function refused(detail: string): Problem {
  return new Problem('accounts/passkey-refused', { detail })
}
