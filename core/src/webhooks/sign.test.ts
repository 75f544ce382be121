import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerOf, nextAttempt, waits_s } from './retry.ts'
import { signWebhook, verifyWebhook } from './sign.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body = '{"test": 2432232314}'
const now_s = 1_614_265_330

test('the worked example of the Standard Webhooks libraries has their signature', () => {
  // github.com/standard-webhooks/standard-webhooks, the test vector that its reference libraries share.
  expect(signWebhook(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', now_s, body)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

const headers = signWebhook(secret, 'evt_1', now_s, body)
const check = (changes: Partial<Parameters<typeof verifyWebhook>[0]>) =>
  verifyWebhook({ secret, headers, body, now_s, ...changes })

test('what was signed is valid within five minutes on either side, and a replay is not', () => {
  expect(check({})).toBe('valid')
  expect(check({ now_s: now_s + 300 })).toBe('valid')
  expect(check({ now_s: now_s + 301 })).toBe('too-old')
  expect(check({ now_s: now_s - 301 })).toBe('too-new')
})

test('any other body, id, time or secret is refused', () => {
  expect(check({ body: `${body} ` })).toBe('wrong-signature')
  expect(check({ headers: { ...headers, 'webhook-id': 'evt_2' } })).toBe('wrong-signature')
  expect(check({ headers: { ...headers, 'webhook-timestamp': String(now_s + 1) } })).toBe('wrong-signature')
  expect(check({ secret: `whsec_${'A'.repeat(32)}` })).toBe('wrong-signature')
  expect(check({ headers: { ...headers, 'webhook-timestamp': '1e9' } })).toBe('missing-headers')
  expect(check({ headers: {} })).toBe('missing-headers')
  expect(check({ headers: { ...headers, 'webhook-signature': 'v1,' } })).toBe('wrong-signature')
  expect(
    check({ headers: { ...headers, 'webhook-signature': headers['webhook-signature'].replace('v1', 'v2') } }),
  ).toBe('wrong-signature')
})

test('one right signature among several is enough, as while a secret is changed', () => {
  expect(check({ headers: { ...headers, 'webhook-signature': `v1,AAAA ${headers['webhook-signature']}` } })).toBe(
    'valid',
  )
})

test('the dots between the parts cannot be moved', () => {
  const moved = signWebhook(secret, 'evt_1.5', 7, 'x')
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(check({ headers: { ...moved, 'webhook-id': 'evt_1' }, body: text, now_s: 7 })).toBe('wrong-signature')
    }),
  )
})

test('a delivery is tried for 24 hours, less and less often', () => {
  expect(waits_s.reduce((sum, wait) => sum + wait, 0)).toBe(24 * 3600)
  expect([...waits_s].sort((a, b) => a - b)).toEqual([...waits_s])
  const now = new Date('2026-11-21T12:00:00Z')
  expect(nextAttempt(1, now)).toEqual(new Date('2026-11-21T12:00:05Z'))
  expect(nextAttempt(waits_s.length + 1, now)).toBeUndefined()
})

test.each([
  [200, 'delivered'],
  [204, 'delivered'],
  [301, 'refused'],
  [410, 'gone'],
  [500, 'refused'],
  [undefined, 'refused'],
])('an answer of %s means %s', (status, answer) => {
  expect(answerOf(status)).toBe(answer)
})
