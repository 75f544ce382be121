import { canonicalize } from '../certificates/canonical.ts'
import type { Factor } from '../factors/contract.ts'
import { findUnit } from '../lib/units.ts'
import type { InventoryLine, Warning } from './contract.ts'

/**
 * Things that lines may count twice between them. Only a person can tell, so these are warnings: the same fleet by fuel
 * and by distance, the upstream of a fuel beside a factor that already holds it, the making of a vehicle by the kilometre
 * beside its purchase, one line entered twice.
 */
export function findDoubleCounts(
  lines: readonly InventoryLine[],
  factors_by_line: ReadonlyMap<string, readonly Factor[]>,
): Warning[] {
  return [
    ...fuelBesideDistance(lines),
    ...repeatedLines(lines),
    ...upstreamTwice(lines, factors_by_line),
    ...manufactureTwice(lines, factors_by_line),
  ]
}

const fuelDimensions = [
  'volume',
  'mass',
  'fuel_energy_gross',
  'fuel_energy_net',
  'gas_volume_0c',
  'gas_volume_60f',
  'gas_volume_15c',
]
const distanceDimensions = ['vehicle_distance', 'passenger_distance']

function fuelBesideDistance(lines: readonly InventoryLine[]): Warning[] {
  const by_site = new Map<string, { fuel: string[]; distance: string[] }>()
  for (const line of lines) {
    const dimension = findUnit(line.unit)?.dimension ?? ''
    const mobile =
      line.category === '1.2' ||
      (line.category === undefined && ['car', 'van', 'diesel', 'petrol'].includes(line.activity ?? ''))
    if (!mobile || line.ownership === 'third_party') continue
    const site = line.site ?? ''
    const entry = by_site.get(site) ?? { fuel: [], distance: [] }
    if (fuelDimensions.includes(dimension)) entry.fuel.push(line.id)
    if (distanceDimensions.includes(dimension)) entry.distance.push(line.id)
    by_site.set(site, entry)
  }
  return [...by_site.values()]
    .filter((entry) => entry.fuel.length > 0 && entry.distance.length > 0)
    .map((entry) => ({
      code: 'fleet-by-fuel-and-distance',
      message: 'Vehicles are counted by fuel and by distance. If these are the same vehicles, keep one of the two.',
      line_ids: [...entry.fuel, ...entry.distance].sort(),
    }))
}

function repeatedLines(lines: readonly InventoryLine[]): Warning[] {
  const seen = new Map<string, string[]>()
  for (const line of lines) {
    if (line.quantity === 0) continue
    const { id: _id, label: _label, comment: _comment, data_quality: _quality, ...what } = line
    const key = canonicalize(what)
    const ids = seen.get(key)
    if (ids) ids.push(line.id)
    else seen.set(key, [line.id])
  }
  return [...seen.values()]
    .filter((ids) => ids.length > 1)
    .map((ids) => ({
      code: 'line-repeated',
      message: 'Lines with the same quantity, factor, category and site stand more than once.',
      line_ids: ids.sort(),
    }))
}

/** A line of its own for upstream (3.3) beside a fuel or electricity line whose factor already holds that stage. */
function upstreamTwice(
  lines: readonly InventoryLine[],
  factors_by_line: ReadonlyMap<string, readonly Factor[]>,
): Warning[] {
  const holding = lines.filter((line) => {
    const direct = line.category === undefined || line.category.startsWith('1.') || line.category.startsWith('2.')
    const factors = factors_by_line.get(line.id) ?? []
    return (
      direct && factors.some((factor) => factor.stages.some(({ stage }) => stage === 'upstream' || stage === 'losses'))
    )
  })
  const apart = lines.filter((line) => line.category === '3.3')
  if (holding.length === 0 || apart.length === 0) return []
  return [
    {
      code: 'upstream-counted-apart',
      message:
        'Some factors already hold upstream and losses (3.3), and other lines state 3.3 by themselves. Check that they speak of different energy.',
      line_ids: [...holding, ...apart].map((line) => line.id).sort(),
    },
  ]
}

/**
 * A distance factor that holds a share of making the vehicle, beside capital goods stated by themselves. The GHG Protocol
 * counts a capital good whole in the year it is bought (Corporate Value Chain Standard, 5.5), so only one of them stays.
 */
function manufactureTwice(
  lines: readonly InventoryLine[],
  factors_by_line: ReadonlyMap<string, readonly Factor[]>,
): Warning[] {
  const spread = lines.filter(
    (line) =>
      distanceDimensions.includes(findUnit(line.unit)?.dimension ?? '') &&
      !line.category?.startsWith('3.') &&
      (factors_by_line.get(line.id) ?? []).some((factor) =>
        factor.stages.some(({ stage }) => stage === 'manufacture' || stage === 'amortisation'),
      ),
  )
  const bought = lines.filter((line) => line.category === '3.2' || line.activity === 'vehicle_manufacture')
  if (spread.length === 0 || bought.length === 0) return []
  return [
    {
      code: 'manufacture-counted-apart',
      message:
        'Some distance factors hold a share of making the vehicle (3.2), and other lines state capital goods by themselves. Check that they speak of different vehicles.',
      line_ids: [...spread, ...bought].map((line) => line.id).sort(),
    },
  ]
}
