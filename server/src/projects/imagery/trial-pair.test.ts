import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import file from '@tidemark/core/projects/calibration/conf-1.json' with { type: 'json' }
import { trialGround } from '@tidemark/core/projects/trial/ground.ts'
import { sampleOf } from '@tidemark/core/projects/trial/fit.ts'
import { familiesOf, tablePlan } from '@tidemark/core/projects/trial/plan.ts'
import { expect, it } from 'vitest'
import { TrialScene, tryPair } from './trial-pair.ts'

/** Of ten pairs of the first scene, as many as take a second. */
const AGAIN = 4

it('what conf-1 was fitted on comes out the same when it is made and measured again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-trial-'))
  try {
    const scene = new TrialScene(trialGround(tablePlan.first_seed), tablePlan.first_seed)
    const rows = []
    for (const family of familiesOf(0, tablePlan).slice(0, AGAIN)) rows.push(await tryPair(scene, family, folder))
    // A change of the measurement changes these: then the calibration is fitted anew, by the command in its file.
    expect(sampleOf(rows)).toEqual(file.sample.slice(0, AGAIN))
    expect(rows.some(({ graded }) => graded !== undefined)).toBe(true)
    expect(await readdir(folder)).toEqual([])
  } finally {
    await rm(folder, { recursive: true })
  }
})
