import { describe, expect, it } from 'vitest'
import { measure, readBoundaryText } from './boundary-text.ts'

// A ten-thousandth of a degree is 11.1 m along a meridian: this square holds 8.86 ha, as the tests of boundaries work out.
const ring = [
  [76.27, 9.05],
  [76.2727, 9.05],
  [76.2727, 9.0527],
  [76.27, 9.0527],
  [76.27, 9.05],
]
const polygon = { type: 'Polygon', coordinates: [ring] }

describe('a boundary that is pasted', () => {
  it('is read from corners a line, latitude first, and closed', () => {
    const read = readBoundaryText('9.05, 76.27\n9.05, 76.2727\n9.0527; 76.2727\n9.0527 76.27\n')
    expect(read).toEqual({ boundary: polygon })
  })

  it('is read from GeoJSON however deep it lies, and several polygons become one boundary', () => {
    const feature = { type: 'Feature', properties: {}, geometry: polygon }
    expect(readBoundaryText(JSON.stringify({ type: 'FeatureCollection', features: [feature] }))).toEqual({
      boundary: polygon,
    })
    const both = readBoundaryText(JSON.stringify({ type: 'GeometryCollection', geometries: [polygon, polygon] }))
    expect(both).toEqual({ boundary: { type: 'MultiPolygon', coordinates: [[ring], [ring]] } })
  })

  it.each([
    ['', 'unreadable'],
    ['9.05, 76.27\n9.06, 76.28', 'unreadable'],
    ['here, there\n1, 2\n3, 4', 'unreadable'],
    ['95, 10\n96, 11\n97, 10', 'unreadable'],
    ['{"type":"Polygon"', 'unreadable'],
    ['{"type":"Polygon","coordinates":"everywhere"}', 'unreadable'],
    ['{"type":"Point","coordinates":[1,2]}', 'no_polygon'],
    ['PK\u0003\u0004', 'kmz'],
  ])('%j is %s', (text, fault) => {
    expect(readBoundaryText(text)).toEqual({ fault })
  })

  it('tells where its sides cross instead of hectares', () => {
    const crossed = readBoundaryText('0, 0\n1, 1\n0, 1\n1, 0')
    const found = 'boundary' in crossed ? measure(crossed.boundary) : undefined
    expect(found).toMatchObject({ unsound: expect.stringMatching(/cross/), at: { latitude: expect.any(Number) } })
  })
})
