import { expect, test } from 'vitest'
import type { Me } from '@tidemark/core/accounts/contract.ts'
import { permissions, permissionsOf, roles } from '@tidemark/core/accounts/permissions.ts'
import { allowedTo } from './rights.ts'

const as = (role: (typeof roles)[number]) => ({ permissions: permissionsOf(role) }) as unknown as Me

test('what is out of reach says which roles it takes, in both languages', () => {
  expect(allowedTo('accounts.invite', as('reader'), 'en').reason).toBe(
    'Invite people and withdraw invitations: this takes the role owner or admin.',
  )
  expect(allowedTo('accounts.invite', as('reader'), 'fr').reason).toBe(
    'Inviter des personnes et retirer des invitations\u00A0: il faut le rôle propriétaire ou administrateur.',
  )
})

test('every permission is either allowed or refused with a reason, for every role and for nobody', () => {
  for (const me of [null, ...roles.map(as)]) {
    for (const permission of permissions) {
      const { allowed, reason } = allowedTo(permission, me, 'en')
      expect(allowed, permission).toBe(me?.permissions.includes(permission) === true)
      expect(reason === undefined, permission).toBe(allowed)
    }
  }
})
