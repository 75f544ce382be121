import { invariant } from '../lib/invariant.ts'
import { maskCodes, type Band, type Mask } from './grid.ts'
import { strongerCode } from './masks.ts'

/**
 * The median of several dates of one season, pixel by pixel over the dates on which it is clear: what a single cloudy or hazy
 * picture cannot show. Of an even number, the mean of the two in the middle.
 *
 * Where fewer than `dates_least` dates are clear the pixel takes the weakest code that any date gives it: water on all dates is
 * water, clouds on all dates are clouds.
 *
 * @param dates the same window of each date. `out` and `out_mask` may be used again for the next window.
 */
export function medianComposite(
  dates: readonly { values: Band; mask: Mask }[],
  out: Band,
  out_mask: Mask,
  dates_least = 1,
): void {
  invariant(dates.length > 0 && dates_least >= 1, 'a composite has at least one date')
  invariant(
    dates.every(({ values, mask }) => values.length === out.length && mask.length === out.length),
    'the windows of all dates have one size',
  )
  const sorted = new Float64Array(dates.length)
  for (let i = 0; i < out.length; i++) {
    let clear = 0
    for (let k = 0; k < dates.length; k++) {
      if (dates[k]!.mask[i] !== maskCodes.clear) continue
      const value = dates[k]!.values[i]!
      let at = clear
      // A handful of dates is sorted fastest by putting each in its place.
      for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!
      sorted[at] = value
      clear += 1
    }
    if (clear >= dates_least) {
      out[i] = (sorted[(clear - 1) >> 1]! + sorted[clear >> 1]!) / 2
      out_mask[i] = maskCodes.clear
    } else {
      out[i] = 0
      out_mask[i] = weakestCode(dates, i)
    }
  }
}

function weakestCode(dates: readonly { mask: Mask }[], i: number): number {
  let weakest: number = maskCodes.outside
  for (const { mask } of dates) {
    const code = mask[i]!
    if (code !== maskCodes.clear && strongerCode(weakest, code) === weakest) weakest = code
  }
  return weakest === maskCodes.outside && dates.some(({ mask }) => mask[i] === 0) ? maskCodes.doubtful : weakest
}
