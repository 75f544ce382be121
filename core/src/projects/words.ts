/**
 * Every message of the rules as a sentence, in English and French. `{fact}` is filled in from the message, and what stands
 * in `[[ ]]` is left out where a fact in it is not known.
 */
import { plain } from '../footprint/plain.ts'
import type { Message } from './message.ts'
import { confidenceWords, decisionWords } from './words-of-decisions.ts'
import { factWords, type Said } from './words-of-facts.ts'
import { measurementWords } from './words-of-measurement.ts'

export interface Sentence {
  en: string
  fr: string
}

/** Sentences by code. Whoever raises messages of their own hands in a table of their own. */
export type WordTable = Readonly<Record<string, Said>>

export const ruleWords = {
  // Evidence and picture
  'evidence-refused': ['The evidence is refused: {check}.', 'La preuve est refusée : {check}.'],
  'date-missing': [
    'The day of one of the pictures is not known, so there is no period to count.',
    'Le jour d’une des images n’est pas connu : il n’y a pas de période à compter.',
  ],
  'dates-reversed': [
    'The after picture ({after}) is not later than the before picture ({before}).',
    'L’image « après » ({after}) n’est pas postérieure à l’image « avant » ({before}).',
  ],
  'area-mismatch': [
    '{claimed_ha} ha are claimed and {found_ha} ha were found, {error_percent} % apart: above 20 % nothing is computed.',
    '{claimed_ha} ha sont déclarés et {found_ha} ha ont été trouvés, soit {error_percent} % d’écart : au-delà de 20 %, rien n’est calculé.',
  ],
  'area-differs': [
    '{claimed_ha} ha are claimed and {found_ha} ha were found.',
    '{claimed_ha} ha sont déclarés et {found_ha} ha ont été trouvés.',
  ],
  'area-unknown': [
    'There is neither a polygon nor a reference system, so the area cannot be measured.',
    'Sans polygone ni système de référence, la surface ne peut pas être mesurée.',
  ],
  'too-few-clear-pixels': [
    'Only {valid_percent} % of the polygon is clear on one of the dates; clouds are neither bare nor green.',
    'Seulement {valid_percent} % du polygone est dégagé à l’une des dates ; un nuage n’est ni nu ni vert.',
  ],
  'clear-share-unknown': [
    'How much of the polygon is clear was not measured, so clouds may count as a change.',
    'La part dégagée du polygone n’a pas été mesurée : des nuages pourraient passer pour un changement.',
  ],
  'season-differs': [
    'The dates lie {gap_days} days apart in the year, more than {gap_days_max}: a season would be taken for a change.',
    'Les dates sont éloignées de {gap_days} jours dans l’année, plus que {gap_days_max} : une saison passerait pour un changement.',
  ],
  'seagrass-not-seen-from-above': [
    'A meadow under water shows no near infrared: seagrass is surveyed in the water, not from above.',
    'Un herbier sous l’eau ne renvoie pas de proche infrarouge : il se relève dans l’eau, pas d’en haut.',
  ],
  'cover-needs-ndvi': [
    'Cover for tonnes needs NDVI of reflectances; this is {index}. Cover counted in the field would do.',
    'La couverture comptée en tonnes exige un NDVI de réflectances ; ceci est {index}. Un relevé de terrain conviendrait.',
  ],
  'cover-not-measured': [
    'The cover was not measured in this way ({cover_source}).',
    'La couverture n’a pas été mesurée de cette façon ({cover_source}).',
  ],
  'strata-repeat': ['The stratum {stratum} is listed twice.', 'La strate {stratum} figure deux fois.'],
  'strata-exceed-polygon': [
    'The strata add up to {strata_ha} ha and the polygon holds {polygon_ha} ha.',
    'Les strates totalisent {strata_ha} ha et le polygone {polygon_ha} ha.',
  ],
  'cover-uncertainty-assumed': [
    'How well the cover of {stratum} is known was not measured; {half_width_points} points either way are assumed.',
    'La précision de la couverture de {stratum} n’a pas été mesurée ; ± {half_width_points} points sont supposés.',
  ],
  'field-cover-used': [
    'The cover was counted in the field, not measured on the picture: {source}.',
    'La couverture a été relevée sur le terrain, et non mesurée sur l’image : {source}.',
  ],
  // seed-ai-v1
  'transition-stated': [
    'The transformation was stated by a person ({transition}), not measured.',
    'La transformation a été indiquée par une personne ({transition}), et non mesurée.',
  ],
  'rgb-is-not-ndvi': [
    'The pictures hold no near infrared ({index}): there is no NDVI, and its multiplier is 1.',
    'Les images n’ont pas de proche infrarouge ({index}) : il n’y a pas de NDVI, et son multiplicateur vaut 1.',
  ],
  'ndvi-of-digital-numbers': [
    'The ratio is one of uncalibrated numbers ({index}): two dates do not compare, and the NDVI multiplier is 1.',
    'Le rapport porte sur des valeurs non étalonnées ({index}) : deux dates ne se comparent pas, et le multiplicateur NDVI vaut 1.',
  ],
  'seed-units-are-not-tonnes': [
    'Seed credit units count a hundred for a tonne. The tonnes stand beside them.',
    'Les unités de crédit « seed » comptent cent par tonne. Les tonnes figurent à côté.',
  ],
  'maintained-pays-for-nothing-new': [
    'The formula pays for vegetation that was there before.',
    'La formule rémunère une végétation déjà présente.',
  ],
  'greening-counted-twice': [
    'The formula counts the same greening twice, as a transformation and as NDVI.',
    'La formule compte deux fois le même verdissement, comme transformation et comme NDVI.',
  ],
  // Methods of strata
  'ecosystem-not-covered': ['{method} does not cover: {ecosystem}.', '{method} ne couvre pas : {ecosystem}.'],
  'climate-needed': [
    'The climate must be stated: growth of mangroves differs fivefold between climates.',
    'Le climat doit être indiqué : la croissance des mangroves varie du simple au quintuple.',
  ],
  'salinity-unknown-ch4-deducted': [
    'The salinity is not known, so methane is deducted as for fresh water.',
    'La salinité n’est pas connue : le méthane est déduit comme en eau douce.',
  ],
  'setting-changed': [
    'A setting of the method was changed: {setting} is {value}, and {usual} in the method.',
    'Un réglage de la méthode a été changé : {setting} vaut {value}, et {usual} dans la méthode.',
  ],
  'cover-fell': ['The cover of {stratum} fell.', 'La couverture de {stratum} a diminué.'],
  'not-declared': ['Not declared: {declaration}.', 'Non déclaré : {declaration}.'],
  'condition-not-met': ['A condition is not met: {declaration}.', 'Une condition n’est pas remplie : {declaration}.'],
  'seagrass-needs-cores': [
    'For seagrass there is no default rate: soil cores are needed.',
    'Pour les herbiers il n’y a pas de taux par défaut : il faut des carottes de sol.',
  ],
  'salinity-needed': [
    'The salinity is needed: methane depends on it.',
    'La salinité est nécessaire : le méthane en dépend.',
  ],
  'methane-data-needed': [
    'At {salinity_ppt} ppt there is no default for methane: measured data are needed.',
    'À {salinity_ppt} g/l il n’y a pas de valeur par défaut pour le méthane : il faut des mesures.',
  ],
  'buffer-outside': [
    'A buffer of {buffer_percent} % is outside {least}–{most} %.',
    'Une réserve de {buffer_percent} % est hors de {least}–{most} %.',
  ],
  'soil-type-needed': [
    'Whether the soil is mineral or organic must be stated.',
    'Il faut indiquer si le sol est minéral ou organique.',
  ],
  'soil-carbon-needed': [
    'On mineral soil the carbon content of the soil is needed, to deduct what was washed in.',
    'Sur sol minéral, la teneur en carbone du sol est nécessaire pour déduire les apports extérieurs.',
  ],
  'no-threat-declared': ['No threat of loss was declared.', 'Aucune menace de perte n’a été déclarée.'],
  'vegetation-not-kept': [
    'The cover fell: what was lost was not avoided.',
    'La couverture a diminué : ce qui est perdu n’a pas été évité.',
  ],
  'threat-is-declared': [
    'The loss that was avoided is declared, not measured: {source}.',
    'La perte évitée est déclarée, et non mesurée : {source}.',
  ],
  // Plausibility
  'guard-too-much-carbon': [
    '{method} comes to {value} t CO2e per hectare and year; more than {limit} is not known of any wetland.',
    '{method} donne {value} t CO2e par hectare et par an ; plus de {limit} n’est connu d’aucune zone humide.',
  ],
  'guard-area-mismatch': [
    'The claimed area is {value} % away from the measured one ({claimed_ha} against {found_ha} ha); the limit is {limit} %.',
    'La surface déclarée s’écarte de {value} % de la surface mesurée ({claimed_ha} contre {found_ha} ha) ; la limite est {limit} %.',
  ],
  'guard-cover-jump': [
    'Cover rose by {value} points in {months} months; seedlings of mangrove are not seen from above so soon (limit {limit}).',
    'La couverture a gagné {value} points en {months} mois ; de jeunes palétuviers ne se voient pas si tôt d’en haut (limite {limit}).',
  ],
  'guard-gain-with-same-picture': [
    'Greenness rose by {value}, and yet both pictures seem to be one exposure.',
    'Le verdissement est de {value}, et pourtant les deux images semblent être une même prise de vue.',
  ],
  'guard-gain-at-masks': [
    '{value} % of the gain lies at the edge of masked clouds (limit {limit} %).',
    '{value} % du gain se trouve au bord de nuages masqués (limite {limit} %).',
  ],
  'guard-latitude': [
    'No mangroves grow at a latitude of {value}° (limit {limit}°).',
    'Aucune mangrove ne pousse à {value}° de latitude (limite {limit}°).',
  ],
  'guard-ecosystem-and-water': [
    '{value} % of the polygon is water, for vegetation on land (limit {limit} %).',
    '{value} % du polygone est en eau, pour une végétation terrestre (limite {limit} %).',
  ],
  'guard-seagrass-optical': [
    'Seagrass was measured from above the water, where it cannot be seen.',
    'L’herbier a été mesuré depuis le dessus de l’eau, d’où il ne se voit pas.',
  ],
} as const satisfies WordTable

/** What the rules of this folder can say. */
export const allRuleWords: WordTable = {
  ...ruleWords,
  ...measurementWords,
  ...confidenceWords,
  ...decisionWords,
}

/** A message said, from the rules' own words or the first further table that knows its code. */
export function sentenceOf({ code, facts }: Message, further: readonly WordTable[] = []): Sentence {
  const said = [allRuleWords, ...further].find((table) => Object.hasOwn(table, code))?.[code]
  // Stored records outlive wordings: one of another version is shown as it was stored.
  if (said === undefined) return { en: asStored(code, facts), fr: asStored(code, facts) }
  return { en: filled(said[0], facts, 0), fr: filled(said[1], facts, 1) }
}

function asStored(code: string, facts: Message['facts']): string {
  const list = Object.entries(facts).map(([name, value]) => `${name} ${String(value)}`)
  return list.length === 0 ? code : `${code} (${list.join(', ')})`
}

function filled(text: string, facts: Message['facts'], language: 0 | 1): string {
  const known = text.replaceAll(/\[\[(.*?)\]\]/g, (_, part: string) =>
    [...part.matchAll(/\{([a-z0-9_]+)\}/g)].every(([, name = '']) => name in facts) ? part : '',
  )
  return known.replaceAll(/\{([a-z0-9_]+)\}/g, (_, name: string) => {
    const value = facts[name]
    if (typeof value === 'number') return language === 1 ? plain(value).replace('.', ',') : plain(value)
    if (typeof value !== 'string') return String(value ?? '–')
    return factWords[name]?.[value]?.[language] ?? value
  })
}
