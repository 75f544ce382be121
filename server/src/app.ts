import type { Capability } from './platform/capability.ts'

/** Everything the application is made of, from the ground up: a later one may use the services of an earlier one. */
export const capabilities: readonly Capability[] = []

/** Stands in results and certificates, and in /version. */
export { ENGINE_VERSION as engine_version } from '@tidemark/core/footprint/engine-version.ts'

/** The route whose first example is shown as a `curl` line at the start: the first thing a newcomer tries. */
export const showpiece = 'footprint.calculate'
