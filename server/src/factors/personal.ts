import type { PersonalData } from '../platform/personal-data.ts'
import * as store from './store.ts'

/** What an organisation wrote into the library for itself. */
export const personalData: PersonalData = {
  exportOf: async (ctx, { kind, id }) =>
    kind === 'organisation' ? { 'factors.own': await store.ownFactorsOf(ctx.db, id) } : {},
  erase: async (ctx, { kind, id }) =>
    kind === 'organisation' ? { 'factors.own_factor': await store.deleteOwnOf(ctx.db, id) } : {},
}
