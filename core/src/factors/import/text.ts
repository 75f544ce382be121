/** How the cells of public factor files are read: numbers, dates, validity texts and the damage that exports do to text. */

/** Header names are compared in this form: one Unicode form, one apostrophe, single spaces, no byte-order mark, lower case. */
export function headerKey(name: string): string {
  return name
    .replaceAll('\uFEFF', '')
    .normalize('NFC')
    .replaceAll(/[’‘ʼ`´]/gu, "'")
    .replaceAll(/\s+/gu, ' ')
    .trim()
    .toLowerCase()
}

const NUMBER_COMMA_OR_POINT = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?$/
const NUMBER_POINT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

/**
 * Reads `0,0503`, `0.0503` and `1,05E-3` alike. Undefined for anything else, and for what is not finite: a blank cell
 * is the caller's question, because a blank is not a zero.
 */
export function readNumber(cell: string, marks: 'comma-or-point' | 'point' = 'comma-or-point'): number | undefined {
  const text = cell.trim()
  if (!(marks === 'point' ? NUMBER_POINT : NUMBER_COMMA_OR_POINT).test(text)) return undefined
  const value = Number(text.replace(',', '.'))
  return Number.isFinite(value) ? value : undefined
}

/**
 * Takes away what a double export adds: `"""Lotus ""bleu"""""` reads `Lotus "bleu"`, UTF-8 taken for Windows-1252 is
 * turned back, tabs and line breaks become one space. A text that needs nothing comes back as it is.
 */
export function cleanText(cell: string): string {
  let text = repairMojibake(cell)
  if (text.startsWith('"""') && text.endsWith('"""') && text.length >= 6) {
    text = text.slice(3, -3).replaceAll('""""', '"')
  }
  return text.normalize('NFC').replaceAll(/\s+/gu, ' ').trim()
}

/** Windows-1252 where it differs from Latin-1, byte by byte from 0x80. Unassigned bytes stand for themselves. */
const CP1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'
const byteOfChar = new Map([...CP1252].map((char, index) => [char, 0x80 + index]))
/** A UTF-8 lead byte read as Windows-1252, followed by something that can be a continuation byte. */
const LOOKS_MISREAD = /[\u00C2-\u00F4][\u0080-\u00BF€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]/

/** Turns `DonnÃ©es` back into `Données`; a text that is not UTF-8 read as Windows-1252 comes back unchanged. */
export function repairMojibake(text: string): string {
  if (!LOOKS_MISREAD.test(text)) return text
  let escaped = ''
  for (const char of text) {
    const code = byteOfChar.get(char) ?? char.charCodeAt(0)
    if (code > 0xff || char.length > 1) return text
    escaped += `%${code.toString(16).padStart(2, '0')}`
  }
  try {
    return decodeURIComponent(escaped)
  } catch {
    return text
  }
}

/** Reads `2024-03-11`, `11/03/2024` and either with a time behind it, as an ISO day. */
export function readDay(cell: string): string | undefined {
  const text = cell.trim()
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$/.exec(text)
  if (iso) return dayOf(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  const french = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:[T ].*)?$/.exec(text)
  if (french) return dayOf(Number(french[3]), Number(french[2]), Number(french[1]))
  return undefined
}

export interface Validity {
  valid_from?: string
  valid_to?: string
}

const months: Record<string, number> = {
  janv: 1,
  jan: 1,
  janvier: 1,
  fevr: 2,
  fev: 2,
  fevrier: 2,
  feb: 2,
  mars: 3,
  mar: 3,
  avr: 4,
  avril: 4,
  apr: 4,
  mai: 5,
  may: 5,
  juin: 6,
  jun: 6,
  juil: 7,
  juillet: 7,
  jul: 7,
  aout: 8,
  aug: 8,
  sept: 9,
  sep: 9,
  septembre: 9,
  oct: 10,
  octobre: 10,
  nov: 11,
  novembre: 11,
  dec: 12,
  decembre: 12,
}

/**
 * Reads the free text of `Période de validité`. `since` is the day from which `5 ans` counts (the element's last
 * change, else its creation). Undefined when the text says nothing that can be relied on; a blank is an empty validity.
 *
 * Seen in V23.6: a day, a year, `Année 2022`, `déc.-18`, `avr-21`, `31-janv-23`, `5 ans`, `Données valides pour l'année
 * 2024`, and days that a spreadsheet turned into its serial number (`45362` is 11 March 2024).
 */
export function readValidity(cell: string, since?: string): Validity | undefined {
  const text = cell.normalize('NFC').replaceAll(/\s+/gu, ' ').trim()
  if (text === '') return {}
  const day = readDay(text)
  if (day) return { valid_to: day }
  if (/^(?:19|20)\d{2}(?:[.,]0+)?$/.test(text)) return { valid_to: `${text.slice(0, 4)}-12-31` }
  if (/^[34]\d{4}(?:[.,]0+)?$/.test(text)) return { valid_to: dayOfSerial(Number(text.slice(0, 5))) }
  const plain = text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
  const year = /^(?:annee|donnees valides pour l['’]annee) ((?:19|20)\d{2})$/.exec(plain)
  if (year) return { valid_from: `${year[1]}-01-01`, valid_to: `${year[1]}-12-31` }
  const span = /^(\d{1,2}) ans?$/.exec(plain)
  if (span)
    return since
      ? { valid_to: `${Number(since.slice(0, 4)) + Number(span[1])}${since.slice(4)}`.replace('-02-29', '-02-28') }
      : undefined
  const month = /^(?:(\d{1,2})[- ])?([a-z]+)\.?[- ](\d{4}|\d{2})$/.exec(plain)
  const number = month?.[2] ? months[month[2]] : undefined
  if (month?.[3] && number && Object.hasOwn(months, month[2] ?? '')) {
    const full = month[3].length === 2 ? 2000 + Number(month[3]) : Number(month[3])
    const last = new Date(Date.UTC(full, number, 0)).getUTCDate()
    const valid_to = dayOf(full, number, month[1] ? Number(month[1]) : last)
    return valid_to ? { valid_to } : undefined
  }
  return undefined
}

/** A calendar day, or undefined when there is no such day. */
function dayOf(year: number, month: number, day: number): string | undefined {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate()))
    return undefined
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/** Days since 30 December 1899, the way spreadsheets count (ECMA-376 18.17.4.1). */
function dayOfSerial(serial: number): string {
  return new Date(Date.UTC(1899, 11, 30) + serial * 86_400_000).toISOString().slice(0, 10)
}

/** Latin letters, digits and single hyphens, for ids: `Gazole B7 (été)` is `gazole-b7-ete`. */
export function slug(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
}
