import { readFileSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { stages } from '../factors/contract.ts'
import { spreadOfGrades } from './uncertainty.ts'

const page = readFileSync(new URL('../../../docs/methods/footprint.md', import.meta.url), 'utf8')
const rules = readdirSync(new URL('.', import.meta.url))
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !/^(seed-|questionnaire|contract)/.test(name))
  .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
  .join('\n')

it('the page of the method tells what to do about every fault and every warning that the engine raises', () => {
  const raised = [
    ...rules.matchAll(/code: '([a-z-]+)'/g),
    ...rules.matchAll(/new LineFault\(\s*(?:'[^']*'|`[^`]*`),\s*(?:attribute \? '([a-z-]+)' : )?'([a-z-]+)'/g),
    ...rules.matchAll(/money \? '([a-z-]+)' : '([a-z-]+)'/g),
    ...rules.matchAll(/warnings\.add\(\s*'([a-z-]+)'/g),
  ].flatMap(([, ...codes]) => codes.filter((code) => code !== undefined))
  expect(new Set(raised).size).toBeGreaterThan(40)
  expect([...new Set(raised)].filter((code) => !page.includes(`\`${code}\``))).toEqual([])
})

it('every stage of a factor stands in the table of scopes', () => {
  expect(stages.filter((stage) => !new RegExp(`\\b${stage}\\b`).test(page))).toEqual([])
})

it('an ungraded number is known to the factor that the page says', () => {
  expect(Math.exp(spreadOfGrades(undefined))).toBeCloseTo(2.5163, 3)
  expect(page).toContain('a factor of 2.52')
})
