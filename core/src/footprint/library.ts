import type { Factor } from '../factors/contract.ts'
import type { Airport } from './contract.ts'

/** What a calculation may look things up in. Plain values in memory: the caller fetched them, the engine reads no files. */
export interface Library {
  /** The factor of that id and edition; without an edition, the current one. */
  factor(id: string, edition?: string): Factor | undefined
  /** Factors of every edition that serve an activity, in no particular order: the period decides which edition fits. */
  candidates(activity: string): readonly Factor[]
  airport(iata: string): Airport | undefined
}

/** A library of these factors and airports. Where one id comes in several editions, the last one given is current. */
export function libraryOf(content: { factors: readonly Factor[]; airports?: readonly Airport[] }): Library {
  const current = new Map<string, Factor>()
  const pinned = new Map<string, Factor>()
  for (const factor of content.factors) {
    current.set(factor.id, factor)
    pinned.set(`${factor.id}@${factor.edition}`, factor)
  }
  const by_activity = new Map<string, Factor[]>()
  for (const factor of pinned.values()) {
    if (!factor.activity) continue
    const list = by_activity.get(factor.activity)
    if (list) list.push(factor)
    else by_activity.set(factor.activity, [factor])
  }
  const airports = new Map((content.airports ?? []).map((airport) => [airport.iata, airport]))
  return {
    factor: (id, edition) => (edition === undefined ? current.get(id) : pinned.get(`${id}@${edition}`)),
    candidates: (activity) => by_activity.get(activity) ?? [],
    airport: (iata) => airports.get(iata.toUpperCase()),
  }
}

/** Everything an inventory will ask a library for, so that the caller can fetch it in one go. */
export interface Needs {
  factors: { id: string; edition?: string }[]
  activities: string[]
  airports: string[]
}
