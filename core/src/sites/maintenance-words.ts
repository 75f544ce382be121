import type { IndicatorId } from './maintenance-indicators.ts'

export interface Bilingual {
  en: string
  fr: string
}

const said = (en: string, fr: string): Bilingual => ({ en, fr })

/** What to do, by the indicator that moved. Where nothing moved, or too little was measured, it says that. */
export const recommendations: Record<IndicatorId | 'none' | 'insufficient', Bilingual> = {
  yield: said(
    'Inspect the modules for dirt, shade and damage, clean them, and measure the strings one by one; check the irradiance sensor first.',
    'Inspecter les modules (salissure, ombre, dommages), les nettoyer et mesurer chaque chaîne ; vérifier d’abord le capteur d’irradiance.',
  ),
  peer_yield: said(
    'Compare the strings and fuses of this inverter with those of its neighbours: it falls behind them in the same light.',
    'Comparer les chaînes et fusibles de cet onduleur à ceux de ses voisins : il produit moins qu’eux sous la même lumière.',
  ),
  temperature: said(
    'Inspect the cooling: fans, filters, coolant, heat sinks and loose connections. It runs warmer than its load and the air explain.',
    'Inspecter le refroidissement : ventilateurs, filtres, fluide, radiateurs et connexions desserrées. Il chauffe plus que la charge et l’air ne l’expliquent.',
  ),
  capacity: said(
    'Have a capacity test done and hold it against the warranty; reduce the depth and power of cycles until then.',
    'Faire réaliser un essai de capacité et le comparer à la garantie ; d’ici là, réduire la profondeur et la puissance des cycles.',
  ),
  round_trip: said(
    'Check converters, auxiliary consumption and cell balance: more energy is lost on each cycle than before.',
    'Vérifier convertisseurs, auxiliaires et équilibrage des cellules : chaque cycle perd plus d’énergie qu’avant.',
  ),
  resistance: said(
    'Check connections and cell balance, and plan to replace weak modules: the internal resistance rises.',
    'Vérifier les connexions et l’équilibrage des cellules, prévoir le remplacement des modules faibles : la résistance interne augmente.',
  ),
  vibration: said(
    'Inspect bearings, alignment, balance and lubrication; record a waveform to tell which part it is.',
    'Inspecter roulements, alignement, équilibrage et lubrification ; enregistrer une forme d’onde pour savoir quelle pièce est en cause.',
  ),
  fuel: said(
    'Service the engine: air and fuel filters, injectors, valve clearance. It takes more fuel for each kWh.',
    'Entretenir le moteur : filtres à air et à carburant, injecteurs, jeu des soupapes. Il consomme plus de carburant par kWh.',
  ),
  power_drawn: said(
    'Clean coils and filters, check the refrigerant charge and the settings: it draws more than before in the same weather.',
    'Nettoyer échangeurs et filtres, vérifier la charge de fluide et les réglages : il consomme plus qu’avant par la même météo.',
  ),
  outer_race: said(
    'Inspect the bearing: shocks come at the frequency of its outer race. Check lubrication and load, have a replacement ready.',
    'Inspecter le roulement : des chocs apparaissent à la fréquence de la bague extérieure. Vérifier lubrification et charge, préparer le remplacement.',
  ),
  inner_race: said(
    'Inspect the bearing: shocks come at the frequency of its inner race. Check the fit on the shaft, have a replacement ready.',
    'Inspecter le roulement : des chocs apparaissent à la fréquence de la bague intérieure. Vérifier l’ajustement sur l’arbre, préparer le remplacement.',
  ),
  rolling_element: said(
    'Inspect the bearing: shocks come at the frequency of a rolling element. Check for particles in the grease, have a replacement ready.',
    'Inspecter le roulement : des chocs apparaissent à la fréquence d’un corps roulant. Chercher des particules dans la graisse, préparer le remplacement.',
  ),
  cage: said(
    'Inspect the bearing’s cage and lubrication: shocks come at its frequency.',
    'Inspecter la cage du roulement et sa lubrification : des chocs apparaissent à sa fréquence.',
  ),
  kurtosis: said(
    'Record further waveforms soon: the vibration becomes spiky, as with early damage of bearings or gears.',
    'Enregistrer bientôt d’autres formes d’onde : la vibration devient impulsive, comme lors d’un dommage naissant de roulement ou d’engrenage.',
  ),
  crest_factor: said(
    'Record further waveforms soon: single peaks stand out more than before.',
    'Enregistrer bientôt d’autres formes d’onde : des pics isolés ressortent plus qu’avant.',
  ),
  none: said(
    'Nothing has moved; keep to the usual service plan.',
    'Rien n’a bougé ; s’en tenir au plan d’entretien habituel.',
  ),
  insufficient: said(
    'Too little was measured to judge; see what is missing with each indicator, and keep to the usual service plan.',
    'Trop peu de mesures pour juger ; voir ce qui manque à chaque indicateur, et s’en tenir au plan d’entretien habituel.',
  ),
}
