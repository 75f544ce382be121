import type { Me } from '@tidemark/core/accounts/contract.ts'
import { may, permissionTable, roles, type Permission, type Role } from '@tidemark/core/accounts/permissions.ts'
import type { Language } from './format.ts'

/** Whether one holds a permission in the organisation one acts for, and if not, who does. */
export interface Allowed {
  allowed: boolean
  /** What it takes, as a sentence; undefined when it is allowed. */
  reason?: string
  /** The same without what it is about, for a list that names that anyway. */
  takes?: string
}

/** Asks the table that the server asks. */
export function allowedTo(permission: Permission, me: Me | null | undefined, language: Language): Allowed {
  if (me?.permissions.includes(permission)) return { allowed: true }
  const { says } = permissionTable[permission]
  const what = says[language].replace(/\.$/, '')
  if (permission === 'instance.admin') {
    return {
      allowed: false,
      reason:
        language === 'fr'
          ? `${what}\u00A0: réservé aux administrateurs de l’installation.`
          : `${what}: for administrators of the installation only.`,
    }
  }
  const holders = roles.filter((role) => may(role, permission)).map((role) => roleName(role, language))
  const list = new Intl.ListFormat(language, { type: 'disjunction' }).format(holders)
  const takes = language === 'fr' ? `il faut le rôle ${list}.` : `this takes the role ${list}.`
  return {
    allowed: false,
    reason: `${what}${language === 'fr' ? '\u00A0' : ''}: ${takes}`,
    takes: takes.charAt(0).toLocaleUpperCase(language) + takes.slice(1),
  }
}

const roleNames: Record<Role, Record<Language, string>> = {
  owner: { en: 'owner', fr: 'propriétaire' },
  admin: { en: 'admin', fr: 'administrateur' },
  editor: { en: 'editor', fr: 'éditeur' },
  contributor: { en: 'contributor', fr: 'contributeur' },
  reader: { en: 'reader', fr: 'lecteur' },
  verifier: { en: 'verifier', fr: 'vérificateur' },
  operator: { en: 'operator', fr: 'opérateur' },
}

export function roleName(role: Role, language: Language): string {
  return roleNames[role][language]
}
