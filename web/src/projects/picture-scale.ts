import type { AnalysisPicture } from '@tidemark/core/projects/analysis-contract.ts'
import type { z } from 'zod'

const METRES_PER_DEGREE = 111_320

/** How wide the ground of a picture is, and one pixel of it, in metres; undefined where it names no place. */
export function pictureScale({
  corners,
  width,
}: z.infer<typeof AnalysisPicture>): { width_m: number; pixel_m: number } | undefined {
  const [[west, north] = [], [east, other] = []] = corners ?? []
  if (west === undefined || north === undefined || east === undefined || other === undefined) return undefined
  const across = (east - west) * Math.cos((((north + other) / 2) * Math.PI) / 180)
  const width_m = Math.hypot(across, north - other) * METRES_PER_DEGREE
  return { width_m, pixel_m: width_m / width }
}
