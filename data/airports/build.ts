/** Re-tabulates the airports with scheduled flights: IATA code, name, country, latitude and longitude in degrees. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readTable } from '../factors/tabulate.ts'

type Row = [iata: string, name: string, country: string, latitude_deg: number, longitude_deg: number]

export function buildAirports(text: string): string {
  const rows = readTable(text, ['iata', 'name', 'country', 'lat', 'lon']).flatMap((row): Row[] => {
    const latitude = Number(row.lat)
    const longitude = Number(row.lon)
    if (!/^[A-Z]{3}$/.test(row.iata ?? '') || !Number.isFinite(latitude) || !Number.isFinite(longitude)) return []
    // Four decimals are eleven metres: finer than an airport, and all that a great circle needs.
    return [
      [
        row.iata ?? '',
        (row.name ?? '').trim(),
        row.country ?? '',
        Number(latitude.toFixed(4)),
        Number(longitude.toFixed(4)),
      ],
    ]
  })
  rows.sort(([a], [b]) => (a < b ? -1 : 1))
  if (new Set(rows.map(([iata]) => iata)).size !== rows.length) throw new Error('One code stands for two airports.')
  const common = {
    columns: ['iata', 'name', 'country', 'latitude_deg', 'longitude_deg'],
    source: {
      title: 'airport-data-js 4.0.0',
      url: 'https://www.npmjs.com/package/airport-data-js',
      licence: 'CC BY 4.0',
    },
  }
  return `{\n"columns": ${JSON.stringify(common.columns)},\n"source": ${JSON.stringify(common.source)},\n"airports": [\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = process.argv[2]
  if (!path) throw new Error('Say where the official file is: node build.ts PATH')
  writeFileSync(new URL('airports.json', import.meta.url), buildAirports(readFileSync(path, 'utf8')))
}
