import type { PersonalData } from '../platform/personal-data.ts'
import * as store from './store.ts'

/** Calculations are an organisation's; a person has none. */
export const personalData: PersonalData = {
  exportOf: async (ctx, { kind, id }) =>
    kind === 'organisation' ? { 'footprint.calculations': await store.calculationsOf(ctx.db, id) } : {},
  erase: async (ctx, { kind, id }) =>
    kind === 'organisation' ? { 'footprint.calculation': await store.deleteCalculations(ctx.db, id) } : {},
  expire: async (ctx, organisation_id, { calculations_before }) =>
    calculations_before ? store.deleteCalculations(ctx.db, organisation_id, calculations_before) : 0,
}
