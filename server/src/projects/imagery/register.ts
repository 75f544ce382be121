import type { Grid, Window } from '@tidemark/core/imagery/grid.ts'
import { PhaseCorrelator } from '@tidemark/core/imagery/phase-correlation.ts'
import {
  judgeRegistration,
  registerTile,
  registrationTiles,
  type RegistrationVerdict,
} from '@tidemark/core/imagery/registration.ts'
import type { BandRole } from '@tidemark/core/imagery/sensors.ts'
import type { Progress } from './protocol.ts'
import { release, type LaidReader, type SceneReader } from './scene-reader.ts'

/** Whether two scenes lie on each other around a project, tile by tile, by their near infrared or, without one, their green. */
export async function registerScenes(
  { before, after, grid, role }: { before: SceneReader; after: LaidReader; grid: Grid; role: BandRole },
  within: Window,
  onProgress: (progress: Progress) => void,
): Promise<RegistrationVerdict> {
  const layout = registrationTiles(grid, within)
  if (!layout) {
    const reason = { code: 'picture_too_small' as const, width: grid.width, height: grid.height, side_least_px: 64 }
    return { outcome: 'cannot_tell', reasons: [reason], tiles_measured: 0, psr: undefined }
  }
  const correlator = new PhaseCorrelator(layout.side)
  const results = []
  for (const [done, tile] of layout.tiles.entries()) {
    const [first, second] = [await before.read(tile), await after.read(tile)]
    const [values, other] = [first.bands.get(role), second.bands.get(role)]
    results.push(
      values && other
        ? registerTile(correlator, { values, mask: first.mask }, { values: other, mask: second.mask })
        : undefined,
    )
    release(first)
    release(second)
    onProgress({ step: 'registering', done: done + 1, of: layout.tiles.length })
  }
  return judgeRegistration(results)
}
