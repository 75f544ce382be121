import type { PersonalData } from '../platform/personal-data.ts'
import { exportAlerts } from './alerts-store.ts'
import { exportAnomalies } from './anomalies-store.ts'
import { exportForecasts } from './forecast-store.ts'
import { exportMaintenance } from './maintenance-store.ts'
import { exportPlans } from './schedule-store.ts'
import * as store from './store.ts'

/** Sites are the organisation's; they name no person. */
export const personalData: PersonalData = {
  exportOf: async (ctx, { kind, id }) =>
    kind === 'organisation'
      ? {
          'sites.sites': await store.listSites(ctx.db, id),
          'sites.numbering': [{ last_number: await store.findLastNumber(ctx.db, id) }],
          ...(await exportForecasts(ctx.db, id)),
          'sites.plans': await exportPlans(ctx.db, id),
          'sites.anomalies': await exportAnomalies(ctx.db, id),
          ...(await exportAlerts(ctx.db, id)),
          ...(await exportMaintenance(ctx.db, id)),
        }
      : {},
  erase: async (ctx, { kind, id }) =>
    kind === 'organisation'
      ? {
          'sites.site': await store.deleteOfOrganisation(ctx.db, id),
          'sites.numbering': await store.deleteNumbering(ctx.db, id),
        }
      : {},
}
