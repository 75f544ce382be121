const GAIN = [0, 92, 190] as const
const LOSS = [225, 110, 0] as const
/** Every other band of so many pixels along the diagonal is left out of losses. */
const HATCH_PX = 3

/**
 * Gives a change map colours that nobody confuses, in place: gain, which is greener than red, becomes blue; loss becomes
 * orange and hatched, so that it is told apart without colour too. Grey and water stay.
 * @param rgba four bytes a pixel, row by row.
 */
export function recolour(rgba: Uint8ClampedArray, width: number): void {
  for (let at = 0; at < rgba.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4)
    if (alpha === 0) continue
    const pixel = at / 4
    // Losses are red before all, gains green; what is masked is grey or bluish.
    if (red > green + 40 && red > blue + 40) {
      const along = ((pixel % width) + Math.floor(pixel / width)) % (2 * HATCH_PX)
      rgba.set([...LOSS, along < HATCH_PX ? alpha : 0], at)
    } else if (green > red + 40 && green > blue + 40) rgba.set([...GAIN, alpha], at)
  }
}
