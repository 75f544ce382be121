/** The accounts of VM0033 v2.1 after the pools: error of the estimate, deduction for it, buffer, units. Pure arithmetic. */
import { put, type Sheet } from './method-result.ts'

export interface Part {
  /** t CO2e; emissions positive, removals negative. */
  t_co2e: number
  /** Half-width over the absolute estimate, at the confidence level of the allowance. */
  relative_half_width: number
}

/**
 * Equations 87 to 91: errors of independent parts add as squares and are held against the absolute sum. Parts that cancel
 * out leave an error without bound; no parts leave none.
 */
export function relativeError(parts: readonly Part[]): number {
  const squares = parts.reduce((sum, { t_co2e, relative_half_width: u }) => sum + u * t_co2e * (u * t_co2e), 0)
  const total = Math.abs(parts.reduce((sum, { t_co2e }) => sum + t_co2e, 0))
  if (squares === 0) return 0
  return total === 0 ? Infinity : Math.sqrt(squares) / total
}

/**
 * Equation 92, clamped at both ends: an error within the allowance deducts nothing and adds nothing, and no deduction turns
 * removals into emissions.
 */
export function adjustedForError(ner_t: number, error: number, allowable: number): number {
  const deduction = Math.min(1, Math.max(0, error - allowable))
  return ner_t > 0 ? ner_t * (1 - deduction) : ner_t
}

export interface Accounts {
  /** Net emission reductions until the after image, cumulative. */
  ner_t: number
  /** The part of them that stands in soil and plants, and can be lost again. */
  ner_stock_t: number
  error: number
}

export interface AccountRules {
  error_allowable_fraction: number
  buffer_percent: number
  /** Equation 86: what can still stand after a hundred years, where the sea may drown it. */
  sea_level_cap_t_co2e: number | null
  earlier_adjusted_t_co2e: number
  earlier_stock_t_co2e: number
}

/** Equations 86 and 92 to 94, line by line. Returns whole units, never below 0. */
export function unitsOf(sheet: Sheet, { ner_t, ner_stock_t, error }: Accounts, rules: AccountRules): number {
  const { sea_level_cap_t_co2e: cap, error_allowable_fraction: allowable, buffer_percent } = rules
  const capped = cap === null ? ner_t : Math.min(ner_t, cap)
  const stock_t = cap === null ? ner_stock_t : Math.min(ner_stock_t, cap)
  if (cap !== null) {
    sheet.line({
      symbol: 'NER capped',
      formula: 'min(NER, NER after 100 years)',
      substituted: put`min(${ner_t}, ${cap})`,
      value: capped,
      unit: 't CO2e',
      source: 'VM0033 v2.1 eq. 86',
    })
  }
  const known = Number.isFinite(error)
  const adjusted = sheet.line({
    symbol: 'adjusted NER',
    formula: 'NER × (1 − max(0, error − allowable))',
    substituted: put`${capped} × (1 − max(0, ${known ? error : 'without bound'} − ${allowable}))`,
    value: adjustedForError(capped, error, allowable),
    unit: 't CO2e',
    source: 'VM0033 v2.1 eq. 92, clamped',
  })
  const buffer = sheet.line({
    symbol: 'buffer',
    formula: 'max(0, stock now − stock earlier) × buffer %',
    substituted: put`max(0, ${stock_t} − ${rules.earlier_stock_t_co2e}) × ${buffer_percent} %`,
    value: (Math.max(0, stock_t - rules.earlier_stock_t_co2e) * buffer_percent) / 100,
    unit: 't CO2e',
    source: 'VM0033 v2.1 eq. 94',
  })
  // A hair of rounding below a whole number is that number.
  const open = adjusted - rules.earlier_adjusted_t_co2e - buffer
  return sheet.line({
    symbol: 'units',
    formula: '⌊max(0, adjusted now − adjusted earlier − buffer)⌋',
    substituted: put`⌊max(0, ${adjusted} − ${rules.earlier_adjusted_t_co2e} − ${buffer})⌋`,
    value: Math.max(0, Math.floor(open + 1e-9)),
    unit: 't CO2e',
    source: 'VM0033 v2.1 eq. 93',
  })
}
