import type { BandFacts, Capture } from '@tidemark/core/projects/file-facts.ts'
import exifr from 'exifr'
import { plainText } from './refuse.ts'
import { numberOf, tags, textOf, type TiffDirectory, type TiffFile } from './tiff-structure.ts'

/** Nothing is known of how a picture was taken. */
export const noCapture: Capture = {
  taken_raw: null,
  taken_zone: 'unknown',
  acquired_on: null,
  gps: null,
  camera: null,
  software: null,
  orientation: null,
  sensor: null,
  product_level: null,
  baseline: null,
  add_offset_dn: null,
  is_harmonised: false,
}

/** EXIF of a photograph, raw. Damaged EXIF is no reason to refuse the picture: it says nothing then. */
export async function exifOf(path: string): Promise<Capture> {
  const found = (await exifr
    .parse(path, {
      reviveValues: false,
      translateValues: false,
      tiff: true,
      exif: true,
      gps: true,
      xmp: false,
      icc: false,
      iptc: false,
      jfif: false,
    })
    .catch(() => undefined)) as Record<string, unknown> | undefined
  if (!found) return noCapture
  const taken_raw = plainText(found.DateTimeOriginal) ?? plainText(found.CreateDate) ?? plainText(found.DateTime)
  const orientation = Number(found.Orientation)
  return {
    ...noCapture,
    taken_raw,
    acquired_on: dayOf(taken_raw),
    gps: placeOf(found),
    camera: plainText(
      [found.Make, found.Model]
        .map((each) => plainText(each))
        .filter(Boolean)
        .join(' '),
    ),
    software: plainText(found.Software),
    orientation: Number.isInteger(orientation) && orientation >= 1 && orientation <= 8 ? orientation : null,
  }
}

function placeOf(found: Record<string, unknown>): Capture['gps'] {
  const latitude_deg = degreesOf(found.GPSLatitude, found.GPSLatitudeRef, 'S')
  const longitude_deg = degreesOf(found.GPSLongitude, found.GPSLongitudeRef, 'W')
  if (latitude_deg === null || longitude_deg === null) return null
  if (Math.abs(latitude_deg) > 90 || Math.abs(longitude_deg) > 180) return null
  const altitude_m = Number(found.GPSAltitude)
  const day = plainText(found.GPSDateStamp)
  const clock = Array.isArray(found.GPSTimeStamp) ? found.GPSTimeStamp.map(Number) : []
  const time =
    clock.length === 3 && clock.every(Number.isFinite)
      ? clock.map((part) => String(Math.floor(part)).padStart(2, '0')).join(':')
      : null
  return {
    latitude_deg,
    longitude_deg,
    altitude_m: found.GPSAltitude !== undefined && Number.isFinite(altitude_m) ? altitude_m : null,
    time_utc: day && time ? plainText(`${day} ${time}`) : null,
  }
}

function degreesOf(value: unknown, side: unknown, negative: string): number | null {
  if (!Array.isArray(value)) return null
  const [degrees = Number.NaN, minutes = 0, seconds = 0] = value.map(Number)
  const found = degrees + minutes / 60 + seconds / 3600
  if (!Number.isFinite(found)) return null
  return plainText(side)?.toUpperCase().startsWith(negative) ? -found : found
}

/** `2019:06:01 10:20:30`, `2019-06-01T…` → `2019-06-01`; null when it is no day of the calendar. */
export function dayOf(text: string | null | undefined): string | null {
  const found = /^(\d{4})[:-](\d{2})[:-](\d{2})/.exec(text ?? '')
  if (!found) return null
  const day = `${found[1]}-${found[2]}-${found[3]}`
  const instant = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(day) ? day : null
}

export interface TiffTags {
  capture: Capture
  descriptions: (string | null)[]
  scales: (number | null)[]
  offsets: (number | null)[]
  nodata: number | null
}

/** What GDAL and the makers of products write into a TIFF. */
export async function tiffTagsOf(file: TiffFile, directory: TiffDirectory, bands: number): Promise<TiffTags> {
  const { of_file, of_bands } = itemsOf((await textOf(file, directory, tags.gdal_metadata)) ?? '')
  const first = (...names: string[]) => {
    for (const name of names) {
      const value = plainText(of_file.get(name))
      if (value !== null) return value
    }
    return null
  }
  const taken_utc = first(
    'PRODUCT_START_TIME',
    'DATATAKE_1_DATATAKE_SENSING_START',
    'SENSING_TIME',
    'ACQUISITIONDATETIME',
    'DATE_ACQUIRED',
  )
  const written = plainText(await textOf(file, directory, tags.date_time))
  const orientation = await numberOf(file, directory, tags.orientation, 0)
  const nodata = plainText(await textOf(file, directory, tags.gdal_nodata))
  const add_offset = first('BOA_ADD_OFFSET', 'RADIO_ADD_OFFSET', 'BOA_ADD_OFFSET_BAND4', 'RADIO_ADD_OFFSET_BAND4')
  const ofBand = (role: string) =>
    Array.from({ length: bands }, (_, band) => plainText(of_bands.get(`${band} ${role}`) ?? null))
  const numbers = (texts: (string | null)[]) =>
    texts.map((text) => (text === null || !Number.isFinite(Number(text)) ? null : Number(text)))
  return {
    capture: {
      ...noCapture,
      // TIFF's own date tells when the file was written, which says nothing about when the picture was taken.
      taken_raw: taken_utc ?? written,
      taken_zone: taken_utc === null ? 'unknown' : 'utc',
      acquired_on: dayOf(taken_utc),
      software: plainText(await textOf(file, directory, tags.software)),
      orientation: orientation >= 1 && orientation <= 8 ? orientation : null,
      sensor: first(
        'SPACECRAFT_NAME',
        'DATATAKE_1_SPACECRAFT_NAME',
        'SPACECRAFT_ID',
        'SATELLITEID',
        'SENSOR_ID',
        'SENSOR',
      ),
      product_level: first('PROCESSING_LEVEL', 'PRODUCT_TYPE', 'PRODUCT_LEVEL'),
      baseline: first('PROCESSING_BASELINE'),
      add_offset_dn: add_offset !== null && Number.isFinite(Number(add_offset)) ? Number(add_offset) : null,
      is_harmonised: /^(?:yes|true|1)$/i.test(first('HARMONIZED', 'HARMONISED') ?? ''),
    },
    descriptions: ofBand('description'),
    scales: numbers(ofBand('scale')),
    offsets: numbers(ofBand('offset')),
    nodata: nodata === null || Number.isNaN(Number(nodata)) ? null : Number(nodata),
  }
}

const ITEMS_MAX = 2_000

/** `<Item name="…" sample="0" role="description">…</Item>`, which is all that GDAL's XML holds. No entity is expanded but five. */
function itemsOf(xml: string): { of_file: Map<string, string>; of_bands: Map<string, string> } {
  const [of_file, of_bands] = [new Map<string, string>(), new Map<string, string>()]
  let count = 0
  for (const [, attributes = '', value = ''] of xml.matchAll(/<Item ([^<>]{1,400})>([^<]{0,4000})<\/Item>/g)) {
    if (count++ >= ITEMS_MAX) break
    const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1]
    const [name, sample, role] = [attribute('name') ?? '', attribute('sample'), attribute('role')]
    if (sample === undefined) of_file.set(name.toUpperCase(), unescaped(value))
    else of_bands.set(`${Number(sample)} ${role ?? name.toLowerCase()}`, unescaped(value))
  }
  return { of_file, of_bands }
}

const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&apos;': "'" }
const unescaped = (text: string) => text.replaceAll(/&(?:lt|gt|amp|quot|apos);/g, (entity) => entities[entity] ?? '')

/** The bands of a TIFF, with the colours that its photometric interpretation and its extra samples claim. */
export function bandsOf(
  count: number,
  { photometric, extra_samples }: { photometric: number; extra_samples: number[] },
  { descriptions, scales, offsets }: TiffTags,
): BandFacts[] {
  const colours: BandFacts['colour'][] =
    photometric === 2 || photometric === 6 ? ['red', 'green', 'blue'] : photometric === 3 ? ['palette'] : ['grey']
  return Array.from({ length: count }, (_, index) => {
    const extra = extra_samples[index - (count - extra_samples.length)]
    const isAlpha = extra === 1 || extra === 2
    return {
      index,
      description: descriptions[index] ?? null,
      colour: isAlpha ? 'alpha' : (colours[index] ?? 'unknown'),
      scale: scales[index] ?? null,
      offset: offsets[index] ?? null,
    }
  })
}
