import { invariant } from './invariant.ts'

/**
 * Emissions are counted in whole milligrams, so that parts add up to their whole exactly and in any order: the sum of
 * the lines is the sum of the categories is the sum of the scopes, to the last digit.
 */
const MG_PER_KG = 1e6
const MG_PER_TONNE = 1e9

/** Whole milligrams of an amount in kg, halves away from minus infinity. */
export function toMg(kg: number): number {
  const mg = Math.round(kg * MG_PER_KG)
  // Math.round gives -0 for tiny negative amounts, and -0 has its own bytes in some forms of JSON.
  return mg === 0 ? 0 : mg
}

/** The amount in kg: the double nearest to the exact decimal. */
export function toKg(mg: number): number {
  return mg / MG_PER_KG
}

/** An exact sum of whole milligrams: tonnes and the rest are kept apart, so that gigatonnes do not eat milligrams. */
export class Sum {
  private tonnes = 0
  private rest_mg = 0

  add(mg: number): void {
    const rest = mg % MG_PER_TONNE
    this.tonnes += (mg - rest) / MG_PER_TONNE
    this.rest_mg += rest
    if (this.rest_mg >= MG_PER_TONNE || this.rest_mg <= -MG_PER_TONNE) this.carry()
  }

  /** Adds another sum, exactly. */
  merge(other: Sum): void {
    this.tonnes += other.tonnes
    this.rest_mg += other.rest_mg
    if (this.rest_mg >= MG_PER_TONNE || this.rest_mg <= -MG_PER_TONNE) this.carry()
  }

  private carry(): void {
    const rest = this.rest_mg % MG_PER_TONNE
    this.tonnes += (this.rest_mg - rest) / MG_PER_TONNE
    this.rest_mg = rest
    invariant(Math.abs(this.tonnes) <= Number.MAX_SAFE_INTEGER, 'a sum of emissions left the exact range')
  }

  get kg(): number {
    return (this.tonnes * MG_PER_TONNE + this.rest_mg) / MG_PER_KG
  }

  /** The exact decimal in kg with six digits after the point, as certificates state it. */
  get decimal(): string {
    let tonnes = this.tonnes
    let rest = this.rest_mg
    if (tonnes > 0 && rest < 0) {
      tonnes -= 1
      rest += MG_PER_TONNE
    } else if (tonnes < 0 && rest > 0) {
      tonnes += 1
      rest -= MG_PER_TONNE
    }
    const negative = tonnes < 0 || rest < 0
    const mg = BigInt(Math.abs(tonnes)) * BigInt(MG_PER_TONNE) + BigInt(Math.abs(rest))
    const digits = mg.toString().padStart(7, '0')
    return `${negative ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`
  }
}

/** The decimal form of an amount in kg that came from whole milligrams. */
export function decimalOfKg(kg: number): string {
  const sum = new Sum()
  sum.add(toMg(kg))
  return sum.decimal
}
