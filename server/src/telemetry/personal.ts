import type { PersonalData } from '../platform/personal-data.ts'
import * as store from './store.ts'

/** Devices and readings are the organisation's; they name no person. */
export const personalData: PersonalData = {
  exportOf: async (ctx, { kind, id }) => (kind === 'organisation' ? store.exportOf(ctx.db, id) : {}),
  erase: async (ctx, { kind, id }) => (kind === 'organisation' ? store.eraseOrganisation(ctx.db, id) : {}),
}
