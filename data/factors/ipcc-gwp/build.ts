/**
 * Leak factors of the gases and blends in `core/src/factors/gwp.ts`: one kilogram let out. Gases are masses, so that an
 * inventory weights them by its own set; the total stands under AR6. Run as `node build.ts core/src/factors/gwp.ts`: the
 * table is imported, the path only says where it is from.
 */
import { blendGwp, blends, gases, gwpWithSource } from '@tidemark/core/factors/gwp.ts'
import { type Entry, datasetText, runBuild, tidy } from '../tabulate.ts'

const common = {
  dataset: 'ipcc-gwp',
  publisher: 'IPCC',
  edition: 'AR6',
  activity: 'refrigerant_leak',
  unit: 'kg',
  category: '1.4',
  boundary: 'direct',
  gwp_set: 'AR6',
  geography: 'world',
  // A potential is a property of the gas; what changes is the report, every seven years or so.
  best_before: '2029-12-31',
  quality: { reliability: 5, technical: 5, geographic: 5, temporal: 5, completeness: 5 },
  status: 'valid',
  source: {
    title: 'IPCC AR6 WG1, table 7.SM.7; AR5 WG1, table 8.A.1; AR4 WG1, table 2.14',
    url: 'https://www.ipcc.ch/report/ar6/wg1/',
    licence: 'facts, cited',
  },
} as const

const idOf = (key: string) => `ipcc-gwp:${key.replace(/[()]/g, '-').replace(/-+$/, '').replace(/--/g, '-')}`

export function buildIpccGwp(): string {
  const single = Object.entries(gases).map(([key, gas]): Entry => {
    const found = gwpWithSource(key, 'AR6')
    if (!found) throw new Error(`${key} has no potential.`)
    const outside =
      gas.treaty === 'kyoto'
        ? ''
        : gas.treaty === 'montreal'
          ? 'Controlled by the Montreal Protocol: reported beside the scopes.'
          : 'Not listed by the Kyoto Protocol.'
    return {
      id: idOf(key),
      row: key,
      name: { en: `${gas.name.en} let out`, fr: `Rejet de ${gas.name.fr}` },
      attributes: { gas: key },
      total_kg_co2e: found.gwp,
      stages: [{ stage: 'fugitive', total_kg_co2e: found.gwp, gases_kg: { [key]: 1 } }],
      ...(outside ? { note: outside } : {}),
      raw: Object.fromEntries(
        (['AR4', 'AR5', 'AR6'] as const).flatMap((set) => (gas[set] === undefined ? [] : [[set, String(gas[set])]])),
      ),
    }
  })
  const mixed = Object.entries(blends).map(([key, blend]): Entry => {
    const total = tidy(blendGwp(key, 'AR6') ?? 0)
    const weighed = Object.fromEntries(Object.entries(blend.parts).filter(([part]) => part in gases))
    const left = Object.keys(blend.parts).filter((part) => !(part in gases))
    return {
      id: idOf(key),
      row: key,
      name: { en: `${key} leaked`, fr: `Fuite de ${key}` },
      attributes: { gas: key },
      total_kg_co2e: total,
      stages: [{ stage: 'fugitive', total_kg_co2e: total, gases_kg: weighed }],
      note: `Worked out from its parts (${blend.source}).${left.length > 0 ? ` ${left.join(', ')} has no potential in any report and counts as nothing.` : ''}`,
      raw: Object.fromEntries(Object.entries(blend.parts).map(([part, share]) => [part, String(share)])),
    }
  })
  return datasetText(common, [...single, ...mixed])
}

runBuild(import.meta.url, () => buildIpccGwp())
