import { expect, test } from 'vitest'
import { nameFrom } from './names.ts'

test.each([
  ['Énergie des bureaux 2025', 'energie-des-bureaux-2025'],
  ['2025 meters', 'meters'],
  ['  --- ', 'table'],
  ['表', 'table'],
  ['x'.repeat(200), 'x'.repeat(80)],
])('a data set called %s has a name that the contract takes', (title, name) => {
  expect(nameFrom(title)).toBe(name)
  expect(name).toMatch(/^[a-z][a-z0-9._-]{0,79}$/)
})
