import { toKg, toMg } from '../lib/amount.ts'
import { conversionFactor } from '../lib/quantity.ts'
import { findUnit } from '../lib/units.ts'
import type { LineResult, TraceStep } from './contract.ts'

/** Where a trace, run again from its own fields, first gives something else than it says. */
export interface TraceDifference {
  /** Index of the step; the length of the trace when the line's own totals differ from its steps. */
  step_index: number
  /** The field of the step, or of the line: `result`, `parts/1/category`. */
  field: string
  expected: unknown
  found: unknown
}

export interface TraceRerun {
  same: boolean
  first_difference?: TraceDifference
}

type Step<Kind extends TraceStep['step']> = Extract<TraceStep, { step: Kind }>

/**
 * Runs every step of a line's trace again, from nothing but the trace: each conversion is multiplied out, each quantity is
 * followed from one step into the next, each emission is rounded to its milligram, and the totals of the line are summed.
 * What a trace takes from elsewhere (a published factor, a price index, a great circle) it states, and only a replay of the
 * whole calculation can check; see `replay`.
 */
export function rerunTrace(line: LineResult): TraceRerun {
  try {
    new Rerun(line).run()
    return { same: true }
  } catch (error) {
    if (error instanceof Differs) return { same: false, first_difference: error.difference }
    throw error
  }
}

class Differs extends Error {
  readonly difference: TraceDifference
  constructor(difference: TraceDifference) {
    super(`step ${difference.step_index} differs at ${difference.field}`)
    this.difference = difference
  }
}

class Rerun {
  private readonly line: LineResult
  /** What was stated or derived before any factor; each factor starts from it again. */
  private counted: { value: number; unit: string } | undefined
  private current: { value: number; unit: string } | undefined
  private factor: string | undefined
  private first_emission: Step<'emit'> | undefined
  private location_mg = 0
  private scope_2_mg = 0
  private scope_2_market_mg: number | undefined
  private biogenic_mg = 0
  private emissions = 0
  private step_index = 0

  constructor(line: LineResult) {
    this.line = line
  }

  run(): void {
    for (const step of this.line.trace) {
      this.runStep(step)
      this.step_index += 1
    }
    const last = this.line.trace.at(-1)
    if (last?.step !== 'sum') this.differ('trace', 'a last step that sums', last?.step)
    this.checkLine()
  }

  private runStep(step: TraceStep): void {
    switch (step.step) {
      case 'quantity':
        return this.runQuantity(step)
      case 'distance':
        return this.runDistance(step)
      case 'factor':
        this.factor = step.factor
        this.current = this.counted
        return
      case 'convert':
        return this.runConversion(step)
      case 'emit':
        return this.runEmission(step)
      case 'market':
        return this.runMarket(step)
      case 'sum':
        return this.expect('emissions_kg_co2e', toKg(this.location_mg), step.emissions_kg_co2e)
    }
  }

  private runQuantity({ value, unit }: Step<'quantity'>): void {
    if (this.counted) this.differ('step', 'one quantity only', 'quantity')
    if (!findUnit(unit)) this.differ('unit', 'a unit of our table', unit)
    // The quantity comes from the inventory; a distance or an emission that follows must carry it on.
    this.counted = { value, unit }
  }

  private runDistance(step: Step<'distance'>): void {
    this.expect('passengers', this.counted?.value, step.passengers)
    const uplift = step.uplift_percent === 0 ? 1 : 1 + step.uplift_percent / 100
    this.expect('value', step.great_circle_km * step.legs * step.passengers * uplift, step.value)
    this.expect('unit', 'passenger.km', step.unit)
    this.counted = { value: step.value, unit: step.unit }
  }

  private runConversion(step: Step<'convert'>): void {
    this.expect('value', this.current?.value, step.value)
    this.expect('from', this.current?.unit, step.from)
    // With a source the rate is somebody's statement; without one it follows from the definitions of the units.
    if (step.source === undefined) this.expect('rate', this.ratioOf(step), step.rate)
    this.expect('result', step.value * step.rate, step.result)
    this.current = { value: step.result, unit: step.to }
  }

  private ratioOf({ from, to }: Step<'convert'>): number | string {
    const [a, b] = [findUnit(from), findUnit(to)]
    return a && b && a.dimension === b.dimension ? a.per_base / b.per_base : 'units of one dimension'
  }

  private runEmission(step: Step<'emit'>): void {
    this.expect('factor', this.factor, step.factor)
    this.expect('quantity', this.current?.value, step.quantity)
    this.expect('unit', this.current?.unit, step.unit)
    const mg = toMg(step.quantity * step.kg_co2e_per_unit)
    this.expect('emissions_kg_co2e', toKg(mg), step.emissions_kg_co2e)
    const part = this.line.parts[this.emissions]
    this.expect('stage', part?.stage, step.stage)
    this.expect('category', part?.category, step.category)
    this.first_emission ??= step
    this.emissions += 1
    this.location_mg += mg
    if (step.category.startsWith('2.')) this.scope_2_mg += mg
    this.biogenic_mg += toMg(step.quantity * (step.beside_per_unit?.biogenic_kg_co2 ?? 0))
  }

  private runMarket(step: Step<'market'>): void {
    if (this.scope_2_market_mg !== undefined) this.differ('step', 'one market-based figure only', 'market')
    const first = this.first_emission
    const energy = first !== undefined && findUnit(first.unit)?.dimension === 'energy'
    this.expect('kwh', energy ? first.quantity * conversionFactor(first.unit, 'kWh') : undefined, step.kwh)
    const open = 1 - step.share
    const remainder_mg =
      step.residual_kg_co2e_per_kwh === undefined
        ? toMg(toKg(this.scope_2_mg) * open)
        : toMg(step.kwh * open * step.residual_kg_co2e_per_kwh)
    this.expect('remainder_kg_co2e', toKg(remainder_mg), step.remainder_kg_co2e)
    const mg = toMg(step.kwh * step.share * step.kg_co2e_per_kwh) + remainder_mg
    this.expect('emissions_kg_co2e', toKg(mg), step.emissions_kg_co2e)
    this.scope_2_market_mg = mg
  }

  private checkLine(): void {
    const { line } = this
    this.expect('parts/length', this.emissions, line.parts.length)
    const emissions = line.trace.filter((step) => step.step === 'emit')
    for (const [index, step] of emissions.entries())
      this.expect(`parts/${index}/emissions_kg_co2e`, step.emissions_kg_co2e, line.parts[index]?.emissions_kg_co2e)
    this.expect('emissions_kg_co2e', toKg(this.location_mg), line.emissions_kg_co2e)
    const market_mg = this.location_mg - this.scope_2_mg + (this.scope_2_market_mg ?? this.scope_2_mg)
    this.expect('emissions_market_kg_co2e', toKg(market_mg), line.emissions_market_kg_co2e)
    this.expect('biogenic_kg_co2', toKg(this.biogenic_mg), line.biogenic_kg_co2)
    const gases_mg = Object.values(line.gases).reduce((sum, kg) => sum + toMg(kg), 0)
    // Beyond four million tonnes a double in kg holds no single milligram, and gases add up to its last digit only.
    if (line.emissions_kg_co2e < 2 ** 32) this.expect('gases', toKg(this.location_mg), toKg(gases_mg))
    this.expect('scope', line.category.split('.')[0], line.scope)
  }

  private expect(field: string, expected: unknown, found: unknown): void {
    if (!Object.is(expected, found)) this.differ(field, expected, found)
  }

  private differ(field: string, expected: unknown, found: unknown): never {
    throw new Differs({ step_index: this.step_index, field, expected, found })
  }
}
