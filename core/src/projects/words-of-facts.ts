import type { ComponentName } from './confidence-components.ts'
import { ecosystemNames, ecosystems } from './ecosystems.ts'
import { whyWords } from './words-of-measurement.ts'
import type { vm0033Declarations } from './vm0033-pools.ts'

export type Said = readonly [en: string, fr: string]

const components: Record<ComponentName, Said> = {
  evidence_class: ['the kind of picture', 'la nature de l’image'],
  clear_share: ['the clear share of the polygon', 'la part dégagée du polygone'],
  registration: ['how the pictures lie on each other', 'la superposition des images'],
  season: ['the season', 'la saison'],
  radiometry: ['how the pictures compare in brightness', 'la comparabilité radiométrique'],
  pixels: ['the number of pixels', 'le nombre de pixels'],
  area: ['the claimed area', 'la surface déclarée'],
  detectability: ['the change against the noise', 'le changement par rapport au bruit'],
  cover: ['how well the covered share is known', 'la précision de la part couverte'],
}

const declarations: Record<(typeof vm0033Declarations)[number], Said> = {
  restores_tidal_wetland: ['the project restores a tidal wetland', 'le projet restaure une zone humide tidale'],
  land_abandoned_or_use_not_displaced: [
    'the land was given up for two years, or its use is not displaced',
    'le terrain était abandonné depuis deux ans, ou son usage n’est pas déplacé',
  ],
  no_redd_or_forest_management: [
    'the area is in no project of REDD or improved forest management',
    'la zone n’est dans aucun projet REDD ou de gestion forestière améliorée',
  ],
  no_commercial_forestry_baseline: [
    'without the project there would be no commercial forestry',
    'sans le projet il n’y aurait pas de sylviculture commerciale',
  ],
  no_nitrogen_fertiliser: ['no nitrogen fertiliser is used', 'aucun engrais azoté n’est utilisé'],
  no_lowered_water_table: ['the water table is not lowered', 'la nappe n’est pas abaissée'],
  no_burning_of_organic_soil: ['organic soil is not burnt', 'le sol organique n’est pas brûlé'],
}

/** Facts whose values are words of closed lists, by the name of the fact. */
export const factWords: Readonly<Record<string, Readonly<Record<string, Said>>>> = {
  weakest: { ...components, none: ['nothing', 'rien'] },
  component: components,
  declaration: declarations,
  side: { before: ['before', 'avant'], after: ['after', 'après'] },
  why: whyWords,
  ecosystem: Object.fromEntries(ecosystems.map((id) => [id, [ecosystemNames[id].en, ecosystemNames[id].fr]])),
  method: {
    'seed-ai': ['seed-ai-v1', 'seed-ai-v1'],
    'ipcc-ws2013-tier1': ['IPCC Tier 1', 'GIEC niveau 1'],
    'vm0033-like': ['the VM0033-like method', 'la méthode de type VM0033'],
    conservation: ['the method of avoided loss', 'la méthode de perte évitée'],
  },
  cover_source: {
    share: ['share of pixels', 'part de pixels'],
    carlson_ripley: ['Carlson and Ripley', 'Carlson et Ripley'],
  },
}
