/** What every way of measuring a pair begins from, and how it says that it could not. */
import type { Grid } from '@tidemark/core/imagery/grid.ts'
import { hectares, pixelArea, pixelSide_m, type PixelArea } from '@tidemark/core/imagery/pixel-area.ts'
import { edgeUncertainty, polygonFigures } from '@tidemark/core/imagery/polygon-area.ts'
import { polygonsOf } from '@tidemark/core/projects/boundary.ts'
import { areaOf, type UnmeasuredPair } from '@tidemark/core/projects/measurement.ts'
import type { Message } from '@tidemark/core/projects/message.ts'
import type { PairOutcome, PairRequest } from './pair.ts'
import type { Progress } from './protocol.ts'
import type { Scene } from './scene.ts'

/** A pair with its scenes open and what is known of it before a pixel is compared. */
export interface Pair {
  request: PairRequest
  before: Scene
  after: Scene
  folder: string
  onProgress: (progress: Progress) => void
}

/** What every record of the pair says, measured or not. */
export type Common = Omit<UnmeasuredPair, 'outcome' | 'reasons'>

/** A pair that was not measured: its reasons, and no number that could be taken for a result. */
export function cannotTell(common: Common, reasons: Message[], integrity = common.integrity): PairOutcome {
  const measurement: UnmeasuredPair = { ...common, integrity, outcome: 'cannot_tell', reasons }
  return { measurement, pictures: [], histogram: [] }
}

/** The area of the pixels of a grid, where it can be told. */
export function areaOfPixels(grid: Grid): PixelArea | undefined {
  const answer = pixelArea(grid)
  return answer.outcome === 'known' ? answer.area : undefined
}

/** What the boundary holds on a grid: the area of its pixels, and how much its edge leaves open. */
export function boundaryArea(
  request: PairRequest,
  area: PixelArea | undefined,
  inside_by_row: Uint32Array,
): UnmeasuredPair['area'] {
  const { claimed_ha, polygon_ha, boundary } = request
  if (!boundary || !area) return areaOf({ claimed_ha, polygon_ha, measured_ha: null })
  return areaOf({
    claimed_ha,
    polygon_ha,
    measured_ha: hectares(area, inside_by_row),
    edge_uncertainty_fraction: edgeUncertainty(polygonFigures(polygonsOf(boundary)), pixelSide_m(area)),
  })
}
