import { findUnit } from '@tidemark/core/lib/units.ts'

export type Language = 'en' | 'fr'

const locales: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR' }
const NBSP = '\u00A0'

export interface Amount {
  value: string
  unit: string
  /** Value and unit joined by a space that does not break. */
  text: string
}

export type Format = ReturnType<typeof formatFor>

const made = new Map<Language, ReturnType<typeof make>>()

/** Numbers, amounts and dates as a reader of the language writes them. Spaces inside never break. */
export function formatFor(language: Language): ReturnType<typeof make> {
  const known = made.get(language)
  if (known) return known
  const fresh = make(language)
  made.set(language, fresh)
  return fresh
}

function make(language: Language) {
  const locale = locales[language]
  const significant = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 })
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  const exact = new Intl.NumberFormat(locale, { maximumSignificantDigits: 15 })
  const factor = new Intl.NumberFormat(locale, { maximumSignificantDigits: 6 })
  const power = new Intl.NumberFormat(locale, { notation: 'scientific', maximumSignificantDigits: 3 })
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' })
  const instant = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' })
  const countries = new Intl.DisplayNames([locale], { type: 'region' })

  /** Three significant digits, and never fewer digits than the whole part has; a broken device may send three hundred. */
  const number = (value: number): string => {
    if (Math.abs(value) >= 1e15) return power.format(value)
    return Math.abs(value) >= 1000 ? whole.format(value) : significant.format(value)
  }

  function amount(kg: number, gas: string): Amount {
    const tonnes = Math.abs(kg) >= 1000
    const value = number(tonnes ? kg / 1000 : kg)
    const unit = `${tonnes ? 't' : 'kg'}${NBSP}${gas}`
    return { value, unit, text: `${value}${NBSP}${unit}` }
  }

  return {
    language,
    locale,
    number,
    /** Every digit a double has: for people who compare. */
    exact: (value: number): string => exact.format(value),
    factor: (value: number): string => factor.format(value),
    share: (value: number): string =>
      value > 0 && value < 0.005 ? `<${NBSP}${share.format(0.01)}` : share.format(value),
    /** kg or tonnes of CO₂ equivalent, whichever reads better. */
    co2e: (kg: number): Amount => amount(kg, 'CO₂e'),
    co2: (kg: number): Amount => amount(kg, 'CO₂'),
    quantity: (value: number, unit: string): string => `${number(value)}${NBSP}${unitSymbol(unit, language, value)}`,
    /** A size in kilobytes, megabytes or gigabytes, whichever reads best; the French count in octets. */
    bytes: (count: number): string => {
      const [unit, power] = count >= 1e9 ? ['G', 1e9] : count >= 1e6 ? ['M', 1e6] : ['k', 1e3]
      return `${number(count / power)}${NBSP}${unit}${language === 'fr' ? 'o' : 'B'}`
    },
    day: (iso: string): string => day.format(new Date(`${iso.slice(0, 10)}T00:00:00Z`)),
    instant: (iso: string): string => instant.format(new Date(iso)),
    country: (code: string): string => countryName(countries, code),
  }
}

function countryName(names: Intl.DisplayNames, code: string): string {
  try {
    return names.of(code) ?? code
  } catch {
    // `world`, `EU-27` and the like are not region codes; they are shown as the publisher writes them.
    return code
  }
}

/** Things that are counted one by one, and so have a plural. */
const counted: Record<string, Record<Language, readonly [one: string, many: string]>> = {
  passenger: { en: ['passenger', 'passengers'], fr: ['passager', 'passagers'] },
  item: { en: ['item', 'items'], fr: ['unité', 'unités'] },
  person: { en: ['person', 'persons'], fr: ['personne', 'personnes'] },
  meal: { en: ['meal', 'meals'], fr: ['repas', 'repas'] },
  'room.night': { en: ['hotel night', 'hotel nights'], fr: ['nuit d’hôtel', 'nuits d’hôtel'] },
}

/** How the unit is written next to a figure: the French say kWh PCS where the English say gross CV. */
export function unitSymbol(id: string, language: Language, count = 1): string {
  const words = counted[id]?.[language]
  // French counts 1.5 as one, English as many.
  if (words) return Math.abs(count) === 1 || (language === 'fr' && Math.abs(count) < 2) ? words[0] : words[1]
  const money = /^(k|M)?([A-Z]{3})-(\d{4})$/.exec(id)
  if (money) return `${money[1] ?? ''}${money[2] === 'EUR' ? '€' : money[2] === 'GBP' ? '£' : money[2]} (${money[3]})`
  const unit = findUnit(id)
  if (!unit) return id.replaceAll('CO2', 'CO₂')
  const named = [
    'fuel_energy_gross',
    'fuel_energy_net',
    'vehicle_distance',
    'passenger_distance',
    'person_time',
    'time',
    'freight',
  ].includes(unit.dimension)
  return language === 'fr' && named ? unit.name.fr : unit.symbol
}
