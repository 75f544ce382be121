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
  const found = exact ? [exact] : []
  for (const airport of airports.values()) {
    if (found.length >= limit) break
    if (airport === exact) continue
    const name = ` ${fold(airport.name)} ${airport.iata.toLowerCase()}`
    if (words.length > 0 && words.every((word) => name.includes(` ${word}`))) found.push(airport)
  }
  return found
}

function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
}
