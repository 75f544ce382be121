// How long the full Base Carbone takes to import into the embedded database, beside a bare CSV parse of the same file
// in the same run, and how long searches over it take.
//
//   node bench/factors.ts [base-carbone.csv]
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { tmpdir } from 'node:os'
import { DEMO_ORGANISATION_ID } from '@tidemark/core/accounts/demo.ts'
import { sniffContainer, sniffHeader } from '@tidemark/core/factors/import/sniff.ts'
import { parse } from 'csv-parse/sync'
import { factors } from '../server/src/factors/http.ts'
import * as service from '../server/src/factors/service.ts'
import { checkout, readConfig } from '../server/src/platform/config.ts'
import { createLog } from '../server/src/platform/log.ts'
import { startApp } from '../server/src/platform/start.ts'
import { sayBar, skipBar } from './bar.ts'

/** What people type, complete and half typed, right and wrong, in both languages, common words and rare ones. */
const queries = [
  'électricité', 'electricite', 'electricity', 'élec', 'electrcité', 'mix moyen', 'électricité 2023', 'électricité allemagne',
  'gaz naturel', 'natural gas', 'gaz', 'diesel', 'gazole', 'gazoil', 'gazole routier b7', 'essence', 'petrol', 'gasoline', 'sp95',
  'fioul', 'heating oil', 'propane', 'charbon', 'granulés de bois', 'chauffage', 'réseau de chaleur', 'réseau de chaleur paris',
  'avion', 'flight', 'vol long courrier', 'train', 'tgv', 'métro', 'voiture', 'car', 'voiture électrique', 'camion', 'hgv', 'fret maritime',
  'taxi', 'vélo', 'hôtel', 'repas', 'boeuf', 'beef', 'poulet', 'lait', 'pomme', 'pizza', 'salade césar', 'eau potable', 'eaux usées',
  'déchets', 'ordures ménagères', 'landfill', 'papier', 'carton', 'plastique', 'verre', 'acier', 'steel', 'aluminium', 'béton', 'ciment',
  'ordinateur portable', 'laptop', 'smartphone', 'écran', 'imprimante', 'R410A', 'R-32', 'SF6', 'méthane', 'engrais', 'ammonitrate',
  'services financiers', 'assurance', 'consulting', 'restauration', 'textile', 'coton', 'mobilier', 'bureau', 'chaise', 'hydrogène',
  'kerosene', 'kérosène', 'bioéthanol', 'biodiesel', 'agribalyse', 'el', 'elec', 'ga', 'die', 'voi', 'xyzzy', 'mobilité douce', 'réfrigérant',
] // oxfmt-ignore

const rounds = 20
const file =
  process.argv[2] ??
  join(process.env.TIDEMARK_FACTOR_FILES ?? join(checkout, '../shared/data'), 'base-carbone-v23.6.cp1252.csv')
if (!existsSync(file)) {
  skipBar(
    'full Base Carbone imported and searched',
    'file not there; say where: node bench/factors.ts base-carbone.csv',
  )
  process.exit(0)
}

const bytes = await readFile(file)
const data_dir = await mkdtemp(join(tmpdir(), 'tidemark-bench-'))
const started_ms = performance.now()
const app = await startApp({
  capabilities: [factors],
  engine_version: 'bench',
  config: { ...readConfig({}), data_dir },
  log: createLog('silent'),
  seed: false,
  web_dir: false,
})
try {
  const opened_ms = performance.now()
  await factors.seed?.(app.ctx)
  const seeded_ms = performance.now()
  await factors.seed?.(app.ctx)
  const seeded_again_ms = performance.now()
  say('database opened and migrated', opened_ms - started_ms)
  say('embedded factors seeded', seeded_ms - opened_ms)
  say('seeded again, nothing new', seeded_again_ms - seeded_ms)

  const baseline_ms = [bareParse(bytes), bareParse(bytes)].sort((a, b) => a - b)[0] ?? 0
  const before_ms = performance.now()
  const report = await service.importBytes(app.ctx, bytes, { filename: basename(file), edition: 'V99' })
  const import_ms = performance.now() - before_ms
  say('bare csv-parse of the file (baseline)', baseline_ms)
  say(
    `import of ${report.counts.lines} lines, ${report.stored.added} factors`,
    import_ms,
    `${(import_ms / baseline_ms).toFixed(1)} × the baseline; bar: 15 s`,
  )

  // As a request searches: with the rows of one organisation beside those of the publishers.
  const as_asked = { ...app.ctx, db: app.db.scopedTo(DEMO_ORGANISATION_ID) }
  const took_ms: number[] = []
  const perQuery_ms = new Map<string, number[]>()
  for (let round = 0; round <= rounds; round += 1) {
    for (const q of queries) {
      const begin_ms = performance.now()
      await service.search(as_asked, { q, status: 'valid', limit: 20, offset: 0 })
      const duration_ms = performance.now() - begin_ms
      // The first round warms the database up, as the first users do.
      if (round === 0) continue
      took_ms.push(duration_ms)
      perQuery_ms.set(q, [...(perQuery_ms.get(q) ?? []), duration_ms])
    }
  }
  took_ms.sort((a, b) => a - b)
  const at = (list: readonly number[], share: number) =>
    list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0
  const medians = [...perQuery_ms]
    .map(([q, list]): [string, number] => [
      q,
      at(
        list.sort((a, b) => a - b),
        0.5,
      ),
    ])
    .sort((a, b) => b[1] - a[1])
  // Other work on the machine shows in single answers; the median of each query shows what the query costs.
  const typical_ms = medians.map(([, duration_ms]) => duration_ms).reverse()
  process.stdout.write(
    `search, ${took_ms.length} answers: p50 ${at(took_ms, 0.5).toFixed(1)} ms, p90 ${at(took_ms, 0.9).toFixed(1)} ms, p99 ${at(took_ms, 0.99).toFixed(1)} ms (bar: 20 ms), max ${at(took_ms, 1).toFixed(1)} ms\n` +
      `medians of ${medians.length} queries: p50 ${at(typical_ms, 0.5).toFixed(1)} ms, p99 ${at(typical_ms, 0.99).toFixed(1)} ms\n` +
      `dearest: ${medians
        .slice(0, 8)
        .map(([q, duration_ms]) => `${q} ${duration_ms.toFixed(1)} ms`)
        .join(', ')}\n`,
  )
  sayBar({ what: 'full Base Carbone imported', measured: import_ms / 1000, unit: 's', at: { most: 15 } })
  sayBar({ what: 'search over it, p99', measured: at(took_ms, 0.99), unit: 'ms', at: { most: 20 } })
} finally {
  await app.close()
  await rm(data_dir, { recursive: true, force: true })
}

function bareParse(content: Uint8Array): number {
  const begin_ms = performance.now()
  const container = sniffContainer(content)
  const encoding = container.kind === 'text' ? container.encoding : 'utf-8'
  const text = new TextDecoder(encoding).decode(content)
  const rows: string[][] = parse(text, {
    delimiter: sniffHeader(text.slice(0, 10_000), encoding).separator,
    relax_column_count: true,
    bom: true,
  })
  if (rows.length < 2) throw new Error('The file has no rows.')
  return performance.now() - begin_ms
}

function say(what: string, duration_ms: number, more = ''): void {
  process.stdout.write(`${what}: ${(duration_ms / 1000).toFixed(2)} s${more === '' ? '' : ` (${more})`}\n`)
}
