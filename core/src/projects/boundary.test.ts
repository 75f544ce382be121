import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Boundary, judgeArea, measureBoundary } from './boundary.ts'

const ring = (...corners: [number, number][]) => [...corners, corners[0] ?? [0, 0]]
const polygon = (...rings: [number, number][][]): Boundary => ({ type: 'Polygon', coordinates: rings })
const box = (west: number, south: number, width: number, height = width) =>
  ring([west, south], [west + width, south], [west + width, south + height], [west, south + height])

describe('a boundary is measured on the ellipsoid', () => {
  // A cell of one degree between two parallels has an area in closed form, on any ellipsoid of revolution (Snyder, Map
  // Projections: A Working Manual, 1987, equation 3-12): b² Δλ/2 [s/(1−e²s²) + ln((1+es)/(1−es))/(2e)] between both sines.
  // Sides that are geodesics bulge away from the parallels, so the strip is cut finely.
  const strip_m2 = (south: number, north: number, width_deg: number) => {
    const [a, f] = [6_378_137, 1 / 298.257223563]
    const e = Math.sqrt(f * (2 - f))
    const b = a * (1 - f)
    const part = (degrees: number) => {
      const s = Math.sin((degrees * Math.PI) / 180)
      return s / (1 - (e * s) ** 2) + Math.log((1 + e * s) / (1 - e * s)) / (2 * e)
    }
    return ((b * b * width_deg * Math.PI) / 360) * (part(north) - part(south))
  }

  test.each([0, 9.05, -38.5, 60])(
    'a strip between two parallels at %d° is as large as the closed form says, to a millionth',
    (south) => {
      const side = Array.from({ length: 101 }, (_, step): [number, number] => [10 + step / 1_000, south])
      const back = side.map(([x]): [number, number] => [x, south + 0.1]).reverse()
      const { area_ha } = measureBoundary(polygon(ring(...side, ...back)))
      expect(area_ha / (strip_m2(south, south + 0.1, 0.1) / 10_000)).toBeCloseTo(1, 6)
    },
  )

  test('a hole is taken off, parts are added, and the direction of a ring says nothing', () => {
    const whole = measureBoundary(polygon(box(10, 50, 0.01))).area_ha
    const hole = measureBoundary(polygon(box(10.002, 50.002, 0.002))).area_ha
    expect(measureBoundary(polygon(box(10, 50, 0.01), box(10.002, 50.002, 0.002))).area_ha).toBeCloseTo(whole - hole, 6)
    expect(measureBoundary(polygon(box(10, 50, 0.01).reverse())).area_ha).toBeCloseTo(whole, 9)
    const two: Boundary = { type: 'MultiPolygon', coordinates: [[box(10, 50, 0.01)], [box(11, 50, 0.01)]] }
    expect(measureBoundary(two).area_ha).toBeCloseTo(2 * whole, 6)
  })

  const star = (radii: readonly number[]) =>
    radii.map((radius, at): [number, number] => {
      const angle = (2 * Math.PI * at) / radii.length
      return [20 + (radius * Math.cos(angle)) / 1e4, 5 + (radius * Math.sin(angle)) / 1e4]
    })

  test('any star around a point is measured, the same from whichever corner it is drawn', () => {
    const radii = fc.array(fc.integer({ min: 20, max: 100 }), { minLength: 5, maxLength: 40 })
    fc.assert(
      fc.property(radii, fc.nat(40), (lengths, turn) => {
        const corners = star(lengths)
        const at = turn % corners.length
        const turned = [...corners.slice(at), ...corners.slice(0, at)]
        const { area_ha } = measureBoundary(polygon(ring(...corners)))
        expect(area_ha).toBeGreaterThan(0)
        expect(measureBoundary(polygon(ring(...turned))).area_ha).toBeCloseTo(area_ha, 6)
      }),
      { numRuns: 40 },
    )
  })

  test.each([4, 5, 12, 60])('of %d corners on a circle any two neighbours that change places cross', (count) => {
    const corners = star(Array<number>(count).fill(50))
    for (let at = 0; at < count; at += 1) {
      const swapped = corners
        .with(at, corners[(at + 1) % count] ?? [0, 0])
        .with((at + 1) % count, corners[at] ?? [0, 0])
      expect(() => measureBoundary(polygon(ring(...swapped)))).toThrow(/cross/)
    }
  })
})

describe('projects/boundary-unsound:', () => {
  test.each([
    ['sides cross', polygon(ring([0, 0], [1, 1], [1, 0], [0, 1])), /cross/],
    ['it goes back on itself', polygon(ring([0, 0], [1, 0], [0.5, 0], [0.5, 1])), /cross/],
    ['a hole reaches out', polygon(box(0, 0, 0.1), box(0.05, 0.05, 0.1)), /cross/],
    ['the hole is as large as itself', polygon(box(0, 0, 0.1), box(0, 0, 0.1)), /cross|holes/],
    ['two parts overlap', { type: 'MultiPolygon', coordinates: [[box(0, 0, 0.1)], [box(0.05, 0.05, 0.1)]] }, /cross/],
    ['it is not closed', { type: 'Polygon', coordinates: [[[0, 0], [1, 0], [1, 1], [0, 1]]] }, /closed/], // oxfmt-ignore
    ['it is a line', polygon(ring([0, 0], [1, 0])), /three sides|at least/],
    ['it is smaller than a pixel', polygon(box(0, 0, 1e-5)), /encloses/],
    ['it is larger than any project', polygon(box(0, 0, 20)), /encloses/],
    ['it crosses the 180th meridian', polygon(ring([179, 0], [-179, 0], [-179, 1], [179, 1])), /180th/],
  ])('%s', (_what, boundary, says) => {
    const measure = () => measureBoundary(boundary as Boundary)
    expect(measure).toThrow(expect.objectContaining({ type: 'projects/boundary-unsound' }))
    expect(measure).toThrow(says)
  })

  test('it has more corners than any picture of it shows; as many as there may be are measured', () => {
    const circle = (count: number) =>
      ring(...Array.from({ length: count }, (_, at): [number, number] => [Math.cos((2 * Math.PI * at) / count) / 10, Math.sin((2 * Math.PI * at) / count) / 10])) // oxfmt-ignore
    expect(() => measureBoundary(polygon(circle(6_000)))).toThrow(/6001 corners/)
    expect(measureBoundary(polygon(circle(4_999))).area_ha).toBeGreaterThan(0)
  })
})

test('a claim that is 5 % off still agrees, 20 % off still only warns; without both nobody can tell', () => {
  expect(judgeArea(100, 95).verdict).toBe('agrees')
  expect(judgeArea(100, 94.9).verdict).toBe('warns')
  expect(judgeArea(100, 120)).toEqual({ error_fraction: 0.2, verdict: 'warns' })
  expect(judgeArea(100, 79.9).verdict).toBe('blocks')
  expect(judgeArea(null, 79.9)).toEqual({ error_fraction: null, verdict: 'cannot_tell' })
})

test('longitude comes first: a latitude of 120° is refused by the form itself', () => {
  expect(Boundary.safeParse(polygon(ring([9, 120], [10, 120], [10, 121]))).success).toBe(false)
})
