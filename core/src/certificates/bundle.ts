import { digestOf } from './canonical.ts'
import type { Evidence } from './contract.ts'

/**
 * How the parts of a bundle are bound to the certificate. Order carries no meaning among lines, factors and airports, so
 * they are digested in the order of their ids (by UTF-16 unit): a file sorted differently is the same evidence.
 */

/** Digest of an inventory as it was read, defaults filled in. */
export function inventoryDigestOf(inventory: object): string {
  const lines = (inventory as { lines?: unknown }).lines
  return digestOf(
    Array.isArray(lines) ? { ...inventory, lines: sortedBy(lines, (line) => text(line, 'id')) } : inventory,
  )
}

/** Digest of the full rows of every factor that was used. */
export function factorsDigestOf(factors: readonly object[]): string {
  return digestOf(sortedBy(factors, (factor) => `${text(factor, 'id')}@${text(factor, 'edition')}`))
}

/** Digest of the airports between which distances were taken. */
export function airportsDigestOf(airports: readonly object[]): string {
  return digestOf(sortedBy(airports, (airport) => text(airport, 'iata')))
}

/** Digest of what the engine computed: the result without the digest that it carries of itself. */
export function resultDigestOf(result: object): string {
  const { result_digest: _, ...computed } = result as Record<string, unknown>
  return digestOf(computed)
}

/** The digests that a certificate must hold for this evidence. */
export function evidenceDigestsOf(evidence: Evidence): {
  inventory: string
  factors: string
  airports: string | undefined
  result: string
} {
  return {
    inventory: inventoryDigestOf(evidence.inventory),
    factors: factorsDigestOf(evidence.factors),
    airports: evidence.airports && airportsDigestOf(evidence.airports),
    result: resultDigestOf(evidence.result),
  }
}

function sortedBy(items: readonly object[], keyOf: (item: object) => string): object[] {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item)
}

function text(item: unknown, key: string): string {
  const value: unknown = typeof item === 'object' && item !== null ? (item as Record<string, unknown>)[key] : undefined
  return typeof value === 'string' ? value : ''
}
