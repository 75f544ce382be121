import type { Language } from './format.ts'

/**
 * Reads a number as people of the language type it: spaces group, French writes a decimal comma, English a decimal point
 * and may group by commas. Returns undefined for an empty text, and the text itself when it is not a number.
 */
export function readNumber(text: string, language: Language): number | string | undefined {
  const bare = text.replace(/[\s\u00A0\u202F’']/g, '')
  if (bare === '') return undefined
  const grouped = language === 'en' && /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(bare)
  const plain = grouped ? bare.replaceAll(',', '') : bare.replace(',', '.')
  return /^-?(\d+(\.\d*)?|\.\d+)$/.test(plain) ? Number(plain) : text
}
