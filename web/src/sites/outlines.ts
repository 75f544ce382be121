import { feature } from 'topojson-client'
import address from 'world-atlas/countries-50m.json?url'

type Topology = Parameters<typeof feature>[0]

/** Outlines of countries (Natural Earth, public domain), from this build's own files. */
export async function outlines() {
  const answer = await fetch(address)
  const topology = (await answer.json()) as Topology
  const { countries } = topology.objects
  if (countries?.type !== 'GeometryCollection') throw new Error('The outlines of countries are not in their file.')
  return feature(topology, countries)
}
