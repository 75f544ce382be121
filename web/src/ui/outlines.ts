import { feature } from 'topojson-client'
import address from 'world-atlas/countries-50m.json?url'

type Topology = Parameters<typeof feature>[0]

/** Outlines of countries (Natural Earth, public domain), from this build's own files. */
export async function outlines() {
  const answer = await fetch(address)
  const topology = (await answer.json()) as Topology
  const { countries } = topology.objects
  if (countries?.type !== 'GeometryCollection') throw new Error('The outlines of countries are not in their file.')
  const drawn = feature(topology, countries)
  for (const { geometry } of drawn.features) {
    if (geometry.type === 'Polygon') geometry.coordinates = geometry.coordinates.map(unwrapped)
    if (geometry.type === 'MultiPolygon')
      geometry.coordinates = geometry.coordinates.map((rings) => rings.map(unwrapped))
  }
  return drawn
}

type Ring = number[][]

/** A ring that crosses the 180th meridian goes on beyond it, instead of back around the whole Earth. */
function unwrapped(ring: Ring): Ring {
  let turn_deg = 0
  let before_deg = ring[0]?.[0] ?? 0
  return ring.map(([longitude = 0, latitude = 0]) => {
    if (longitude - before_deg > 180) turn_deg -= 360
    if (longitude - before_deg < -180) turn_deg += 360
    before_deg = longitude
    return [longitude + turn_deg, latitude]
  })
}
