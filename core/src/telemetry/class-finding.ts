import type { Finding } from './check.ts'

/** What a class says of one reading: below zero it stands apart, by the measure that does so most. */
export interface ForestSaid {
  score: number
  measure: string
}

/** A finding for whoever reads verdicts; the rules have found nothing impossible before. */
export function forestFinding({ score, measure }: ForestSaid, device_kind: string, value: number | null): Finding {
  return {
    check: 'isolation_forest',
    severity: 'unlikely',
    measure,
    value,
    limit: null,
    expected: null,
    message: `${measure}, by its hour, its change and the other measures, is unlike what ${device_kind} devices showed so far (${score.toFixed(3)}, below zero).`,
  }
}
