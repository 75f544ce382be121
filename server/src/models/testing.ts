import { randomOf, range, shuffle } from '@tidemark/core/learn/random.ts'
import type { Frame } from '@tidemark/core/models/frame.ts'
import type { DataVersion, TrainingSource } from './data.ts'

/** Buildings, for tests: energy follows from area and use, hour after hour; the colour of the door says nothing. */
export function buildings(row_count: number, options: { shuffled?: boolean } = {}): Frame {
  const random = randomOf(1)
  const factors = { office: 150, school: 90, hotel: 220 }
  const uses = Object.keys(factors) as (keyof typeof factors)[]
  const area = Float64Array.from({ length: row_count }, () => 50 + 950 * random.next())
  const use = Array.from(area, () => uses[random.integer(3)] ?? 'office')
  const door = Array.from(area, () => ['red', 'blue', null][random.integer(3)] ?? null)
  const energy = area.map((each, row) => each * factors[use[row] ?? 'office'] * (1 + 0.05 * random.normal()))
  const order = options.shuffled ? shuffle(range(row_count), random) : range(row_count)
  return {
    row_count,
    columns: [
      { name: 'area_m2', type: 'number', values: area },
      { name: 'use', type: 'category', values: use },
      { name: 'door', type: 'category', values: door },
      { name: 'read_at', type: 'time', values: area.map((_, row) => Date.UTC(2025, 0, 1) + row * 3_600_000) },
      { name: 'energy_kwh', type: 'number', values: energy.map((_, row) => energy[order[row] ?? 0] ?? 0) },
    ],
  }
}

/** How they are learnt, quickly. */
export function recipe() {
  const parameters = { tree_count: 30, learning_rate: 0.2, max_leaves: 8, early_stopping: false }
  return {
    algorithm: 'boosted-trees' as const,
    parameters,
    dataset: 'buildings',
    target: 'energy_kwh',
    time: 'read_at',
  }
}

/** Data sets that a test holds in memory, by name; the newest version last. */
export function buildingsSource(versions: Record<string, Frame[]> = { buildings: [buildings(600)] }) {
  const of = (dataset_id: string, dataset_version: number): DataVersion => ({
    dataset_id,
    dataset_version,
    data_sha256: String(dataset_version).padStart(64, '0'),
  })
  const source: TrainingSource = {
    find: async (_ctx, dataset, version) => {
      const count = versions[dataset]?.length ?? 0
      const wanted = version ?? count
      return wanted >= 1 && wanted <= count ? of(dataset, wanted) : undefined
    },
    read: async (_ctx, { dataset_id, dataset_version }) => {
      const frame = versions[dataset_id]?.[dataset_version - 1]
      if (!frame) throw new Error('There is no such data.')
      return frame
    },
  }
  return Object.assign(source, { versions })
}
