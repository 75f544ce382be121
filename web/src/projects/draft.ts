import type { Boundary } from '@tidemark/core/projects/boundary.ts'
import { ProjectInput, type Project } from '@tidemark/core/projects/contract.ts'
import {
  ecosystems,
  mangroveClimates,
  type Ecosystem,
  type MangroveClimate,
} from '@tidemark/core/projects/ecosystems.ts'
import { vm0033Declarations } from '@tidemark/core/projects/vm0033-pools.ts'
import type { z } from 'zod'
import type { Language } from '../lib/format.ts'
import { readNumber } from '../lib/read-number.ts'

/** A project as it is typed: every figure is text until it is sent. */
export interface ProjectDraft {
  name: string
  developer: string
  ecosystem: Ecosystem
  description: string
  claimed_ha: string
  boundary: Boundary | null
  climate: MangroveClimate | ''
  salinity_ppt: string
  age_at_start_years: string
  soil_type: 'mineral' | 'organic' | ''
  carbon_soil_percent: string
  ch4_t_per_ha_yr: string
  declarations: Record<Declaration, Answer>
}
export type Declaration = (typeof vm0033Declarations)[number]
/** What nobody has said yet is neither yes nor no. */
export type Answer = 'yes' | 'no' | ''
export const answers = ['yes', 'no', ''] as const

export const climates = mangroveClimates
export { ecosystems, vm0033Declarations as declarations }

export function emptyDraft(): ProjectDraft {
  return {
    name: '',
    developer: '',
    ecosystem: 'mangrove',
    description: '',
    claimed_ha: '',
    boundary: null,
    climate: '',
    salinity_ppt: '',
    age_at_start_years: '',
    soil_type: '',
    carbon_soil_percent: '',
    ch4_t_per_ha_yr: '',
    declarations: declarationsOf(() => ''),
  }
}

function declarationsOf<T>(valueOf: (declaration: Declaration) => T): Record<Declaration, T> {
  return Object.fromEntries(vm0033Declarations.map((each) => [each, valueOf(each)])) as Record<Declaration, T>
}

/** A project as the form shows it, figures written as the reader's language writes them. */
export function draftOf(project: Project, language: Language): ProjectDraft {
  const text = (value: number | null) => {
    const written = value === null ? '' : String(value)
    return language === 'fr' ? written.replace('.', ',') : written
  }
  const { ipcc, vm0033 } = project.method_parameters
  return {
    name: project.name,
    developer: project.developer,
    ecosystem: project.ecosystem,
    description: project.description ?? '',
    claimed_ha: text(project.claimed_ha),
    boundary: project.boundary,
    climate: ipcc.climate ?? '',
    salinity_ppt: text(vm0033.salinity_ppt ?? ipcc.salinity_ppt),
    age_at_start_years: ipcc.age_at_start_years === 0 ? '' : text(ipcc.age_at_start_years),
    soil_type: vm0033.soil_type ?? '',
    carbon_soil_percent: text(vm0033.carbon_soil_percent),
    ch4_t_per_ha_yr: text(vm0033.ch4_t_per_ha_yr),
    declarations: declarationsOf((each) => {
      const declared = vm0033.declarations[each]
      return declared === null ? '' : declared ? 'yes' : 'no'
    }),
  }
}

export type ProjectSent = z.input<typeof ProjectInput>

export interface DraftFault {
  code: 'needed' | 'number' | 'positive' | 'range' | 'other'
  message: string
}

/**
 * What is sent of a draft, or what is wrong with it by the name of the field, found by the contract's own rules.
 * @param before settings of the methods that the form does not show stay as they are.
 */
export function readDraft(
  draft: ProjectDraft,
  language: Language,
  before?: Project,
): { project: ProjectSent; faults?: undefined } | { faults: ReadonlyMap<string, DraftFault> } {
  const candidate = candidateOf(draft, language, before)
  const read = ProjectInput.safeParse(candidate)
  if (read.success) return { project: candidate as ProjectSent }
  const faults = new Map<string, DraftFault>()
  for (const issue of read.error.issues) {
    const path = issue.path.map(String)
    const field = path.at(-1) ?? ''
    if (!faults.has(field)) faults.set(field, faultOf(issue, valueAt(candidate, issue.path)))
  }
  return { faults }
}

function valueAt(from: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inside, key) => (inside as Record<PropertyKey, unknown> | undefined)?.[key], from)
}

function faultOf(issue: z.core.$ZodIssue, value: unknown): DraftFault {
  const { message } = issue
  if (value === undefined || value === '') return { code: 'needed', message }
  if (issue.code === 'invalid_type' && typeof value === 'string') return { code: 'number', message }
  if (issue.code === 'too_small' && issue.minimum === 0) return { code: 'positive', message }
  if (issue.code === 'too_small' || issue.code === 'too_big') return { code: 'range', message }
  return { code: 'other', message }
}

function candidateOf(draft: ProjectDraft, language: Language, before: Project | undefined): object {
  const read = (text: string) => readNumber(text, language) ?? null
  const kept = before?.method_parameters
  const salinity_ppt = read(draft.salinity_ppt)
  return {
    name: draft.name.trim(),
    developer: draft.developer.trim(),
    ecosystem: draft.ecosystem,
    description: draft.description.trim() === '' ? null : draft.description.trim(),
    claimed_ha: read(draft.claimed_ha),
    boundary: draft.boundary,
    method_parameters: {
      ...kept,
      ipcc: {
        ...kept?.ipcc,
        climate: draft.climate === '' ? null : draft.climate,
        salinity_ppt,
        age_at_start_years: read(draft.age_at_start_years) ?? 0,
      },
      vm0033: {
        ...kept?.vm0033,
        declarations: declarationsOf((each) => saidOf(draft.declarations[each])),
        soil_type: draft.soil_type === '' ? null : draft.soil_type,
        carbon_soil_percent: read(draft.carbon_soil_percent),
        ch4_t_per_ha_yr: read(draft.ch4_t_per_ha_yr),
        salinity_ppt,
      },
    },
  }
}

function saidOf(answer: Answer): boolean | null {
  return answer === '' ? null : answer === 'yes'
}
