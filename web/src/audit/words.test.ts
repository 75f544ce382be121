import { expect, test } from 'vitest'
import { auditActions } from '@tidemark/core/audit/actions.ts'
import { en, fr } from './words.ts'

test('everything that the trail can name has its words in both languages, and no words are left over', () => {
  const keys = auditActions.map((action) => action.replace('.', '_')).sort()
  expect(Object.keys(en.actions).sort()).toEqual(keys)
  expect(Object.keys(fr.actions).sort()).toEqual(keys)
})
