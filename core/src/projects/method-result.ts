import { z } from 'zod'
import { plain } from '../footprint/plain.ts'
import { invariant } from '../lib/invariant.ts'
import { Message, message } from './message.ts'

export const methodIds = ['seed-ai', 'ipcc-ws2013-tier1', 'vm0033-like', 'conservation'] as const
export type MethodId = (typeof methodIds)[number]

/** One line of a formula sheet: what was computed, with every number put in. */
export const FormulaLine = z.strictObject({
  symbol: z.string().max(80),
  formula: z.string().max(300),
  substituted: z.string().max(600),
  value: z.number(),
  unit: z.string().max(60),
  source: z.string().max(200).nullable(),
})
export type FormulaLine = z.infer<typeof FormulaLine>

/** A parameter that the source names and does not fix, with the value that stood in. */
export const Unspecified = z.strictObject({ parameter: z.string().max(80), value: z.string().max(200) })

/** How far the measured inputs of a result may be off; half-widths at 90 %, relative to the estimate. */
export const MethodUncertainty = z.strictObject({
  relative_half_width_90: z.number().min(0),
  parts: z.array(z.strictObject({ input: z.string().max(80), relative_half_width_90: z.number().min(0) })),
})
export type MethodUncertainty = z.infer<typeof MethodUncertainty>

export const MethodResult = z.strictObject({
  method_id: z.enum(methodIds),
  method_version: z.literal('v1'),
  label: z.string().max(200),
  outcome: z.enum(['applicable', 'not_applicable']),
  reasons: z.array(Message).describe('Why it is not applicable; empty when it is.'),
  value: z.number().min(0).nullable().describe('In `unit`; null when not applicable.'),
  unit: z.enum(['seed credit units', 't CO2e', 'VM0033-like units (t CO2e)']),
  t_co2e: z.number().min(0).nullable().describe('The same in tonnes of CO2e, before any deduction for issuance.'),
  t_co2e_per_ha_yr: z.number().min(0).nullable(),
  area_ha: z.number().min(0).nullable(),
  years: z.number().min(0).nullable(),
  lines: z.array(FormulaLine),
  warnings: z.array(Message),
  unspecified: z.array(Unspecified),
  parameters: z.record(z.string(), z.unknown()).describe('All of them, as they were for this run.'),
  uncertainty: MethodUncertainty.nullable(),
})
export type MethodResult = z.infer<typeof MethodResult>

/** Rounds to so many decimals, halves up. Sums of decimal fractions come out as they would on paper. */
export function roundTo(value: number, decimals: number): number {
  const scale = Number(`1e${decimals}`)
  const rounded = Math.round(value * scale) / scale
  return rounded === 0 ? 0 : rounded
}

/** Grams of CO2: finer than any of these methods can know. */
export const roundTonnes = (t: number): number => roundTo(t, 6)

/** Writes a formula with its numbers in place: put`${1500} × ${2.5}` is `1500 × 2.5`. */
export function put(strings: TemplateStringsArray, ...values: readonly (number | string)[]): string {
  return strings.reduce((text, part, i) => {
    const value = values[i]
    return text + part + (typeof value === 'number' ? plain(value) : (value ?? ''))
  }, '')
}

/** The formula sheet of one method while it is being filled in. */
export class Sheet {
  readonly lines: FormulaLine[] = []
  readonly warnings: Message[] = []
  readonly unspecified: z.infer<typeof Unspecified>[] = []
  readonly reasons: Message[] = []

  /** Writes a line and hands its value on. */
  line(line: Omit<FormulaLine, 'source'> & { source?: string }): number {
    invariant(Number.isFinite(line.value), `${line.symbol} is not a number`)
    this.lines.push({ ...line, value: line.value === 0 ? 0 : line.value, source: line.source ?? null })
    return line.value
  }

  warn(code: string, facts: Parameters<typeof message>[1] = {}): void {
    this.warnings.push(message(code, facts))
  }

  refuse(code: string, facts: Parameters<typeof message>[1] = {}): void {
    this.reasons.push(message(code, facts))
  }

  /** Whether it was refused for this already. */
  has(code: string): boolean {
    return this.reasons.some((reason) => reason.code === code)
  }

  notSpecified(parameter: string, value: string | number | boolean | null): void {
    this.unspecified.push({ parameter, value: typeof value === 'number' ? plain(value) : String(value) })
  }
}

type Head = Pick<MethodResult, 'method_id' | 'label' | 'unit' | 'parameters'>
type Found = Pick<MethodResult, 'uncertainty'> & { value: number; t_co2e: number; area_ha: number; years: number }

/** A result that says why there is none. */
export function notApplicable(head: Head, sheet: Sheet): MethodResult {
  invariant(sheet.reasons.length > 0, 'a method that is not applicable says why')
  return {
    ...head,
    method_version: 'v1',
    outcome: 'not_applicable',
    reasons: sheet.reasons,
    value: null,
    t_co2e: null,
    t_co2e_per_ha_yr: null,
    area_ha: null,
    years: null,
    lines: [],
    warnings: sheet.warnings,
    unspecified: sheet.unspecified,
    uncertainty: null,
  }
}

export function applicable(head: Head, sheet: Sheet, found: Found): MethodResult {
  const { value, t_co2e, area_ha, years, uncertainty } = found
  const hectare_years = area_ha * years
  return {
    ...head,
    method_version: 'v1',
    outcome: 'applicable',
    reasons: [],
    value: roundTonnes(value),
    t_co2e: roundTonnes(t_co2e),
    t_co2e_per_ha_yr: hectare_years > 0 ? roundTonnes(t_co2e / hectare_years) : 0,
    area_ha,
    years,
    lines: sheet.lines,
    warnings: sheet.warnings,
    unspecified: sheet.unspecified,
    uncertainty,
  }
}

/** Independent inputs of a product: half-widths add as squares. */
export function combinedUncertainty(parts: MethodUncertainty['parts']): MethodUncertainty {
  const squares = parts.reduce((sum, { relative_half_width_90: u }) => sum + u * u, 0)
  return { relative_half_width_90: roundTo(Math.sqrt(squares), 9), parts: [...parts] }
}
