import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Actor, Context } from './context.ts'
import { jsonb } from './database/values.ts'

const TICKET_S = 30

/**
 * Makes a ticket with which whoever asks may open one socket, once, within half a minute. It goes into an address, where a
 * key or a token must not be: addresses are written into logs.
 */
export async function issueTicket(ctx: Context): Promise<{ ticket: string; expires_at: Date }> {
  const now = ctx.now()
  const ticket = randomBytes(32).toString('base64url')
  const expires_at = new Date(now.getTime() + TICKET_S * 1000)
  await sql`delete from platform.socket_ticket where expires_at < ${now}`.execute(ctx.system_db.kysely)
  await sql`insert into platform.socket_ticket (digest, actor, expires_at)
    values (${digestOf(ticket)}, ${jsonb(ctx.actor)}, ${expires_at})`.execute(ctx.system_db.kysely)
  return { ticket, expires_at }
}

/**
 * Who asked for a ticket. It is gone afterwards, whatever becomes of the socket.
 * @throws Problem `request/ticket-not-valid`
 */
export async function redeemTicket(ctx: Context, ticket: string): Promise<Actor> {
  const { rows } = await sql<{ actor: Actor; expires_at: Date }>`delete from platform.socket_ticket
    where digest = ${digestOf(ticket)} returning actor, expires_at`.execute(ctx.system_db.kysely)
  const [found] = rows
  // Unlike a cookie, a ticket does not travel by itself.
  if (found && found.expires_at > ctx.now())
    return found.actor.kind === 'person' ? { ...found.actor, via: 'token' } : found.actor
  throw new Problem('request/ticket-not-valid', {
    detail: `A ticket opens one socket, once, within ${TICKET_S} seconds. Take a new one.`,
  })
}

function digestOf(ticket: string): Buffer {
  return createHash('sha256').update(ticket).digest()
}
