import type { BandRole } from '@tidemark/core/imagery/sensors.ts'
import type { Boundary } from '@tidemark/core/projects/boundary.ts'
import type { Ecosystem } from '@tidemark/core/projects/ecosystems.ts'
import type { Corners } from '@tidemark/core/projects/file-facts.ts'
import type { IntegrityFinding, PairMeasurement } from '@tidemark/core/projects/measurement.ts'

/** One date: a picture, or one picture for each band. */
export interface SceneRequest {
  files: { path: string; sha256: string }[]
  evidence_id: string | null
  /** The day that the uploader claims, `2024-07-01`. */
  claimed_on: string | null
  /** What the uploader names; a file that names its own sensor is believed first. */
  sensor: string | null
  level: string | null
  /** Bands as a person picked them: role, file and band, both counted from 0. */
  bands: { role: BandRole; file: number; band: number }[] | null
}

export interface PairRequest {
  before: SceneRequest
  after: SceneRequest
  /** GeoJSON, longitude and latitude. Null for photographs of a project whose boundary is not known. */
  boundary: Boundary | null
  /** Geodesic area of the boundary. */
  polygon_ha: number | null
  claimed_ha: number
  ecosystem: Ecosystem
  class_profile?: string
  /** Findings of checks that need the books: the same picture in another project, its time against the upload. */
  findings?: IntegrityFinding[]
}

export const pictureKinds = [
  'change',
  'index_before',
  'index_after',
  'mask_before',
  'mask_after',
  'view_before',
  'view_after',
  'delta',
] as const
export type PictureKind = (typeof pictureKinds)[number]

export interface Picture {
  kind: PictureKind
  path: string
  media_type: 'image/png' | 'image/tiff'
  width: number
  height: number
  /** Corners on the Earth; null for photographs. */
  corners: Corners | null
}

/** Bars of 0.02 of the index: for people to look at. */
export interface Bars {
  from: number
  to: number
  before_px: number
  after_px: number
}

export interface PairOutcome {
  measurement: PairMeasurement
  pictures: Picture[]
  histogram: Bars[]
}
