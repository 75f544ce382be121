import type { Factor, Stage } from '../factors/contract.ts'
import type { Category } from '../lib/categories.ts'
import type { Ownership } from './contract.ts'

export interface Routed {
  category: Category
  /** Why it went there, as the trace says it. */
  because: string
}

/** Where an asset's emissions go when somebody else runs it, or only uses it. */
export const ownershipCategory: Readonly<Partial<Record<Ownership, Category>>> = {
  leased_in: '3.8',
  leased_out: '3.13',
  franchise: '3.14',
  investment: '3.15',
}

const upstreamStages: readonly Stage[] = ['upstream', 'losses', 'inputs', 'transport', 'collection']
const capitalStages: readonly Stage[] = ['manufacture', 'amortisation']

/**
 * Sends one stage of a factor to its GHG Protocol category.
 *
 * What burns in an asset under our control is scope 1, what burns at the power or heat plant is scope 2, and what
 * happens before or on the way is category 3.3 (Corporate Value Chain Standard, chapter 5: transmission and distribution
 * losses and well-to-tank emissions belong to 3.3 and only there). A line that is scope 3 as a whole keeps its category
 * for every stage: the upstream of a hired taxi's fuel is business travel, not our fuel.
 */
export function routeStage(
  stage: Stage,
  boundary: Factor['boundary'],
  line_category: Category,
  ownership: Ownership,
): Routed {
  if (line_category.startsWith('3.')) return { category: line_category, because: 'the whole line is scope 3' }

  const elsewhere = ownershipCategory[ownership]
  if (elsewhere) return { category: elsewhere, because: `the asset is ${ownership.replaceAll('_', ' ')}` }

  if (upstreamStages.includes(stage)) return { category: '3.3', because: 'it happens before use or on the way' }
  if (stage === 'whole' && boundary === 'upstream') {
    return { category: '3.3', because: 'the factor covers only what happens before use' }
  }
  if (line_category.startsWith('1.')) {
    if (stage === 'fugitive') return { category: '1.4', because: 'gas that escapes from our own equipment is fugitive' }
    if (stage === 'generation') return { category: '2.1', because: 'it is burnt at the power plant' }
    if (capitalStages.includes(stage)) return { category: '3.2', because: 'making the equipment is a capital good' }
  } else if (capitalStages.includes(stage)) {
    return { category: '3.3', because: `${stage} of the energy plant is upstream of the energy` }
  }
  return {
    category: line_category,
    because: line_category.startsWith('1.') ? 'it leaves our own equipment' : 'it leaves the plant that supplies us',
  }
}
