import { invariant } from '../lib/invariant.ts'
import { BINS, binOf, valueAtBin } from './histogram.ts'

/**
 * Classes of vegetation by NDVI, and how much ground is covered. Thresholds differ from site to site, so a profile is chosen,
 * stored with the result and never changed: another set of thresholds is another profile.
 */
export const coverClassNames = ['water', 'barren', 'sparse', 'moderate', 'dense'] as const
export type CoverClassName = (typeof coverClassNames)[number]
export const CLASSES = coverClassNames.length

export interface ClassProfile {
  id: string
  /** Lower bounds of barren, sparse, moderate and dense, each belonging to its class; below the first is water or negative. */
  bounds: readonly [barren: number, sparse: number, moderate: number, dense: number]
  /** A pixel from here on counts as covered when cover is taken as a share of pixels. */
  cover_from: number
  source: string
}

export const classProfiles = {
  'ndvi-default-1': {
    id: 'ndvi-default-1',
    bounds: [0, 0.2, 0.4, 0.6],
    cover_from: 0.4,
    source: 'steps of 0.2 as they are widely used for NDVI of surface reflectance; no calibration of a site',
  },
  // Published with two decimals (up to 0.32, 0.33 to 0.42, from 0.43 on), so the bounds lie half a step below. It knows three
  // densities of mangrove and neither water nor bare ground: everything below 0.325 is sparse.
  'id-mof-2005': {
    id: 'id-mof-2005',
    bounds: [-1, -1, 0.325, 0.425],
    cover_from: 0.325,
    source: 'Ministry of Forestry of Indonesia 2005, canopy density of mangroves: sparse, medium, dense',
  },
} as const satisfies Record<string, ClassProfile>
export type ClassProfileId = keyof typeof classProfiles

/** The class of every bin of a histogram, by its place in `coverClassNames`. */
export function classOfBins(profile: ClassProfile): Uint8Array {
  const bounds = profile.bounds.map((bound) => binOf(bound))
  invariant(
    bounds.every((bound, i) => i === 0 || bound >= bounds[i - 1]!),
    'the bounds of a profile rise',
  )
  return Uint8Array.from({ length: BINS }, (_, bin) => bounds.filter((bound) => bin >= bound).length)
}

/** How many counted pixels fall into each class, in the order of `coverClassNames`. */
export function classCounts(histogram: Uint32Array, profile: ClassProfile): number[] {
  const classes = classOfBins(profile)
  const counts = Array.from({ length: CLASSES }, () => 0)
  for (let bin = 0; bin < BINS; bin++) counts[classes[bin]!]! += histogram[bin]!
  return counts
}

/** NDVI of bare ground and of a closed canopy, between which cover is interpolated. */
export interface CoverEnds {
  ndvi_soil: number
  ndvi_full: number
}

/** Carlson and Ripley 1997: 0.05 for bare ground and 0.86 for full cover; wet and organic soils reach up to 0.2. */
export const coverEnds: CoverEnds = { ndvi_soil: 0.05, ndvi_full: 0.86 }

/**
 * The fraction of the ground under vegetation after Carlson and Ripley (1997): the mean over the counted pixels of
 * clip((NDVI − soil) / (full − soil), 0, 1)². Taken from the histogram, whose bins of 1e-4 leave less than 1.4e-4 open.
 * Undefined when no pixel was counted.
 */
export function coverCarlsonRipley(histogram: Uint32Array, { ndvi_soil, ndvi_full }: CoverEnds = coverEnds) {
  invariant(ndvi_full > ndvi_soil, 'a closed canopy is greener than bare ground')
  let [pixels, sum] = [0, 0]
  for (let bin = 0; bin < BINS; bin++) {
    const count = histogram[bin]!
    if (count === 0) continue
    const scaled = Math.min(1, Math.max(0, (valueAtBin(bin) - ndvi_soil) / (ndvi_full - ndvi_soil)))
    sum += count * scaled * scaled
    pixels += count
  }
  return pixels === 0 ? undefined : sum / pixels
}
