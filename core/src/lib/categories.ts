/**
 * GHG Protocol categories. Scope 1 and 2 follow the Corporate Standard and the Scope 2 Guidance, scope 3 the fifteen
 * categories of the Corporate Value Chain Standard.
 */
export const categories = {
  '1.1': { scope: '1', en: 'Stationary combustion', fr: 'Combustion de sources fixes' },
  '1.2': { scope: '1', en: 'Mobile combustion', fr: 'Combustion de sources mobiles' },
  '1.3': { scope: '1', en: 'Process emissions', fr: 'Procédés hors énergie' },
  '1.4': { scope: '1', en: 'Fugitive emissions', fr: 'Émissions fugitives' },
  '2.1': { scope: '2', en: 'Purchased electricity', fr: 'Électricité achetée' },
  '2.2': { scope: '2', en: 'Purchased steam, heat and cooling', fr: 'Vapeur, chaleur et froid achetés' },
  '3.1': { scope: '3', en: 'Purchased goods and services', fr: 'Biens et services achetés' },
  '3.2': { scope: '3', en: 'Capital goods', fr: 'Biens d’équipement' },
  '3.3': { scope: '3', en: 'Fuel- and energy-related activities', fr: 'Énergie : amont et pertes' },
  '3.4': { scope: '3', en: 'Upstream transport and distribution', fr: 'Transport et distribution amont' },
  '3.5': { scope: '3', en: 'Waste generated in operations', fr: 'Déchets générés' },
  '3.6': { scope: '3', en: 'Business travel', fr: 'Déplacements professionnels' },
  '3.7': { scope: '3', en: 'Employee commuting', fr: 'Trajets domicile-travail' },
  '3.8': { scope: '3', en: 'Upstream leased assets', fr: 'Actifs en leasing amont' },
  '3.9': { scope: '3', en: 'Downstream transport and distribution', fr: 'Transport et distribution aval' },
  '3.10': { scope: '3', en: 'Processing of sold products', fr: 'Transformation des produits vendus' },
  '3.11': { scope: '3', en: 'Use of sold products', fr: 'Utilisation des produits vendus' },
  '3.12': { scope: '3', en: 'End-of-life of sold products', fr: 'Fin de vie des produits vendus' },
  '3.13': { scope: '3', en: 'Downstream leased assets', fr: 'Actifs en leasing aval' },
  '3.14': { scope: '3', en: 'Franchises', fr: 'Franchises' },
  '3.15': { scope: '3', en: 'Investments', fr: 'Investissements' },
} as const

export type Category = keyof typeof categories
export const categoryIds = Object.keys(categories) as [Category, ...Category[]]
export type Scope = '1' | '2' | '3'
