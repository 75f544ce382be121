import { z } from 'zod'

/**
 * What a picture file says of itself and what was counted in it: found once, when it comes in, by a program that decodes it
 * apart from the server. Nothing here is believed because it is written in a file; it is kept so that it can be compared.
 */

const Text = z.string().max(400)
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const PHash = z.string().regex(/^[0-9a-f]{16}$/)
const Point = z.tuple([z.number(), z.number()])
/** Corners as longitude and latitude: top left, top right, bottom right, bottom left of the picture. */
export const Corners = z.tuple([Point, Point, Point, Point])
export type Corners = z.infer<typeof Corners>

export const imageKinds = ['geotiff', 'jpeg', 'png', 'jp2'] as const
export type ImageKind = (typeof imageKinds)[number]

export const sampleKinds = ['uint8', 'uint16', 'uint32', 'int8', 'int16', 'int32', 'float32', 'float64'] as const
export type SampleKind = (typeof sampleKinds)[number]

export const BandFacts = z.strictObject({
  index: z.int().min(0),
  description: Text.nullable().describe('As the file words it; null when it says nothing.'),
  colour: z.enum(['grey', 'red', 'green', 'blue', 'alpha', 'palette', 'unknown']),
  scale: z.number().nullable().describe('GDAL: value = stored × scale + offset.'),
  offset: z.number().nullable(),
})
export type BandFacts = z.infer<typeof BandFacts>

export const GridFacts = z.strictObject({
  transform: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]),
  epsg: z.int().nullable(),
  crs: z.string().max(1_000).nullable().describe('As proj4 text.'),
  crs_kind: z.enum(['projected', 'geographic']).nullable(),
  unit_m: z.number().positive().nullable().describe('Metres in one unit of a projected CRS.'),
})
export type GridFacts = z.infer<typeof GridFacts>

export const FilePlace = z.strictObject({
  latitude_deg: z.number().min(-90).max(90),
  longitude_deg: z.number().min(-180).max(180),
  altitude_m: z.number().nullable(),
  time_utc: Text.nullable().describe(
    'The clock of the satellites, as written: the only one in a photograph with a zone.',
  ),
})

/** What was written into the file by whatever made it, raw. */
export const Capture = z.strictObject({
  taken_raw: Text.nullable().describe('As written. EXIF names no zone, so it is not an instant.'),
  taken_zone: z.enum(['unknown', 'utc']),
  acquired_on: z.iso.date().nullable().describe('The day out of it, for comparison.'),
  gps: FilePlace.nullable(),
  camera: Text.nullable(),
  software: Text.nullable(),
  orientation: z.int().min(1).max(8).nullable(),
  sensor: Text.nullable(),
  product_level: Text.nullable(),
  baseline: Text.nullable(),
  /** DN to be added before scaling, when the metadata name one; null when they are silent. */
  add_offset_dn: z.number().nullable(),
  is_harmonised: z.boolean().describe('The metadata say that the offset was taken off already.'),
})
export type Capture = z.infer<typeof Capture>

export const Layout = z.strictObject({
  is_tiled: z.boolean(),
  block_width: z.int(),
  block_height: z.int(),
  compression: Text,
  is_bigtiff: z.boolean(),
  overviews: z.array(z.strictObject({ width: z.int(), height: z.int() })).max(64),
})

export const FileFacts = z.strictObject({
  kind: z.enum(imageKinds),
  bytes: z.int().min(0),
  sha256: Sha256,
  width: z.int().min(1),
  height: z.int().min(1),
  sample: z.enum(sampleKinds),
  nodata: z.number().nullable(),
  bands: z.array(BandFacts).min(1),
  layout: Layout.nullable(),
  grid: GridFacts.nullable().describe('Where it lies; null when it names no place at all.'),
  no_crs_reason: Text.nullable(),
  corners: Corners.nullable(),
  pixel_m: z.strictObject({ x: z.number().positive(), y: z.number().positive() }).nullable(),
  capture: Capture,
  pixels_sha256: Sha256.describe(
    'Of the decoded values, so that another way of packing them is still the same picture.',
  ),
  phash: PHash.nullable().describe('Perceptual hash of what a person sees; null when there is nothing to see.'),
  phash_variants: z.array(PHash).max(8).describe('The same under quarter turns and flips, its own first.'),
  /** Share of the energy in the highest quarter of frequencies: an enlarged picture has next to none. */
  fine_detail_share: z.number().min(0).max(1).nullable(),
  evidence_class: z.enum(['E1', 'E2', 'E3', 'E4', 'E5']).describe('The best that this file alone can be.'),
  warnings: z.array(z.string().max(80)).max(40),
})
export type FileFacts = z.infer<typeof FileFacts>
