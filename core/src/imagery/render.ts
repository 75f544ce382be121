import { maskCodes, type Band, type Mask } from './grid.ts'
import { MILLIONTHS } from './histogram.ts'

/** Pictures of an index and of its change as RGBA bytes, with the legend that says what each colour means. */
export type Colour = readonly [red: number, green: number, blue: number, alpha: number]

/** Changes smaller than this are not drawn: they are the noise of NDVI from one date to the next. */
export const CHANGE_DRAWN_FROM = 0.05

/** The steps of a change, by its size: from here on the colour of the same place is used. */
const changeSteps: readonly number[] = [CHANGE_DRAWN_FROM, 0.1, 0.2, 0.4]

/**
 * Colours of loss and gain, from the smallest step to the greatest. `gain_green` reads as plants do; `colour_blind_safe` sets blue
 * against orange, which all common forms of colour blindness tell apart. Within each, a greater change is darker and more solid.
 */
export const changePalettes = {
  gain_green: {
    gain: [
      [161, 217, 155, 150],
      [116, 196, 118, 190],
      [49, 163, 84, 225],
      [0, 109, 44, 255],
    ],
    loss: [
      [252, 174, 145, 150],
      [251, 106, 74, 190],
      [222, 45, 38, 225],
      [165, 15, 21, 255],
    ],
  },
  colour_blind_safe: {
    gain: [
      [158, 202, 225, 150],
      [107, 174, 214, 190],
      [49, 130, 189, 225],
      [8, 81, 156, 255],
    ],
    loss: [
      [253, 208, 162, 150],
      [253, 174, 107, 190],
      [230, 85, 13, 225],
      [166, 54, 3, 255],
    ],
  },
} as const satisfies Record<string, { gain: readonly Colour[]; loss: readonly Colour[] }>
export type ChangePaletteName = keyof typeof changePalettes

const transparent: Colour = [0, 0, 0, 0]
/** What was hidden on either date. */
export const hiddenColour: Colour = [128, 128, 128, 160]
export const waterColour: Colour = [158, 185, 212, 160]

/** Of NDVI from −1 to 1, the colours between which it is interpolated: water and bare ground in blue and brown, then ever greener. */
export const ndviRamp: readonly (readonly [value: number, colour: Colour])[] = [
  [-1, [5, 48, 97, 255]],
  [-0.2, [67, 147, 195, 255]],
  [0, [209, 229, 240, 255]],
  [0.05, [191, 163, 123, 255]],
  [0.2, [223, 206, 160, 255]],
  [0.4, [173, 201, 99, 255]],
  [0.6, [90, 161, 52, 255]],
  [0.8, [26, 110, 36, 255]],
  [1, [0, 60, 22, 255]],
]

const STEPS_PER_ONE = 1000

/** One colour for every thousandth of a value between `least` and `most`, as bytes. */
function tableOf(least: number, most: number, colourOf: (value: number) => Colour): Uint8ClampedArray {
  const count = Math.round((most - least) * STEPS_PER_ONE) + 1
  const table = new Uint8ClampedArray(4 * count)
  for (let i = 0; i < count; i++) table.set(colourOf(least + i / STEPS_PER_ONE), 4 * i)
  return table
}

function changeColour(delta: number, palette: ChangePaletteName): Colour {
  const colours = delta > 0 ? changePalettes[palette].gain : changePalettes[palette].loss
  // A thousandth of leeway keeps 0.1, which no double is, in its own step.
  const step = changeSteps.filter((from) => Math.abs(delta) >= from - 1e-9).length
  return colours[step - 1] ?? transparent
}

const changeTables = {
  gain_green: tableOf(-2, 2, (delta) => changeColour(delta, 'gain_green')),
  colour_blind_safe: tableOf(-2, 2, (delta) => changeColour(delta, 'colour_blind_safe')),
}
const ndviTable = tableOf(-1, 1, rampColour)

/** The colour of an NDVI, interpolated between the two nearest of the ramp. */
export function rampColour(value: number): Colour {
  const clamped = Math.max(-1, Math.min(1, value))
  const above = Math.max(
    1,
    ndviRamp.findIndex(([from]) => from >= clamped),
  )
  const [[from, low], [to, high]] = [ndviRamp[above - 1]!, ndviRamp[above]!]
  const share = (clamped - from) / (to - from)
  const mix = (k: 0 | 1 | 2 | 3) => Math.round(low[k] + share * (high[k] - low[k]))
  return [mix(0), mix(1), mix(2), mix(3)]
}

/**
 * The change between two dates as RGBA: transparent below 0.05 and outside the polygon, gain and loss in the steps of the palette,
 * grey where either date is hidden, pale blue where either shows water.
 */
export function changePicture(
  pair: { before: Band; after: Band; mask_before: Mask; mask_after: Mask },
  palette: ChangePaletteName = 'gain_green',
  out: Uint8ClampedArray = new Uint8ClampedArray(4 * pair.before.length),
): Uint8ClampedArray {
  const { before, after, mask_before, mask_after } = pair
  const table = changeTables[palette]
  for (let i = 0; i < before.length; i++) {
    const code = mask_before[i] === maskCodes.clear ? mask_after[i]! : mask_before[i]!
    if (code !== maskCodes.clear) {
      const is_outside = mask_before[i] === maskCodes.outside || mask_after[i] === maskCodes.outside
      const is_hidden = isHidden(mask_before[i]!) || isHidden(mask_after[i]!)
      put(out, i, is_outside ? transparent : is_hidden ? hiddenColour : waterColour)
      continue
    }
    // Both ends count in millionths as the statistics do, so that map and numbers agree on what is 0.05.
    const delta = Math.round(after[i]! * MILLIONTHS) - Math.round(before[i]! * MILLIONTHS)
    copy(out, i, table, Math.trunc(delta / (MILLIONTHS / STEPS_PER_ONE)) + 2 * STEPS_PER_ONE)
  }
  return out
}

/** One date's NDVI as RGBA by `ndviRamp`; grey where it is hidden, pale blue over water, transparent outside. */
export function ndviPicture(
  values: Band,
  mask: Mask,
  out: Uint8ClampedArray = new Uint8ClampedArray(4 * values.length),
): Uint8ClampedArray {
  for (let i = 0; i < values.length; i++) {
    const code = mask[i]!
    if (code === maskCodes.clear) copy(out, i, ndviTable, Math.round((values[i]! + 1) * STEPS_PER_ONE))
    else put(out, i, code === maskCodes.outside ? transparent : isHidden(code) ? hiddenColour : waterColour)
  }
  return out
}

function isHidden(code: number): boolean {
  return code !== maskCodes.clear && code !== maskCodes.water && code !== maskCodes.outside
}

function put(out: Uint8ClampedArray, i: number, colour: Colour) {
  out[4 * i] = colour[0]
  out[4 * i + 1] = colour[1]
  out[4 * i + 2] = colour[2]
  out[4 * i + 3] = colour[3]
}

function copy(out: Uint8ClampedArray, i: number, table: Uint8ClampedArray, entry: number) {
  out[4 * i] = table[4 * entry]!
  out[4 * i + 1] = table[4 * entry + 1]!
  out[4 * i + 2] = table[4 * entry + 2]!
  out[4 * i + 3] = table[4 * entry + 3]!
}

export interface LegendEntry {
  /** Undefined for what has no value: hidden ground and water. */
  from: number | undefined
  to: number | undefined
  meaning: 'gain' | 'loss' | 'no_change' | 'hidden' | 'water'
  colour: Colour
}

/** What the colours of a change picture mean, from the greatest loss to the greatest gain, then what could not be compared. */
export function changeLegend(palette: ChangePaletteName = 'gain_green'): LegendEntry[] {
  const { gain, loss } = changePalettes[palette]
  const upper = (step: number) => changeSteps[step + 1] ?? 2
  const losses = changeSteps.map((from, step): LegendEntry => ({
    from: -upper(step),
    to: -from,
    meaning: 'loss',
    colour: loss[step]!,
  }))
  const gains = changeSteps.map((from, step): LegendEntry => ({
    from,
    to: upper(step),
    meaning: 'gain',
    colour: gain[step]!,
  }))
  return [
    ...losses.toReversed(),
    { from: -CHANGE_DRAWN_FROM, to: CHANGE_DRAWN_FROM, meaning: 'no_change', colour: transparent },
    ...gains,
    { from: undefined, to: undefined, meaning: 'hidden', colour: hiddenColour },
    { from: undefined, to: undefined, meaning: 'water', colour: waterColour },
  ]
}
