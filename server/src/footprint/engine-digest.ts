import { sourceDigestOf } from '../platform/source-digest.ts'

/** Digest of the engine's own source, in every certificate: two results of one digest were computed by the same code. */
export function engineDigest(): Promise<string> {
  return sourceDigestOf(['footprint', 'factors', 'lib'])
}
