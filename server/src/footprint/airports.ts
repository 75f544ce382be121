import { readFile } from 'node:fs/promises'
import type { Airport } from '@tidemark/core/footprint/contract.ts'

/** One row of the re-tabulated list: IATA code, name, country, latitude and longitude in degrees. */
type Row = [iata: string, name: string, country: string, latitude_deg: number, longitude_deg: number]

let loaded: Promise<ReadonlyMap<string, Airport>> | undefined

/** Airports with scheduled flights by IATA code, read once: `data/airports/source.md` says where from. */
export function loadAirports(): Promise<ReadonlyMap<string, Airport>> {
  loaded ??= readAirports()
  return loaded
}

async function readAirports(): Promise<ReadonlyMap<string, Airport>> {
  const file = new URL('../../../data/airports/airports.json', import.meta.url)
  const { airports } = JSON.parse(await readFile(file, 'utf8')) as { airports: Row[] }
  return new Map(
    airports.map(([iata, name, country, latitude_deg, longitude_deg]) => [
      iata,
      { iata, name, country, latitude_deg, longitude_deg },
    ]),
  )
}

/** Exact codes first, then names in which every word begins somewhere, accents and case aside. */
export async function searchAirports(q: string, limit: number): Promise<Airport[]> {
  const airports = await loadAirports()
  const exact = airports.get(q.trim().toUpperCase())
  const words = fold(q).split(/\s+/).filter(Boolean)
  if (words.length === 0) return exact ? [exact] : []
  const found = [...airports.values()].filter((airport) => {
    const name = ` ${fold(airport.name)} ${airport.iata.toLowerCase()}`
    return airport !== exact && words.every((word) => name.includes(` ${word}`))
  })
  // PAR is a city with several airports: whoever types "Paris" flew from one of them.
  const [cities, places] = [found.filter(isCity), found.filter((airport) => !isCity(airport))]
  const ranked =
    exact && !isCity(exact) ? [exact, ...places, ...cities] : [...places, ...(exact ? [exact] : []), ...cities]
  return ranked.slice(0, limit)
}

function isCity({ name }: Airport): boolean {
  return /\bMetropolitan( Area)?$/.test(name)
}

function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
}
