import { ENGINE_VERSION } from '@tidemark/core/footprint/engine-version.ts'
import { replayers } from '@tidemark/core/replayers.ts'
import { access, accounts } from './accounts/http.ts'
import { personalData, requireStepUp } from './accounts/service.ts'
import { contactsOf, countsOf, noteDeletionDue, planOf, population, refuseDeletion } from './accounts/standing.ts'
import { createAdmin } from './admin/http.ts'
import { refuseCalculationBeyondPlan, refuseOwnFactorBeyondPlan, refuseWebhookBeyondPlan } from './admin/service.ts'
import { audit } from './audit/http.ts'
import { createCertificates } from './certificates/http.ts'
import { createFactors } from './factors/http.ts'
import { createFootprint } from './footprint/http.ts'
import { evidenceOf } from './footprint/service.ts'
import { createModels } from './models/http.ts'
import type { Capability } from './platform/capability.ts'
import { createPrivacy } from './privacy/http.ts'
import { analysisEvidenceOf } from './projects/analyse.ts'
import { decisionEvidenceOf } from './projects/decisions.ts'
import { createProjects } from './projects/http.ts'
import { sites } from './sites/http.ts'
import { telemetry } from './telemetry/http.ts'
import { batchEvidenceOf } from './telemetry/validate.ts'
import { createWebhooks } from './webhooks/http.ts'

/** What keeps something, from the ground up: a later one may use the services of an earlier one. */
const keeping: readonly Capability[] = [
  audit,
  createWebhooks({ beforeCreate: (ctx) => refuseWebhookBeyondPlan(ctx, { planOf }) }),
  // Before what puts in examples: the demonstration that they belong to is an organisation.
  accounts,
  createFactors({ beforeAdd: (ctx) => refuseOwnFactorBeyondPlan(ctx, { planOf }) }),
  createModels(),
  // Certificates know that something was signed; what was certified is known one floor above.
  createCertificates({
    evidence: {
      emission_calculation: evidenceOf,
      sensor_batch: batchEvidenceOf,
      project_analysis: analysisEvidenceOf,
      credit_decision: decisionEvidenceOf,
    },
    replayers,
  }),
  telemetry,
  sites,
  createProjects({ contactsOf }),
  createFootprint({ beforeCalculate: (ctx) => refuseCalculationBeyondPlan(ctx, { planOf }) }),
]

/** Whoever keeps data of people, in the order in which they erase it: accounts last, since the others hang on them. */
const holders = [
  ...keeping.filter((capability) => capability !== accounts).flatMap(({ personal_data }) => personal_data ?? []),
  personalData,
]

/** Everything the application is made of. */
export const capabilities: readonly Capability[] = [
  ...keeping,
  createPrivacy({ holders, requireStepUp, refuseDeletion, contactsOf, noteDeletionDue }),
  createAdmin({ planOf, population, countsOf }),
]

/** Who asks, and what they may do. */
export { access }

/** Version of the calculation methods, as it stands in results and certificates. */
export const engine_version = ENGINE_VERSION

/** The route whose first example is shown as a `curl` line at the start: the first thing a newcomer tries. */
export const showpiece = 'footprint.calculate'
