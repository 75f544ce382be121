import { invariant } from '../lib/invariant.ts'
import type { Check, Outcome, Report } from './contract.ts'
import { headlines, type Said } from './sentences.ts'
import type { JsonValue } from './strict-json.ts'

export type Members = { [key: string]: JsonValue }
export type Trouble = Exclude<Outcome, 'valid'>
type Where = Partial<Pick<Check, 'path' | 'expected' | 'found' | 'line_id'>>

/** What counts most comes first. */
const GRAVEST_FIRST: readonly Trouble[] = ['unreadable', 'altered', 'untrusted_key', 'replay_differs']

/** Which failed check says most precisely what was altered. */
const MOST_TELLING_FIRST: readonly Check['name'][] = [
  'agreement',
  'disclosure',
  'profile',
  'certificate',
  'proof',
  'inventory',
  'factors',
  'airports',
  'readings',
  'past',
  'inputs',
  'result',
  'keys',
  'hash',
  'signature',
  'seed_form',
]

/** What the checks of one verification found, and what follows from it. */
export class Findings {
  readonly checks: Check[] = []
  private readonly stated: NonNullable<Report['stated']> = {}
  private readonly troubles = new Set<Trouble>()
  private signed_by_trusted_key = false
  /** Why it was not computed again although that was asked for. */
  private not_replayed: Said | undefined

  pass(name: Check['name'], [says_en, says_fr]: Said): void {
    this.checks.push({ name, status: 'passed', says_en, says_fr })
  }

  skip(name: Check['name'], [says_en, says_fr]: Said): void {
    this.checks.push({ name, status: 'skipped', says_en, says_fr })
  }

  /** It was to be computed again and cannot be: said in the headline too, so that nobody takes it for done. */
  cannotReplay(why: Said): void {
    this.skip('replay', why)
    this.not_replayed = why
  }

  fail(name: Check['name'], trouble: Trouble, [says_en, says_fr]: Said, where: Where = {}): void {
    this.troubles.add(trouble)
    const known = Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined))
    this.checks.push({ name, status: 'failed', says_en, says_fr, ...known })
  }

  /** A trusted key signed exactly this. */
  trust(): void {
    this.signed_by_trusted_key = true
  }

  /** Notes what the file states about itself; what is no text is passed over. */
  state(facts: Partial<Record<keyof NonNullable<Report['stated']>, JsonValue | undefined>>): void {
    Object.assign(
      this.stated,
      Object.fromEntries(Object.entries(facts).filter(([, value]) => typeof value === 'string')),
    )
  }

  report(form: Report['form']): Report {
    const outcome = GRAVEST_FIRST.find((trouble) => this.troubles.has(trouble)) ?? 'valid'
    // Whatever else went well: nothing is valid that no trusted key signed.
    invariant(outcome !== 'valid' || this.signed_by_trusted_key, 'a certificate was called valid without a signature')
    const told = outcome === 'altered' ? this.mostTelling() : undefined
    const reason = told ?? (this.not_replayed && { says_en: this.not_replayed[0], says_fr: this.not_replayed[1] })
    const [en, fr] = headlines[outcome]
    return {
      outcome,
      says_en: reason ? `${en} ${reason.says_en}` : en,
      says_fr: reason ? `${fr} ${reason.says_fr}` : fr,
      form,
      checks: this.checks,
      ...(Object.keys(this.stated).length > 0 ? { stated: this.stated } : {}),
      ...(this.not_replayed ? { not_replayed: true } : {}),
    }
  }

  private mostTelling(): Check | undefined {
    const failed = this.checks.filter((check) => check.status === 'failed')
    return MOST_TELLING_FIRST.map((name) => failed.find((check) => check.name === name)).find(
      (check) => check !== undefined,
    )
  }
}

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value in a sentence: short, whatever it is. */
export function shownValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
