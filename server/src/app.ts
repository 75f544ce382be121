import { ENGINE_VERSION } from '@tidemark/core/footprint/engine-version.ts'
import { replay } from '@tidemark/core/footprint/replay.ts'
import { access, accounts } from './accounts/http.ts'
import { createCertificates } from './certificates/http.ts'
import { factors } from './factors/http.ts'
import { footprint } from './footprint/http.ts'
import { evidenceOf } from './footprint/service.ts'
import type { Capability } from './platform/capability.ts'

/** Everything the application is made of, from the ground up: a later one may use the services of an earlier one. */
export const capabilities: readonly Capability[] = [
  // First: the demonstration that others put their examples in belongs to an organisation.
  accounts,
  factors,
  // Certificates know that something was signed; what was calculated is known one floor above.
  createCertificates({ evidenceOf, replay: async (evidence) => replay(evidence) }),
  footprint,
]

/** Who asks, and what they may do. */
export { access }

/** Version of the calculation methods, as it stands in results and certificates. */
export const engine_version = ENGINE_VERSION

/** The route whose first example is shown as a `curl` line at the start: the first thing a newcomer tries. */
export const showpiece = 'footprint.calculate'
