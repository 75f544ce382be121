import { samplesOf, type Samples } from './raster.ts'
import { TiffWriter, type TiffToWrite } from './tiff-write.ts'

// Pictures for tests, made where they are needed: values follow from their place, so that what must be measured is known.

/** Writes a GeoTIFF whose value of a band at a pixel is what `valueAt` says. */
export async function writeTiff(
  path: string,
  plan: TiffToWrite,
  valueAt: (band: number, col: number, row: number) => number,
): Promise<void> {
  const writer = await TiffWriter.create(path, plan)
  const { width, height } = writer.piece
  const isTiled = plan.tile_px !== undefined
  for (let down = 0; down < writer.down; down += 1) {
    const rows = isTiled ? height : Math.min(height, plan.height - down * height)
    for (let across = 0; across < writer.across; across += 1) {
      const fill = (bands: readonly number[]): Samples => {
        const values = samplesOf(plan.sample, width * rows * bands.length)
        for (let at = 0; at < values.length; at += 1) {
          const pixel = Math.floor(at / bands.length)
          const [col, row] = [across * width + (pixel % width), down * height + Math.floor(pixel / width)]
          const isInside = col < plan.width && row < plan.height
          values[at] = isInside ? valueAt(bands[at % bands.length] ?? 0, col, row) : 0
        }
        return values
      }
      const all = Array.from({ length: plan.bands }, (_, band) => band)
      if (plan.is_planar) for (const band of all) await writer.write(across, down, fill([band]), band)
      else await writer.write(across, down, fill(all))
    }
  }
  await writer.finish()
}
