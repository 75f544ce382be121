import { expect, test } from 'vitest'
import { createLog } from './log.ts'

test('a log never shows a password, a token or a cookie, wherever it stands', () => {
  const lines: string[] = []
  const log = createLog('info', { write: (line) => lines.push(line) })
  log.info(
    { password: 'hush', user: { token: 'hush' }, request: { headers: { cookie: 'hush', authorization: 'hush' } } },
    'came in',
  )
  expect(lines.join('')).not.toContain('hush')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', msg: 'came in', password: '[not shown]' })
})
