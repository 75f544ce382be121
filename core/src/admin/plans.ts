import { DEMO_ORGANISATION_ID } from '../accounts/demo.ts'
import { Problem, type ProblemTable } from '../lib/problem.ts'

/**
 * What each plan includes, as data. There is no payment here: an administrator puts an organisation on a plan. Limits
 * protect an installation that many share; whoever runs their own puts everybody on `enterprise`.
 */

export const plans = ['free', 'pro', 'enterprise'] as const
export type Plan = (typeof plans)[number]

export const features = ['calculations_per_month', 'own_factors', 'webhooks', 'members', 'api_keys'] as const
export type Feature = (typeof features)[number]

/** null has no limit. */
export const planTable: Record<Plan, Record<Feature, number | null>> = {
  free: { calculations_per_month: 200, own_factors: 100, webhooks: 2, members: 5, api_keys: 3 },
  pro: { calculations_per_month: 10_000, own_factors: 10_000, webhooks: 20, members: 100, api_keys: 50 },
  enterprise: { calculations_per_month: null, own_factors: null, webhooks: null, members: null, api_keys: null },
}

export const featureSentences: Record<Feature, { en: string; fr: string }> = {
  calculations_per_month: { en: 'Calculations in a calendar month (UTC)', fr: 'Calculs par mois civil (UTC)' },
  own_factors: { en: 'Emission factors of one’s own', fr: 'Facteurs d’émission propres' },
  webhooks: { en: 'Webhooks', fr: 'Webhooks' },
  members: { en: 'People in the organisation', fr: 'Personnes dans l’organisation' },
  api_keys: { en: 'API keys', fr: 'Clés d’API' },
}

export interface PlannedOrganisation {
  organisation_id: string
  plan: Plan
}

/** How much of a feature an organisation has; null has no limit. The demonstration on one's own machine has none. */
export function limitOf({ organisation_id, plan }: PlannedOrganisation, feature: Feature): number | null {
  return organisation_id === DEMO_ORGANISATION_ID ? null : planTable[plan][feature]
}

/** Whether one more is included when so many are used. */
export function includesOneMore(organisation: PlannedOrganisation, feature: Feature, used: number): boolean {
  const limit = limitOf(organisation, feature)
  return limit === null || used < limit
}

/** Declared by every capability whose things a plan counts. */
export const planProblems = {
  'admin/plan-limit': { status: 403, title: 'Your plan includes no more of these for now' },
} as const satisfies ProblemTable

/**
 * Refuses one more when so many are used.
 * @throws Problem `admin/plan-limit` with the limit, what is used and the plan.
 */
export function refuseBeyond(organisation: PlannedOrganisation, feature: Feature, used: number): void {
  if (includesOneMore(organisation, feature, used)) return
  const limit = limitOf(organisation, feature)
  throw new Problem('admin/plan-limit', {
    detail: `The plan ${organisation.plan} includes ${limit}: ${featureSentences[feature].en.toLowerCase()}. An administrator of this installation can put the organisation on another plan.`,
    feature,
    limit,
    used,
    plan: organisation.plan,
  })
}

/** The first instant of the calendar month, in UTC. */
export function monthOf(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1))
}
