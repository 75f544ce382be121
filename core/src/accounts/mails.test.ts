import { expect, test } from 'vitest'
import { mailKinds, mailTemplates, renderMail } from './mails.ts'

test.each(mailKinds.flatMap((kind) => (['en', 'fr'] as const).map((language) => [kind, language] as const)))(
  'the mail %s in %s uses exactly the facts that it names',
  (kind, language) => {
    const { facts } = mailTemplates[kind]
    const { subject, text } = mailTemplates[kind][language]
    const used = [...`${subject} ${text}`.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
    expect([...new Set(used)].sort()).toEqual([...facts].sort())
    const mail = renderMail(kind, language, 'a@b.example', Object.fromEntries(facts.map((name) => [name, `<${name}>`])))
    expect(`${mail.subject} ${mail.text}`).not.toMatch(/[{}]/)
  },
)

test('a mail with a missing fact is not made', () => {
  expect(() => renderMail('reset-password', 'en', 'a@b.example', { link: 'x' })).toThrow('needs valid_for')
})

test('a value that looks like a template is shown as it is', () => {
  const facts = { organisation: '{link}', role: 'r', link: 'https://l.example', valid_for: 'v' }
  expect(renderMail('invitation', 'en', 'a@b.example', facts).subject).toBe('Invitation to {link}')
})
