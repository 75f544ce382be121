import { digestOf } from '../certificates/canonical.ts'
import type { Factor, GwpSet } from '../factors/contract.ts'
import { Sum, toKg, toMg } from '../lib/amount.ts'
import { Problem, type Fault } from '../lib/problem.ts'
import { conversionFactor } from '../lib/quantity.ts'
import { findUnit } from '../lib/units.ts'
import type { Scope } from '../lib/categories.ts'
import type { FootprintResult, Inventory, InventoryLine, LineResult, TraceStep, Warning } from './contract.ts'
import { ENGINE_VERSION } from './engine-version.ts'
import type { Library } from './library.ts'
import { LineFault } from './line-fault.ts'
import { MissingGwp, planFactor, type PlannedStage } from './plan-factor.ts'
import { plain } from './plain.ts'
import { prepareLine, type Application, type PreparedLine } from './prepare-line.ts'
import { routeStage } from './route-stage.ts'
import { interval, scoreOfGrades, spreadOfGrades, spreadOfPercent, spreadOfProduct } from './uncertainty.ts'
import { findDoubleCounts } from './double-counts.ts'

/**
 * Computes an inventory. Deterministic and pure: the same inventory and factors give the same bytes in any engine, and
 * the order of the lines does not matter.
 * @throws Problem `footprint/invalid-inventory` with every fault of every line.
 */
export function calculate(inventory: Inventory, library: Library): FootprintResult {
  const run = new Run(inventory, library)
  const order = sortedIndices(inventory.lines)
  const lines: ComputedLine[] = []
  const faults: Fault[] = []
  for (const index of order) {
    const line = inventory.lines[index]
    if (!line) continue
    try {
      lines.push(run.add(line))
    } catch (error) {
      if (!(error instanceof LineFault)) throw error
      faults.push(error.at(index))
    }
  }
  if (faults.length > 0) {
    faults.sort((a, b) => lineIndexOf(a) - lineIndexOf(b))
    throw new Problem('footprint/invalid-inventory', {
      detail: `${faults.length} ${faults.length === 1 ? 'line has a fault' : 'lines have faults'}. The first: ${faults[0]?.message}`,
      faults,
    })
  }
  return finish(run, inventory, lines)
}

/** Index in the document of the line that a fault points at. */
function lineIndexOf(fault: Fault): number {
  return Number(fault.path.split('/')[2])
}

/** A line's result before the whole is known. `spread` is ln of its 95 % factor. */
export interface ComputedLine {
  result: Omit<LineResult, 'uncertainty_share'>
  spread: number
}

/**
 * A calculation under way. `add` computes one line at a time and keeps totals only, so that an inventory larger than
 * memory can stream through; what needs every line at once (shares, digests) belongs to `calculate`.
 */
export class Run {
  readonly totals = new Totals()
  readonly factors = new Map<string, Factor>()
  readonly factors_by_line = new Map<string, readonly Factor[]>()
  readonly warnings: Warnings
  private readonly ready = new Map<Factor, ReadyFactor>()
  private readonly inventory: Inventory
  private library: Library
  private readonly keep_factors: boolean

  constructor(inventory: Inventory, library: Library, options: { keep_factors?: boolean } = {}) {
    this.inventory = inventory
    this.library = library
    this.keep_factors = options.keep_factors ?? true
    this.warnings = new Warnings(this.keep_factors ? Infinity : STREAMED_IDS_MAX)
  }

  /** Goes on with another library: a stream fetches the factors of one batch after another. */
  lookIn(library: Library): void {
    this.library = library
    this.ready.clear()
  }

  /** @throws LineFault */
  add(line: InventoryLine): ComputedLine {
    const prepared = prepareLine(line, this.inventory, this.library)
    const ledger = new LineLedger(prepared)
    let spread_squares = 0
    let weight = 0
    for (const application of prepared.applications) {
      const { stages, spread, warnings } = this.readyOf(application.factor, this.inventory.gwp_set)
      for (const warning of warnings) prepared.warnings.push(warning)
      const before = ledger.location_mg
      ledger.apply(application, stages)
      const part = ledger.location_mg - before
      spread_squares += part * part * spread * spread
      weight += part
    }
    if (this.keep_factors) this.keepFactors(prepared)
    const market = ledger.closeMarket(this.inventory)
    if (market.warning) prepared.warnings.push(market.warning)
    if (!ledger.isPlausible()) {
      throw new LineFault(
        'quantity',
        'implausible-amount',
        'The line comes to more than a gigatonne of CO2e, more than any organisation emits. The unit may be a thousand times too large.',
        line.quantity,
      )
    }
    const factor_spread = weight === 0 ? 0 : Math.sqrt(spread_squares) / weight
    const spread = spreadOfProduct(factor_spread, activitySpread(line))
    if (!line.data_quality && line.uncertainty_percent === undefined) {
      prepared.warnings.push({
        code: 'quality-not-graded',
        message: 'Lines without data-quality grades are taken at the worst grade, which widens the interval.',
      })
    }
    this.warnings.addAll(prepared.warnings, line.id)
    this.totals.add(ledger)
    return { result: ledger.result(spread), spread }
  }

  private keepFactors({ line, applications }: PreparedLine): void {
    this.factors_by_line.set(
      line.id,
      applications.map(({ factor }) => factor),
    )
    for (const { factor } of applications) this.factors.set(`${factor.id}@${factor.edition}`, factor)
  }

  private readyOf(factor: Factor, gwp_set: GwpSet): ReadyFactor {
    const known = this.ready.get(factor)
    if (known) return known
    try {
      const ready = makeReady(factor, gwp_set)
      if (factor.dataset !== 'inline') this.ready.set(factor, ready)
      return ready
    } catch (error) {
      if (error instanceof MissingGwp) {
        throw new LineFault(
          'factor',
          'gwp-missing',
          `${factor.id} emits ${error.gas}, for which ${error.gwp_set} holds no GWP. Choose another GWP set.`,
          error.gas,
        )
      }
      throw error
    }
  }
}

/** What every line with a factor needs of it, worked out once. */
interface ReadyFactor {
  stages: readonly ReadyStage[]
  spread: number
  warnings: readonly { code: string; message: string }[]
}

interface ReadyStage extends PlannedStage {
  beside_per_unit: EmitStep['beside_per_unit']
  /** What the trace says of a unit. */
  says_per_unit: string
  says_beside: string
}

function makeReady(factor: Factor, gwp_set: GwpSet): ReadyFactor {
  const plan = planFactor(factor, gwp_set)
  const warnings: { code: string; message: string }[] = []
  if (factor.gwp_set === undefined && factor.dataset !== 'inline') {
    warnings.push({
      code: 'gwp-set-unknown',
      message: `The publisher of ${factor.id} does not say which GWP set it is weighted with.`,
    })
  }
  if (plan.other_gwp_set) {
    warnings.push({
      code: 'gwp-set-differs',
      message: `${factor.id} is weighted with ${factor.gwp_set} and not fully divided by gas: that part could not be brought to ${gwp_set}.`,
    })
  }
  const stages = plan.stages.map((stage): ReadyStage => {
    const beside_per_unit = besideOf(stage)
    return {
      ...stage,
      beside_per_unit,
      says_per_unit: `${plain(stage.kg_co2e)} kgCO2e`,
      says_beside: beside_per_unit ? saysBeside(beside_per_unit) : '',
    }
  })
  return { stages, spread: spreadOfFactor(factor), warnings }
}

function activitySpread(line: InventoryLine): number {
  return line.uncertainty_percent === undefined
    ? spreadOfGrades(line.data_quality)
    : spreadOfPercent(line.uncertainty_percent)
}

/** The publisher's own percentage where there is one, the grades otherwise. */
function spreadOfFactor(factor: Factor): number {
  return factor.uncertainty_percent === undefined
    ? spreadOfGrades(factor.quality)
    : spreadOfPercent(factor.uncertainty_percent)
}

type EmitStep = Extract<TraceStep, { step: 'emit' }>

const GIGATONNE_MG = 1e18

/** What one line puts where, in whole milligrams. */
class LineLedger {
  location_mg = 0
  market_mg = 0
  biogenic_mg = 0
  other_gases_mg = 0
  avoided_mg = 0
  readonly gases = new Map<string, number>()
  readonly parts: { stage: LineResult['parts'][number]['stage']; category: string; mg: number }[] = []
  readonly trace: TraceStep[]
  readonly prepared: PreparedLine

  constructor(prepared: PreparedLine) {
    this.prepared = prepared
    this.trace = [...prepared.steps]
  }

  apply(application: Application, stages: readonly ReadyStage[]): void {
    const { factor, quantity } = application
    for (const step of application.steps) this.trace.push(step)
    const says_quantity = `${plain(quantity)} ${factor.unit}`
    for (const stage of stages) {
      const routed = routeStage(stage.stage, factor.boundary, this.prepared.category, this.prepared.ownership)
      const mg = toMg(quantity * stage.kg_co2e)
      this.location_mg += mg
      this.biogenic_mg += toMg(quantity * stage.biogenic_kg_co2)
      this.other_gases_mg += toMg(quantity * stage.other_gases_kg_co2e)
      this.avoided_mg += toMg(quantity * stage.avoided_kg_co2e)
      this.addGases(stage, quantity, mg)
      this.parts.push({ stage: stage.stage, category: routed.category, mg })
      const kg = toKg(mg)
      const step: EmitStep = {
        step: 'emit',
        factor: factor.id,
        stage: stage.stage,
        quantity,
        unit: factor.unit,
        kg_co2e_per_unit: stage.kg_co2e,
        emissions_kg_co2e: kg,
        category: routed.category,
        says: `${stage.stage}: ${says_quantity} × ${stage.says_per_unit} = ${plain(kg)} kgCO2e in ${routed.category}, because ${routed.because}.${stage.says_beside}`,
      }
      if (stage.beside_per_unit) step.beside_per_unit = stage.beside_per_unit
      this.trace.push(step)
    }
  }

  /** A gigatonne is more than any organisation emits, and more than sums of milligrams can hold exactly. */
  isPlausible(): boolean {
    const beside_mg = Math.max(this.biogenic_mg, this.other_gases_mg, -this.avoided_mg)
    return this.location_mg <= GIGATONNE_MG && this.market_mg <= GIGATONNE_MG && beside_mg <= GIGATONNE_MG
  }

  /** Splits a stage by gas so that the gases add up to the stage to the milligram. */
  private addGases(stage: PlannedStage, quantity: number, mg: number): void {
    let rest = mg
    let largest: string | undefined
    let largest_kg = 0
    for (const [gas, kg_co2e] of stage.gases) {
      const part = toMg(quantity * kg_co2e)
      rest -= part
      this.gases.set(gas, (this.gases.get(gas) ?? 0) + part)
      if (kg_co2e > largest_kg) {
        largest = gas
        largest_kg = kg_co2e
      }
    }
    if (rest === 0) return
    // Without an undivided part, what is left is the dust of rounding, and the largest gas takes it.
    const heir = stage.unattributed_kg_co2e === 0 && largest !== undefined ? largest : 'unattributed'
    this.gases.set(heir, (this.gases.get(heir) ?? 0) + rest)
  }

  /** Scope 2 Guidance: contract first, then residual mix, then the location-based figure, flagged. */
  closeMarket(inventory: Inventory): { warning?: LineWarning } {
    const { line, category } = this.prepared
    const scope2_mg = this.parts.reduce((sum, part) => (part.category.startsWith('2.') ? sum + part.mg : sum), 0)
    this.market_mg = this.location_mg
    const bought = this.parts.some((part) => part.category.startsWith('2.'))
    if (!bought) return line.contract ? { warning: contractForNothing } : {}
    // A residual mix speaks of electricity; heat and cold have none.
    const country = line.attributes?.country ?? inventory.organisation.country
    const residual = category === '2.1' ? inventory.residual_mix.find((each) => each.country === country) : undefined
    const kwh = this.boughtKwh()
    if (kwh === undefined && line.contract) return { warning: contractWithoutKwh }
    if (kwh === undefined || (!line.contract && !residual)) return { warning: marketEqualsLocation }
    const share = line.contract?.share ?? 0
    const contract_kg = line.contract ? kwh * share * line.contract.kg_co2e_per_kwh : 0
    const open = 1 - share
    const remainder_mg = residual ? toMg(kwh * open * residual.kg_co2e_per_kwh) : toMg(toKg(scope2_mg) * open)
    const scope2_market_mg = toMg(contract_kg) + remainder_mg
    this.market_mg = this.location_mg - scope2_mg + scope2_market_mg
    this.trace.push({
      step: 'market',
      kwh,
      share,
      kg_co2e_per_kwh: line.contract?.kg_co2e_per_kwh ?? 0,
      ...(residual ? { residual_kg_co2e_per_kwh: residual.kg_co2e_per_kwh } : {}),
      remainder_kg_co2e: toKg(remainder_mg),
      emissions_kg_co2e: toKg(scope2_market_mg),
      says: saysMarket(kwh, line.contract, residual),
    })
    return open > 0 && !residual ? { warning: remainderAtLocation } : {}
  }

  /** What was bought in kWh, where the line is counted in energy. */
  private boughtKwh(): number | undefined {
    const [counted] = this.prepared.applications
    return counted && findUnit(counted.factor.unit)?.dimension === 'energy'
      ? counted.quantity * conversionFactor(counted.factor.unit, 'kWh')
      : undefined
  }

  /** The category that the line was stated in, unless nothing of it went there and all of it went to another. */
  private categoryOfAll(): string {
    const [first] = this.parts
    const { category } = this.prepared
    return first && this.parts.every((part) => part.category === first.category) ? first.category : category
  }

  result(spread: number): ComputedLine['result'] {
    const { line } = this.prepared
    const category = this.categoryOfAll()
    const kg = toKg(this.location_mg)
    this.trace.push({ step: 'sum', emissions_kg_co2e: kg, says: `Together ${plain(kg)} kgCO2e.` })
    return {
      id: line.id,
      ...(line.label === undefined ? {} : { label: line.label }),
      ...(line.site === undefined ? {} : { site: line.site }),
      emissions_kg_co2e: kg,
      emissions_market_kg_co2e: toKg(this.market_mg),
      gases: gasAmounts(this.gases),
      biogenic_kg_co2: toKg(this.biogenic_mg),
      scope: scopeOf(category),
      category,
      parts: this.parts.map((part) => ({
        stage: part.stage,
        category: part.category,
        emissions_kg_co2e: toKg(part.mg),
      })),
      interval_95: interval(kg, spread),
      data_quality_score: rounded(lineScore(line, this.prepared.applications)),
      trace: this.trace,
    }
  }
}

function besideOf(stage: PlannedStage): EmitStep['beside_per_unit'] {
  const { biogenic_kg_co2, other_gases_kg_co2e, avoided_kg_co2e } = stage
  if (biogenic_kg_co2 === 0 && other_gases_kg_co2e === 0 && avoided_kg_co2e === 0) return undefined
  return {
    ...(biogenic_kg_co2 === 0 ? {} : { biogenic_kg_co2 }),
    ...(other_gases_kg_co2e === 0 ? {} : { other_gases_kg_co2e }),
    ...(avoided_kg_co2e === 0 ? {} : { avoided_kg_co2e }),
  }
}

function saysBeside(beside: NonNullable<EmitStep['beside_per_unit']>): string {
  const { biogenic_kg_co2, other_gases_kg_co2e, avoided_kg_co2e } = beside
  const parts = [
    ...(biogenic_kg_co2 === undefined ? [] : [`${plain(biogenic_kg_co2)} kg of biogenic CO2`]),
    ...(other_gases_kg_co2e === undefined
      ? []
      : [`${plain(other_gases_kg_co2e)} kgCO2e of gases of the Montreal Protocol`]),
    ...(avoided_kg_co2e === undefined ? [] : [`${plain(avoided_kg_co2e)} kgCO2e avoided`]),
  ]
  return ` Beside the scopes, per unit: ${parts.join(', ')}.`
}

interface LineWarning {
  code: string
  message: string
}

const contractForNothing: LineWarning = {
  code: 'contract-without-effect',
  message: 'A contract changes the market-based figure of bought energy (2.1, 2.2) only.',
}
const contractWithoutKwh: LineWarning = {
  code: 'contract-without-effect',
  message: 'A contract is priced per kWh, and this line is not counted in energy: state the kWh that were bought.',
}
const marketEqualsLocation: LineWarning = {
  code: 'market-equals-location',
  message:
    'Neither a contract nor a residual mix is stated, so the market-based figure repeats the location-based one.',
}
const remainderAtLocation: LineWarning = {
  code: 'market-remainder-at-location',
  message: 'The part that no contract covers has no residual mix stated and stands at the location-based figure.',
}

function saysMarket(
  kwh: number,
  contract: InventoryLine['contract'],
  residual: Inventory['residual_mix'][number] | undefined,
): string {
  const mix = residual ? `the residual mix (${residual.source})` : 'the location-based figure'
  if (!contract) return `Market-based: ${plain(kwh)} kWh at ${mix}.`
  const rest = contract.share < 1 ? `, and the rest at ${mix}` : ''
  return `Market-based: ${plain(contract.share * 100)} % of ${plain(kwh)} kWh at ${plain(contract.kg_co2e_per_kwh)} kgCO2e by ${contract.type.replaceAll('_', ' ')} (${contract.source})${rest}.`
}

/** The mean of how good the activity figure and the factor are. */
function lineScore(line: InventoryLine, applications: readonly Application[]): number {
  const factor = applications[0]?.factor
  return (scoreOfGrades(line.data_quality) + scoreOfGrades(factor?.quality)) / 2
}

/** Everything that adds up over lines; exact, and therefore indifferent to their order. */
export class Totals {
  readonly location = new Sum()
  readonly market = new Sum()
  readonly biogenic = new Sum()
  readonly other_gases = new Sum()
  readonly avoided = new Sum()
  readonly categories = new Map<string, Sum>()
  readonly categories_market = new Map<string, Sum>()
  readonly gases = new Map<string, Sum>()

  add(ledger: LineLedger): void {
    this.location.add(ledger.location_mg)
    this.market.add(ledger.market_mg)
    this.biogenic.add(ledger.biogenic_mg)
    this.other_gases.add(ledger.other_gases_mg)
    this.avoided.add(ledger.avoided_mg)
    let scope2: string | undefined
    for (const part of ledger.parts) {
      addTo(this.categories, part.category, part.mg)
      if (part.category.startsWith('2.')) {
        scope2 ??= part.category
        addTo(this.categories_market, part.category, part.mg)
      }
    }
    // What a contract or a residual mix changes stands in the category of the energy that was bought.
    if (scope2) addTo(this.categories_market, scope2, ledger.market_mg - ledger.location_mg)
    for (const [gas, mg] of ledger.gases) addTo(this.gases, gas, mg)
  }

  scope(scope: Scope): number {
    return this.sumOf(this.categories, scope)
  }

  scope2Market(): number {
    return this.sumOf(this.categories_market, '2')
  }

  private sumOf(sums: Map<string, Sum>, scope: Scope): number {
    const total = new Sum()
    for (const [category, sum] of sums) if (category.startsWith(`${scope}.`)) total.merge(sum)
    return total.kg
  }
}

function addTo(sums: Map<string, Sum>, key: string, mg: number): void {
  const sum = sums.get(key)
  if (sum) sum.add(mg)
  else {
    const fresh = new Sum()
    fresh.add(mg)
    sums.set(key, fresh)
  }
}

/** How many lines a warning of a stream names; all of them would fill the memory that streaming is there to save. */
const STREAMED_IDS_MAX = 100

class Warnings {
  /** By code, then by message. */
  private readonly found = new Map<string, Map<string, Set<string>>>()
  private readonly line_ids_max: number

  constructor(line_ids_max: number) {
    this.line_ids_max = line_ids_max
  }

  addAll(warnings: readonly { code: string; message: string }[], line_id: string): void {
    for (const { code, message } of warnings) {
      const ids = this.idsOf(code, message)
      if (ids.size < this.line_ids_max) ids.add(line_id)
    }
  }

  add(code: string, message: string, line_ids: readonly string[]): void {
    const ids = this.idsOf(code, message)
    for (const id of line_ids) ids.add(id)
  }

  private idsOf(code: string, message: string): Set<string> {
    let messages = this.found.get(code)
    if (!messages) this.found.set(code, (messages = new Map()))
    let ids = messages.get(message)
    if (!ids) messages.set(message, (ids = new Set()))
    return ids
  }

  /** In an order that does not depend on the order of the lines. */
  list(): Warning[] {
    return [...this.found]
      .sort(([a], [b]) => compare(a, b))
      .flatMap(([code, messages]) =>
        [...messages]
          .sort(([a], [b]) => compare(a, b))
          .map(([message, ids]) => ({ code, message, line_ids: [...ids].sort(compare) })),
      )
  }
}

function finish(run: Run, inventory: Inventory, computed: ComputedLine[]): FootprintResult {
  const { totals } = run
  const total_kg = totals.location.kg
  // Relative spreads of independent lines add in squares, weighted by what each line contributes.
  const variance = computed.reduce((sum, { result, spread }) => sum + (result.emissions_kg_co2e * spread) ** 2, 0)
  const spread = total_kg === 0 ? 0 : Math.sqrt(variance) / total_kg
  const lines = computed.map(({ result, spread: own }): LineResult => {
    const { trace, ...rest } = result
    return {
      ...rest,
      uncertainty_share: variance === 0 ? 0 : rounded((result.emissions_kg_co2e * own) ** 2 / variance),
      trace,
    }
  })
  const score =
    total_kg === 0
      ? 0
      : lines.reduce((sum, line) => sum + line.data_quality_score * line.emissions_kg_co2e, 0) / total_kg
  for (const warning of findDoubleCounts(inventory.lines, run.factors_by_line))
    run.warnings.add(warning.code, warning.message, warning.line_ids)
  for (const warning of periodWarnings(inventory)) run.warnings.add(warning.code, warning.message, [])
  if (inventory.simulated)
    run.warnings.add('simulated-inventory', 'This inventory says of itself that it is simulated: a demonstration or a trial.', []) // oxfmt-ignore
  addLedgerWarnings(run)
  const body: Omit<FootprintResult, 'result_digest'> = {
    emissions_kg_co2e: total_kg,
    emissions_market_kg_co2e: totals.market.kg,
    scopes: {
      '1': totals.scope('1'),
      '2_location': totals.scope('2'),
      '2_market': totals.scope2Market(),
      '3': totals.scope('3'),
    },
    categories: kgAmounts(totals.categories),
    categories_market: kgAmounts(totals.categories_market),
    gases: kgAmounts(totals.gases),
    biogenic_kg_co2: totals.biogenic.kg,
    outside_scopes: { other_gases_kg_co2e: totals.other_gases.kg, avoided_kg_co2e: totals.avoided.kg },
    interval_95: interval(total_kg, spread),
    data_quality_score: rounded(score),
    lines,
    warnings: run.warnings.list(),
    factors_used: [...run.factors.values()]
      .sort((a, b) => compare(`${a.id}@${a.edition}`, `${b.id}@${b.edition}`))
      .map(usedFactor),
    gwp_set: inventory.gwp_set,
    engine_version: ENGINE_VERSION,
    input_digest: inputDigest(inventory),
  }
  return { ...body, result_digest: digestOf(body) }
}

function addLedgerWarnings(run: Run): void {
  if (run.totals.other_gases.kg !== 0) {
    run.warnings.add(
      'gases-outside-scopes',
      'CFCs, HCFCs and other gases of the Montreal Protocol are reported beside the scopes (GHG Protocol Corporate Standard, chapter 9).',
      [],
    )
  }
  if (run.totals.avoided.kg !== 0) {
    run.warnings.add(
      'avoided-not-netted',
      'Credits for avoided emissions stand beside the inventory and do not lower it.',
      [],
    )
  }
}

function periodWarnings(inventory: Inventory): { code: string; message: string }[] {
  const { start_date, end_date } = inventory.reporting_period
  if (start_date === end_date) return [{ code: 'period-one-day', message: 'The reporting period is a single day.' }]
  const years = Number(end_date.slice(0, 4)) - Number(start_date.slice(0, 4))
  const beyond = years > 1 || (years === 1 && end_date.slice(5) >= start_date.slice(5))
  return beyond ? [{ code: 'period-over-a-year', message: 'The reporting period is longer than a year.' }] : []
}

/** Digest of the inventory as read, defaults filled in and lines in the order of their ids. */
export function inputDigest(inventory: Inventory): string {
  return digestOf({ ...inventory, lines: sortedIndices(inventory.lines).map((index) => inventory.lines[index]) })
}

const digests = new WeakMap<Factor, string>()

/** Digest of everything that a factor says, its source row included. */
export function factorDigest(factor: Factor): string {
  let digest = digests.get(factor)
  if (!digest) {
    digest = digestOf(factor)
    digests.set(factor, digest)
  }
  return digest
}

function usedFactor(factor: Factor): FootprintResult['factors_used'][number] {
  const { id, edition, publisher, name, unit, total_kg_co2e, source } = factor
  return { id, edition, publisher, name, unit, total_kg_co2e, source, digest: factorDigest(factor) }
}

function sortedIndices(lines: readonly InventoryLine[]): number[] {
  return lines.map((_, index) => index).sort((a, b) => compare(lines[a]?.id ?? '', lines[b]?.id ?? ''))
}

/** By code unit: the same everywhere, unlike the order of any locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function scopeOf(category: string): Scope {
  return category.startsWith('1.') ? '1' : category.startsWith('2.') ? '2' : '3'
}

function gasAmounts(gases: ReadonlyMap<string, number>): Record<string, number> {
  const amounts: Record<string, number> = {}
  for (const gas of gases.size > 1 ? [...gases.keys()].sort() : gases.keys()) {
    const mg = gases.get(gas) ?? 0
    if (mg !== 0) amounts[gas] = toKg(mg)
  }
  return amounts
}

function kgAmounts(sums: ReadonlyMap<string, Sum>): Record<string, number> {
  return Object.fromEntries([...sums].sort(([a], [b]) => compare(a, b)).map(([key, sum]) => [key, sum.kg]))
}

/** Six digits after the point: enough for a share or a score, and the same in every engine. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
