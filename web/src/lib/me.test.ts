import { expect, test } from 'vitest'
import { state } from '@tidemark/core/accounts/contract.ts'
import { stateAddress } from './me.ts'

test('the header asks where the contract answers', () => {
  expect(stateAddress).toEqual({ method: state.method, path: state.path })
})
