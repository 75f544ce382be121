import type { Mask } from '@tidemark/core/imagery/grid.ts'
import type { SceneWindow } from './scene-reader.ts'

/** Fewer pixels say nothing of two dates. */
const PIXELS_LEAST = 100

/** How far the reflectance of ground that should not have changed differs between two dates, over red and near infrared. */
export class InvariantReflectance {
  #squares = 0
  #pixels = 0

  add([before, after]: readonly [SceneWindow, SceneWindow], unchanged: Mask): void {
    for (const role of ['red', 'nir'] as const) {
      const [first, second] = [before.bands.get(role), after.bands.get(role)]
      if (!first || !second) continue
      for (let at = 0; at < unchanged.length; at += 1) {
        if (unchanged[at] !== 0) continue
        const difference = (second[at] as number) - (first[at] as number)
        this.#squares += difference * difference
        if (role === 'red') this.#pixels += 1
      }
    }
  }

  found(): { pif_rmse: number | null; pif_px: number } {
    const pixels = this.#pixels
    return { pif_rmse: pixels >= PIXELS_LEAST ? Math.sqrt(this.#squares / (2 * pixels)) : null, pif_px: pixels }
  }
}
