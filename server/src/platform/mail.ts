import { sql } from 'kysely'
import { createTransport, type Transporter } from 'nodemailer'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { z } from 'zod'
import type { Context } from './context.ts'
import { newId } from './ids.ts'
import { enqueue, jobKind, work, type JobBinding } from './jobs.ts'

/** A mail that is ready to go. Whoever renders it has made one line of every value in it. */
export interface Mail {
  /** `reset-password`; for the administrator's list. */
  kind: string
  /** One bare address. */
  to: string
  subject: string
  /** Plain text. */
  text: string
}

/** As kept while it waits, and for good where no mail server is set. */
export interface KeptMail {
  mail_id: string
  kind: string
  to: string
  subject: string
  text: string
  created_at: string
  refusal?: string
}

const sendKind = jobKind('mail.send', z.object({ mail_id: z.string() }))
const tidyKind = jobKind('mail.tidy', z.object({}))

/** Mails that nobody sent are kept this long. */
const KEPT_DAYS = 30

/**
 * Sends a mail after the transaction of `ctx.db` is committed. Without SMTP_URL it stays in the local outbox.
 * @throws InvariantError when an address or a subject holds more than one line or address: those are cleaned before.
 */
export async function sendMail(ctx: Context, mail: Mail): Promise<string> {
  assertOneLine(mail)
  const created_at = ctx.now()
  const mail_id = newId('mail', created_at)
  await ctx.db.transaction(async (tx) => {
    await sql`insert into platform.mail (id, kind, recipient, subject, body, created_at)
      values (${mail_id}, ${mail.kind}, ${mail.to}, ${mail.subject}, ${mail.text}, ${created_at})`.execute(tx.kysely)
    if (ctx.config.smtp_url) await enqueue(tx, sendKind, { mail_id })
  })
  return mail_id
}

/** Whether the text is one plain address, with nothing that a header could be broken with. */
export function isMailAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s\p{C}<>()[\],;:\\"@]{1,64}@[^\s\p{C}<>()[\],;:\\"@]{1,253}$/u.test(text)
}

function assertOneLine({ to, subject, kind }: Mail): void {
  invariant(isMailAddress(to), 'a mail goes to one plain address')
  invariant(!/[\p{Cc}\u2028\u2029]/u.test(subject) && subject.length <= 200, 'the subject of a mail is one line')
  invariant(/^[a-z-]+$/.test(kind), 'the kind of a mail is a word')
}

/** What waits or could not be sent, newest first. */
export async function listMails(ctx: Context, limit: number): Promise<KeptMail[]> {
  const { rows } = await sql<Row>`select id, kind, recipient, subject, body, created_at, refusal from platform.mail
    order by created_at desc, id desc limit ${limit}`.execute(ctx.db.kysely)
  return rows.map(({ id, kind, recipient, subject, body, created_at, refusal }) => ({
    mail_id: id,
    kind,
    to: recipient,
    subject,
    text: body,
    created_at: created_at.toISOString(),
    ...(refusal === null ? {} : { refusal }),
  }))
}

/** How many wait. */
export async function countMails(ctx: Context): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from platform.mail`.execute(ctx.db.kysely)
  return rows[0]?.n ?? 0
}

/** Forgets every mail to an address. Returns how many there were. */
export async function eraseMailsTo(ctx: Context, address: string): Promise<number> {
  const result = await sql`delete from platform.mail where lower(recipient) = lower(${address})`.execute(ctx.db.kysely)
  return Number(result.numAffectedRows ?? 0)
}

interface Row {
  id: string
  kind: string
  recipient: string
  subject: string
  body: string
  created_at: Date
  refusal: string | null
}

export const mailJobs: readonly JobBinding[] = [
  work(sendKind, { retry_limit: 8, retry_delay_s: 30, expire_s: 60 }, send),
  work(tidyKind, { schedule: '23 4 * * *' }, async (ctx) => {
    const before = new Date(ctx.now().getTime() - KEPT_DAYS * 86_400_000)
    await sql`delete from platform.mail where created_at < ${before}`.execute(ctx.db.kysely)
  }),
]

async function send(ctx: Context, { mail_id }: { mail_id: string }): Promise<void> {
  const { rows } = await sql<Row>`select id, kind, recipient, subject, body, created_at, refusal from platform.mail
    where id = ${mail_id}`.execute(ctx.db.kysely)
  const [mail] = rows
  // Sent before a crash, or erased since: nothing is left to do.
  if (!mail || !ctx.config.smtp_url) return
  try {
    await transportTo(ctx.config.smtp_url).sendMail({
      from: ctx.config.mail_from,
      to: mail.recipient,
      subject: mail.subject,
      text: mail.body,
      messageId: `<${mail_id}@tidemark>`,
    })
  } catch (error) {
    const refusal =
      error instanceof Error && 'responseCode' in error ? `SMTP ${String(error.responseCode)}` : 'no answer'
    await sql`update platform.mail set refusal = ${refusal} where id = ${mail_id}`.execute(ctx.db.kysely)
    throw error
  }
  // It may hold a link that opens an account: once it is on its way nothing of it is kept.
  await sql`delete from platform.mail where id = ${mail_id}`.execute(ctx.db.kysely)
}

const transports = new Map<string, Transporter>()

function transportTo(url: string): Transporter {
  const known = transports.get(url)
  if (known) return known
  const made = createTransport({
    url,
    disableFileAccess: true,
    disableUrlAccess: true,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
  })
  transports.set(url, made)
  return made
}
