import { Problem } from './problem.ts'
import { findUnit, suggestUnits, units, type Unit } from './units.ts'

/** A number that knows what it counts. */
export interface Quantity {
  value: number
  unit: string
}

/** Returns the unit or refuses, saying what may have been meant. */
export function getUnit(id: string): Unit {
  const unit = findUnit(id)
  if (!unit)
    throw new Problem('units/unknown-unit', {
      detail: unknownUnitSentence(id),
      unit: id,
      did_you_mean: suggestUnits(id),
    })
  return unit
}

export function unknownUnitSentence(id: string): string {
  const suggestions = suggestUnits(id)
  return suggestions.length > 0
    ? `"${id}" is not one of our units. It is usually one of: ${suggestions.join(', ')}.`
    : `"${id}" is not one of our units. GET /api/v1/units lists them.`
}

/**
 * Converts within one dimension, and only there.
 * @throws Problem `units/wrong-dimension` with both dimensions and the units that would fit.
 */
export function convert(value: number, from: string, to: string): number {
  if (from === to) return value
  return value * conversionFactor(from, to)
}

/** How many `to` one `from` is. */
export function conversionFactor(from: string, to: string): number {
  const a = getUnit(from)
  const b = getUnit(to)
  if (a.dimension !== b.dimension) {
    throw new Problem('units/wrong-dimension', {
      detail: wrongDimensionSentence(a, b),
      from,
      to,
      units_that_fit: unitsOf(b.dimension),
    })
  }
  return a.per_base / b.per_base
}

export function unitsOf(dimension: string): string[] {
  return units.filter((unit) => unit.dimension === dimension).map((unit) => unit.id)
}

export function wrongDimensionSentence(given: Unit, wanted: Unit): string {
  const bases = [given.dimension, wanted.dimension]
  const advice =
    bases.includes('fuel_energy_gross') && bases.some((d) => d === 'energy' || d === 'fuel_energy_net')
      ? ' A calorific basis is part of the unit: gas bills in France, the UK and the US state gross energy, so write kWh_gross; use kWh_net only for net calorific value.'
      : wanted.dimension.startsWith('money_') && given.dimension.startsWith('money_')
        ? ' Money of another currency or year needs a stated price index: add one under price_indices.'
        : ''
  return `${given.id} measures ${given.dimension.replaceAll('_', ' ')}, and ${wanted.id} measures ${wanted.dimension.replaceAll('_', ' ')}: they do not convert into one another.${advice}`
}
