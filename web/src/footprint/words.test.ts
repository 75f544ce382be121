import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stages } from '@tidemark/core/factors/contract.ts'
import { en, fr } from './words.ts'

const engine = join(import.meta.dirname, '../../../core/src/footprint')

/** Codes that the engine's files hand to a warning: `code: '…'` beside a message, in the files that warn. */
function warningCodes(): string[] {
  const warning_files = ['calculate.ts', 'prepare-line.ts', 'double-counts.ts'].filter((file) =>
    readdirSync(engine).includes(file),
  )
  const found = warning_files.flatMap((file) =>
    [...readFileSync(join(engine, file), 'utf8').matchAll(/(?:code: |warnings\.add\(\s*)'([a-z-]+)'/g)].map(
      (match) => match[1] ?? '',
    ),
  )
  return [...new Set(found)]
}

test('every warning of the engine has its words in both languages', () => {
  const codes = warningCodes()
  expect(codes.length).toBeGreaterThan(10)
  expect(codes.filter((code) => !Object.hasOwn(en.warning, code) || !Object.hasOwn(fr.warning, code))).toEqual([])
})

test('every stage has its words in both languages', () => {
  expect(stages.filter((stage) => !Object.hasOwn(en.stage, stage) || !Object.hasOwn(fr.stage, stage))).toEqual([])
})
