import * as contract from '@tidemark/core/sites/contract.ts'
import { alertProblems } from '@tidemark/core/sites/alerts-contract.ts'
import { forecastProblems } from '@tidemark/core/sites/forecast-contract.ts'
import { maintenanceProblems } from '@tidemark/core/sites/maintenance-contract.ts'
import { scheduleProblems } from '@tidemark/core/sites/schedule-contract.ts'
import { bind, type Capability } from '../platform/capability.ts'
import { alertsBindings } from './alerts.ts'
import { anomaliesBindings } from './anomalies.ts'
import { anomaliesJobs } from './anomalies-jobs.ts'
import { forecastBindings } from './forecast.ts'
import { forecastJobs } from './forecast-jobs.ts'
import { liveBindings, liveSockets } from './live.ts'
import { maintenanceBindings } from './maintenance.ts'
import { metricsBindings } from './metrics.ts'
import { personalData } from './personal.ts'
import { scheduleBindings } from './schedule.ts'
import * as service from './service.ts'

export const sites: Capability = {
  name: 'sites',
  problems: {
    ...contract.problems,
    ...forecastProblems,
    ...scheduleProblems,
    ...alertProblems,
    ...maintenanceProblems,
  },
  bindings: [
    bind(contract.listSites, service.listSites),
    bind(contract.addSite, service.addSite),
    bind(contract.getSite, service.getSite),
    bind(contract.changeSite, service.changeSite),
    ...metricsBindings,
    ...maintenanceBindings,
    ...liveBindings,
    ...forecastBindings,
    ...scheduleBindings,
    ...anomaliesBindings,
    ...alertsBindings,
    // Last, since what is tried in this order still needs the site.
    bind(contract.removeSite, service.removeSite),
  ],
  sockets: liveSockets,
  jobs: [...forecastJobs, ...anomaliesJobs],
  personal_data: personalData,
}
