import { exg, GreennessHistogram, greennessChange, ngrdi } from '@tidemark/core/imagery/greenness.ts'
import { findKeypoints } from '@tidemark/core/imagery/keypoints.ts'
import { matchScenes } from '@tidemark/core/imagery/same-scene.ts'
import { IndexStatistics } from '@tidemark/core/imagery/statistics.ts'
import { bars } from '@tidemark/core/imagery/histogram.ts'
import { SIGMA_FLOOR } from '@tidemark/core/imagery/significance.ts'
import { photoSceneFinding, recolouredFinding } from '@tidemark/core/projects/integrity.ts'
import { message } from '@tidemark/core/projects/message.ts'
import {
  HASHED_PX,
  nearestHashDistance,
  perceptualHash,
  perceptualHashes,
} from '@tidemark/core/projects/perceptual-hash.ts'
import type { MeasuredPair } from '@tidemark/core/projects/measurement.ts'
import { join } from 'node:path'
import type { Common, Pair } from './pair-record.ts'
import { greyOf, greyView, writePhotoPreview } from './photo.ts'
import type { PairOutcome, Picture } from './pair.ts'
import type { Scene } from './scene.ts'

const VIEW_PX = 2_048

/**
 * What two photographs can say: whether the second looks greener, and by how much more of its pixels. Nothing lies on anything
 * here, so no pixel is compared with another; a photograph taken at an angle shows a share of pixels and not of ground.
 */
export async function measurePhotos(pair: Pair, common: Common): Promise<PairOutcome> {
  const { before, after, folder, onProgress } = pair
  const first = await lookAt(before)
  onProgress({ step: 'measuring', done: 1, of: 2 })
  const second = await lookAt(after)
  onProgress({ step: 'measuring', done: 2, of: 2 })
  const [one, other] = [first.ngrdi.summary(), second.ngrdi.summary()]
  const share = greennessChange(first.green, second.green)
  const { inliers } = matchScenes(first.keypoints, second.keypoints)
  const bits = nearestHashDistance(second.phash, first.phashes)
  const delta = (other?.mean ?? 0) - (one?.mean ?? 0)
  const sigma = (side: { share_low: number; share_high: number }) => (side.share_high - side.share_low) / 2
  const measurement: MeasuredPair = {
    ...common,
    outcome: 'measured',
    registration: {
      method: 'keypoints',
      // Nothing is moved; corners count as agreeing within so many pixels.
      shift_col_px: 0,
      shift_row_px: 0,
      residual_px: KEYPOINT_PX,
      tiles: 0,
      psr: null,
      inliers,
    },
    integrity: [...(common.integrity ?? []), recolouredFinding(bits, delta), photoSceneFinding(inliers)],
    warnings: [...(common.warnings ?? []), message('greenness-is-no-ndvi'), message('photos-not-registered')],
    pixels_compared: Math.min(one?.pixels ?? 0, other?.pixels ?? 0),
    index: {
      kind: 'greenness',
      formula: '(G − R) / (G + R)',
      mean_before: one?.mean ?? 0,
      mean_after: other?.mean ?? 0,
      median_before: one?.median ?? 0,
      median_after: other?.median ?? 0,
      delta,
      delta_median: (other?.median ?? 0) - (one?.median ?? 0),
      sigma: SIGMA_FLOOR,
      sigma_source: 'floor',
    },
    class_profile: { id: 'greenness-sign-1', bounds: [-1, 0, 1, 1] },
    cover: {
      carlson_ripley: null,
      share:
        share.outcome === 'measured'
          ? {
              before: share.before.share,
              after: share.after.share,
              threshold: share.threshold,
              sigma: Math.min(1, Math.max(sigma(share.before), sigma(share.after))),
            }
          : null,
    },
    classes: [],
    transitions: null,
    water_fraction_before: null,
    water_fraction_after: null,
    changes: [],
    gain_near_mask_fraction: null,
    strata: [],
  }
  const after_bars = bars(second.ngrdi.histogram)
  const histogram = bars(first.ngrdi.histogram).map(({ from, to, pixels }, at) => ({
    from,
    to,
    before_px: pixels,
    after_px: after_bars[at]?.pixels ?? 0,
  }))
  return {
    measurement,
    histogram,
    pictures: [await viewOf(before, 'view_before', folder), await viewOf(after, 'view_after', folder)],
  }
}

async function lookAt({ images, bands }: Scene) {
  const [image] = images
  const [red, green, blue] = (['red', 'green', 'blue'] as const).map((role) => bands.get(role)?.band ?? 0)
  if (!image || red === undefined || green === undefined || blue === undefined)
    throw new Error('a photograph has three colours')
  const statistics = new IndexStatistics()
  const histogram = new GreennessHistogram()
  for (const window of image.raster.windows()) {
    const values = await image.raster.read([red, green, blue], window)
    const [r, g, b] = values.map((band) => Float32Array.from(band, (value) => value / 255))
    if (!r || !g || !b) continue
    const mask = new Uint8Array(r.length)
    statistics.add(ngrdi({ red: r, green: g, blue: b }), mask)
    histogram.add(exg({ red: r, green: g, blue: b }), mask)
  }
  return {
    ngrdi: statistics,
    green: histogram,
    keypoints: await keypointsOf(image.path),
    ...(await hashesOf(image.path)),
  }
}

/** Corners are sought in a view of this width: finer ones are noise. */
const KEYPOINTS_PX = 800
const KEYPOINT_PX = 3

async function keypointsOf(path: string) {
  const { data, width, height } = await greyView(path, KEYPOINTS_PX)
  return findKeypoints(Float32Array.from(data), width, height)
}

async function hashesOf(path: string): Promise<{ phash: string; phashes: string[] }> {
  const grey = await greyOf(path, HASHED_PX, HASHED_PX)
  return { phash: perceptualHash(grey), phashes: perceptualHashes(grey) }
}

async function viewOf({ images }: Scene, kind: 'view_before' | 'view_after', folder: string): Promise<Picture> {
  const path = join(folder, `${kind}.png`)
  const size = await writePhotoPreview(images[0]?.path ?? '', path, VIEW_PX)
  return { kind, path, media_type: 'image/png', ...size, corners: null }
}
