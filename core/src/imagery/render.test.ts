import { describe, expect, it } from 'vitest'
import { maskCodes } from './grid.ts'
import {
  changeLegend,
  changePalettes,
  changePicture,
  hiddenColour,
  ndviPicture,
  ndviRamp,
  waterColour,
  type ChangePaletteName,
} from './render.ts'

interface Pixel {
  before?: number
  after?: number
  code_before?: number
  code_after?: number
}

function coloursOf(pixels: readonly Pixel[], palette?: ChangePaletteName) {
  const bytes = changePicture(
    {
      before: Float32Array.from(pixels, ({ before }) => before ?? 0),
      after: Float32Array.from(pixels, ({ after }) => after ?? 0),
      mask_before: Uint8Array.from(pixels, ({ code_before }) => code_before ?? 0),
      mask_after: Uint8Array.from(pixels, ({ code_after }) => code_after ?? 0),
    },
    palette,
  )
  return pixels.map((_, i) => [...bytes.subarray(4 * i, 4 * i + 4)])
}

const { gain, loss } = changePalettes.gain_green

describe('the picture of a change', () => {
  it('is transparent below 0.05, green in four steps of gain and red in four of loss', () => {
    const at = (delta: number) => ({ before: 0.2, after: 0.2 + delta })
    const deltas = [0, 0.049, -0.049, 0.05, 0.099, 0.1, 0.2, 0.4, 0.79, -0.05, -0.1, -0.2, -0.4, -1.1]
    const none = [0, 0, 0, 0]
    expect(coloursOf(deltas.map(at))).toEqual(
      [
        none,
        none,
        none,
        gain[0],
        gain[0],
        gain[1],
        gain[2],
        gain[3],
        gain[3],
        loss[0],
        loss[1],
        loss[2],
        loss[3],
        loss[3],
      ].map((colour) => [...colour]),
    )
  })

  it('mirrors when the dates are swapped: every gain becomes the loss of its step', () => {
    const steps = [0.05, 0.1, 0.2, 0.4]
    const forth = coloursOf(steps.map((delta) => ({ before: 0, after: delta })))
    const back = coloursOf(steps.map((delta) => ({ before: delta, after: 0 })))
    expect(forth).toEqual(gain.map((colour) => [...colour]))
    expect(back).toEqual(loss.map((colour) => [...colour]))
  })

  it('is grey where either date is hidden, never green or red, and empty outside the polygon', () => {
    const pixels = [
      { after: 0.8, code_before: maskCodes.cloud },
      { after: 0.8, code_after: maskCodes.shadow },
      { after: 0.8, code_after: maskCodes.water },
      { after: 0.8, code_before: maskCodes.water, code_after: maskCodes.cloud },
      { after: 0.8, code_before: maskCodes.outside, code_after: maskCodes.outside },
    ]
    expect(coloursOf(pixels)).toEqual([hiddenColour, hiddenColour, waterColour, hiddenColour, [0, 0, 0, 0]])
  })

  it('has a legend whose steps follow on each other and whose colours are those of the picture', () => {
    for (const palette of ['gain_green', 'colour_blind_safe'] as const) {
      const valued = changeLegend(palette).filter(({ from }) => from !== undefined)
      expect(valued.map(({ from }) => from)).toEqual([-2, -0.4, -0.2, -0.1, -0.05, 0.05, 0.1, 0.2, 0.4])
      valued.slice(1).forEach(({ from }, i) => expect(from).toBe(valued[i]?.to))
      for (const { from, to, colour } of valued) {
        const middle = (from! + to!) / 2
        const [before, after] = middle > 0 ? [-middle / 2, middle / 2] : [-middle / 2, middle / 2]
        expect(coloursOf([{ before, after }], palette)).toEqual([[...colour]])
      }
    }
  })
})

describe('the picture of NDVI', () => {
  it('has the colours of its ramp at their values and lies between them elsewhere', () => {
    const values = ndviRamp.map(([value]) => value)
    const bytes = ndviPicture(Float32Array.from([...values, 0.3]), new Uint8Array(values.length + 1))
    ndviRamp.forEach(([, colour], i) => expect([...bytes.subarray(4 * i, 4 * i + 4)]).toEqual([...colour]))
    // Halfway between 0.2 and 0.4.
    expect([...bytes.subarray(4 * values.length)]).toEqual([198, 204, 130, 255])
  })

  it('shows clouds, water and the outside as what they are', () => {
    const mask = Uint8Array.of(maskCodes.cloud, maskCodes.water, maskCodes.outside)
    const bytes = ndviPicture(new Float32Array(3).fill(0.7), mask)
    expect([...bytes]).toEqual([...hiddenColour, ...waterColour, 0, 0, 0, 0])
  })
})
