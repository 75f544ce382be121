// How often a measurement of a pair is right, and whether its confidence knows.
//
//   node bench/confidence.ts           scenes that conf-1 was not fitted on: four hundred pairs, about a minute
//   node bench/confidence.ts --table   the calibration that is shipped: 3,000 pairs of 300 scenes, some ten minutes;
//                                      writes core/src/projects/calibration/conf-1.json, the same bytes each time
//
// Scenes are generated and so known: coast, creeks, stands, fields. Their pictures are degraded in 23 ways, written as files and
// measured by what measures evidence. Right is a change within 0.05 and a covered share of both dates within five points.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { confidenceTable } from '@tidemark/core/projects/calibration/conf-1.ts'
import { scoreQuality, type CalibrationTable } from '@tidemark/core/projects/confidence.ts'
import {
  calibrationFile,
  familyFigures,
  judgeTable,
  writtenFile,
  type FamilyFigures,
} from '@tidemark/core/projects/trial/fit.ts'
import { benchPlan, tablePlan, type TrialPlan, type TrialRow } from '@tidemark/core/projects/trial/plan.ts'
import { tryPlan } from '../server/src/projects/imagery/trial-pair.ts'
import { sayBar } from './bar.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)
const points = (share: number | null) => (share === null ? '–' : (100 * share).toFixed(0)).padStart(5)

if (process.argv.includes('--table')) {
  const rows = await tryAll(tablePlan)
  const file = calibrationFile(rows, 'conf-1')
  const path = join(import.meta.dirname, '../core/src/projects/calibration/conf-1.json')
  await writeFile(path, writtenFile(file))
  report(rows, file.held_out_families, file.table)
  const { pairs, ece } = file.table.held_out
  say(`held out: ${pairs} pairs, expected calibration error ${(100 * ece).toFixed(1)} points`)
} else {
  const rows = await tryAll(benchPlan)
  report(rows, familyFigures(rows, confidenceTable), confidenceTable)
  const judged = judgeTable(rows, confidenceTable, 5)
  // Four hundred pairs in five bins are some three points off by chance alone.
  sayBar({
    what: 'conf-1 on new scenes, calibration error',
    measured: 100 * judged.ece,
    unit: 'points',
    at: { most: 8 },
  })
  const off = (100 * (judged.said - judged.right)) / judged.pairs
  sayBar({ what: 'conf-1 on new scenes, score over share right', measured: off, unit: 'points', at: { most: 5 } })
}

async function tryAll(plan: TrialPlan): Promise<TrialRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-bench-confidence-'))
  const rows: TrialRow[] = []
  try {
    for await (const row of tryPlan(plan, folder)) rows.push(row)
  } finally {
    await rm(folder, { recursive: true })
  }
  return rows
}

function report(rows: readonly TrialRow[], figures: readonly FamilyFigures[], table: CalibrationTable): void {
  const measured = rows.filter(({ graded }) => graded !== undefined)
  const right = measured.filter(({ graded }) => graded?.correct).length
  say(`${rows.length} pairs, ${measured.length} measured, ${right} of them right`)
  say(`${'degraded by'.padEnd(22)}pairs refused right  raw calibrated shown all classes`)
  for (const { family, pairs, refused, right: share, raw, calibrated, shown, all_classes_right } of figures) {
    const cells = [points(share), points(raw), points(calibrated).padStart(8), points(shown), points(all_classes_right)]
    say(`${family.padEnd(20)} ${String(pairs).padStart(5)} ${String(refused).padStart(6)} ${cells.join(' ')}`)
  }
  const { ece, raw_ece, bins } = judgeTable(rows, table)
  say(`error ${(100 * ece).toFixed(1)} points; of the raw score ${(100 * raw_ece).toFixed(1)}`)
  for (const { count, predicted_mean, actual_mean } of bins)
    say(`said ${points(predicted_mean)}, were right ${points(actual_mean)} of ${count}`)
  const best = Math.max(...measured.map(({ quality }) => scoreQuality(quality, table).calibrated_score ?? 0))
  say(`the highest score of all: ${best.toFixed(1)}`)
}
