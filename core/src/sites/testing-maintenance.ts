import type { Asset } from './contract.ts'
import type { AssetHistory } from './maintenance-history.ts'
import { simulateSite, type Scenario } from './simulate.ts'

/** What a simulated plant measured, hour by hour, as maintenance reads it from the store: for tests and for the bench. */
export function simulatedHistories(scenario: Scenario, slot_s = 3_600): Map<string, AssetHistory> {
  const { from_ms, to_ms, plant } = scenario
  const slot_count = Math.ceil((to_ms - from_ms) / (slot_s * 1000))
  const sums = new Map<string, { sum: Float64Array; count: Float64Array }>()
  for (const { at_ms, readings } of simulateSite(scenario)) {
    const slot = Math.floor((at_ms - from_ms) / (slot_s * 1000))
    for (const { sensor_id, measurements } of readings)
      for (const [measure, value] of Object.entries(measurements)) {
        const name = `${sensor_id} ${measure}`
        const kept = sums.get(name) ?? { sum: new Float64Array(slot_count), count: new Float64Array(slot_count) }
        sums.set(name, kept)
        kept.sum[slot] = (kept.sum[slot] ?? 0) + value
        kept.count[slot] = (kept.count[slot] ?? 0) + 1
      }
  }
  const means = new Map([...sums].map(([name, { sum, count }]) => [name, sum.map((all, i) => all / (count[i] ?? 0))]))
  const measuredOf = (asset: Asset) =>
    new Map(
      [...means].flatMap(([name, values]) => {
        const [sensor_id = '', measure = ''] = name.split(' ')
        return asset.sensor_ids.includes(sensor_id) ? [[measure, values] as const] : []
      }),
    )
  const inverters = plant.assets.filter((asset) => asset.kind === 'pv_inverter')
  const warm = inverters.map(measuredOf)[0]
  return new Map(
    plant.assets.map((asset) => [
      asset.asset_id,
      {
        asset,
        from_ms,
        slot_s,
        slot_count,
        longitude: plant.longitude,
        measured: measuredOf(asset),
        peers: inverters.flatMap((each) => {
          const power = measuredOf(each).get('generation_power_kw')
          return each === asset || power === undefined ? [] : [power.map((kw) => kw / each.rated_kw)]
        }),
        surroundings: ['module_temperature_c', 'irradiance_w_per_m2'].flatMap((measure) => warm?.get(measure) ?? []),
      },
    ]),
  )
}
