import { createServer, type AddressInfo, type Server } from 'node:net'
import { isMailAddress, listMails, sendMail } from './mail.ts'
import { renderMail } from '@tidemark/core/accounts/mails.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestApp } from './testing.ts'

/** A mail server of one page: it takes every mail, or refuses as told, and shows what came. */
const received: { from: string; to: string[]; data: string }[] = []
let refuse = false
let smtp: Server
let app: TestApp

beforeAll(async () => {
  smtp = createServer((socket) => {
    let data: string[] | undefined
    let mail = { from: '', to: [] as string[], data: '' }
    socket.write('220 here\r\n')
    let rest = ''
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString('utf8')).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (data) {
          if (line !== '.') {
            data.push(line)
            continue
          }
          received.push({ ...mail, data: data.join('\r\n') })
          data = undefined
          mail = { from: '', to: [], data: '' }
          socket.write('250 taken\r\n')
        } else if (/^EHLO/i.test(line)) socket.write('250 here\r\n')
        else if (/^MAIL FROM/i.test(line)) {
          mail.from = line
          socket.write(refuse ? '451 later\r\n' : '250 ok\r\n')
        } else if (/^RCPT TO/i.test(line)) {
          mail.to.push(line)
          socket.write('250 ok\r\n')
        } else if (/^DATA/i.test(line)) {
          data = []
          socket.write('354 go\r\n')
        } else socket.write('250 ok\r\n')
      }
    })
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  const { port } = smtp.address() as AddressInfo
  app = await openTestApp({
    capabilities: [],
    config: { smtp_url: `smtp://127.0.0.1:${port}`, mail_from: 'tidemark@example.org' },
  })
})
afterAll(async () => {
  await app?.close()
  smtp?.close()
})

const invitation = (facts: Partial<Record<string, string>> = {}, to = 'ann@example.org') =>
  renderMail('invitation', 'fr', to, {
    organisation: 'Société Été',
    role: 'lecteur',
    link: 'https://tidemark.example/i/1',
    valid_for: '7 jours',
    ...facts,
  })

test('a mail goes out after the commit, and nothing of it is kept', async () => {
  await sendMail(app.ctx, invitation())
  expect(received).toHaveLength(0)
  expect(await app.app.jobs.drain()).toMatchObject({ done: 1 })
  const [mail] = received
  expect(mail!.to).toEqual(['RCPT TO:<ann@example.org>'])
  expect(mail!.data).toContain('From: tidemark@example.org')
  expect(mail!.data).toContain('tidemark.example/i/1')
  expect(await listMails(app.ctx, 10)).toEqual([])
})

test('a mail that the server refuses is tried again', async () => {
  received.length = 0
  refuse = true
  await sendMail(app.ctx, invitation())
  await app.app.jobs.drain()
  expect(await listMails(app.ctx, 10)).toMatchObject([{ kind: 'invitation', refusal: 'SMTP 451' }])
  refuse = false
  expect(await app.app.jobs.drain({ ahead: true })).toMatchObject({ done: 1 })
  expect(received).toHaveLength(1)
})

test.each([
  'Evil\r\nBcc: all@example.org',
  'Evil\nBcc: all@example.org\n\nAnother body',
  'Evil\u2028Bcc: all@example.org',
  'Evil\0\u0085Bcc: all@example.org',
  '\u202Egro.elpmaxe@lla',
])('a name cannot add a header, a recipient or a paragraph: %j', async (organisation) => {
  received.length = 0
  const mail = invitation({ organisation })
  expect(mail.subject).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  await sendMail(app.ctx, mail)
  await app.app.jobs.drain()
  const [{ data, to }] = received as [(typeof received)[number]]
  expect(to).toHaveLength(1)
  const header = data.slice(0, data.indexOf('\r\n\r\n'))
  expect(header).not.toMatch(/^bcc:/im)
  expect(header.match(/^to:/gim)).toHaveLength(1)
})

test('a subject or an address of two lines is refused before it is kept', async () => {
  const good = invitation()
  await expect(sendMail(app.ctx, { ...good, subject: 'a\r\nBcc: x@y.example' })).rejects.toThrow('one line')
  for (const to of [
    'a@b.example\r\nBcc: c@d.example',
    'a@b.example, c@d.example',
    'A <a@b.example>',
    'a b@c.example',
    '',
  ])
    await expect(sendMail(app.ctx, { ...good, to }), to).rejects.toThrow('one plain address')
  expect(isMailAddress('zoé.o’hara+x@exämple.org')).toBe(true)
})

test('without a mail server a mail stays in the local outbox', async () => {
  const local = await openTestApp({ capabilities: [] })
  try {
    await sendMail(local.ctx, invitation({}, 'béa@example.org'))
    expect(await local.app.jobs.drain()).toEqual({ done: 0, failed: 0 })
    expect(await listMails(local.ctx, 10)).toMatchObject([
      { kind: 'invitation', to: 'béa@example.org', subject: 'Invitation à rejoindre Société Été' },
    ])
  } finally {
    await local.close()
  }
})
