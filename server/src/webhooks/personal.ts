import type { PersonalData } from '../platform/personal-data.ts'
import * as service from './service.ts'

export const personalData: PersonalData = {
  exportOf: async (ctx, { kind, id }) => (kind === 'organisation' ? service.exportOf(ctx, id) : {}),
  erase: async (ctx, { kind, id }) => (kind === 'organisation' ? service.eraseOf(ctx, id) : {}),
  expire: (ctx, organisation_id, { deliveries_before }) => service.expire(ctx, organisation_id, deliveries_before),
}
