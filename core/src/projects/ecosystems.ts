import { z } from 'zod'

/** What a project says that it protects or restores. */
export const ecosystems = ['mangrove', 'salt_marsh', 'seagrass', 'coastal_wetland', 'restored_vegetation'] as const
export type Ecosystem = (typeof ecosystems)[number]
export const Ecosystem = z.enum(ecosystems).meta({ id: 'Ecosystem' })

/** What each is called, on pages and in reports. */
export const ecosystemNames: Record<Ecosystem, { en: string; fr: string }> = {
  mangrove: { en: 'mangrove', fr: 'mangrove' },
  salt_marsh: { en: 'salt marsh', fr: 'marais salé' },
  seagrass: { en: 'seagrass meadow', fr: 'herbier marin' },
  coastal_wetland: { en: 'coastal wetland', fr: 'zone humide côtière' },
  restored_vegetation: { en: 'restored vegetation', fr: 'végétation restaurée' },
}

/** Climates of the IPCC’s mangrove tables. */
export const mangroveClimates = ['tropical_wet', 'tropical_dry', 'subtropical'] as const
export type MangroveClimate = (typeof mangroveClimates)[number]

/**
 * How many days two dates may lie apart in the year before a change of season can look like a change of cover. Mangroves
 * are evergreen; everything else greens and browns.
 */
export function seasonGapDaysMax(ecosystem: Ecosystem): number {
  return ecosystem === 'mangrove' ? 60 : 30
}

/** Mangroves grow between these latitudes and nowhere else. */
export const MANGROVE_LATITUDE_MAX = 32.4
export const MANGROVE_LATITUDE_MIN = -38.9
