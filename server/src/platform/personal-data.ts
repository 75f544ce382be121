import type { Context } from './context.ts'

/** Whose data it is about. */
export interface DataSubject {
  kind: 'person' | 'organisation'
  id: string
}

/** What stays after an erasure, and the reason, in both languages. */
export interface KeptData {
  what: string
  why_en: string
  why_fr: string
}

/** Rows that are gone, or whose names are gone, by table. */
export type Erased = Record<string, number | undefined>

/** How long an organisation wants things kept. */
export interface RetentionLimits {
  calculations_before?: Date
  deliveries_before: Date
}

/**
 * What a capability knows about people and organisations. One that stores anything about either declares it, and a test
 * looks into every table for what was forgotten. `ctx` is the system's, in one transaction with all the others.
 */
export interface PersonalData {
  /** Everything there is, by the name of a collection: `webhooks.endpoints`. Secrets aside. */
  exportOf(ctx: Context, subject: DataSubject): Promise<Record<string, readonly unknown[] | undefined>>
  /** Erases or makes nameless. Doing it twice changes nothing. */
  erase(ctx: Context, subject: DataSubject): Promise<Erased>
  /** What stays after that, and why. */
  stays?(kind: DataSubject['kind']): readonly KeptData[]
  /** Deletes what an organisation no longer wants kept; returns how many rows. */
  expire?(ctx: Context, organisation_id: string, limits: RetentionLimits): Promise<number>
}
