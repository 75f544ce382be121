import { DEMO_ORGANISATION_ID } from '@tidemark/core/accounts/demo.ts'
import type {
  AdminUsage,
  audit as auditRoute,
  health as healthRoute,
  jobs as jobsRoute,
  listPlans as plansRoute,
  organisationUsage as usageOfOneRoute,
  outbox as outboxRoute,
} from '@tidemark/core/admin/contract.ts'
import {
  features,
  featureSentences,
  limitOf,
  monthOf,
  plans,
  planTable,
  refuseBeyond,
  type Feature,
  type Plan,
  type PlannedOrganisation,
} from '@tidemark/core/admin/plans.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import * as audit from '../audit/service.ts'
import { countByOrganisation } from '../certificates/service.ts'
import * as factors from '../factors/service.ts'
import { usage as footprintUsage } from '../footprint/service.ts'
import type { Context } from '../platform/context.ts'
import { failedJobs, jobCounts } from '../platform/jobs.ts'
import { countMails, listMails } from '../platform/mail.ts'
import { organisationOf } from '../platform/tenancy.ts'
import * as webhooks from '../webhooks/service.ts'

/** An organisation with what accounts know of it: what plans count, and how far it came. */
export interface CountedOrganisation extends PlannedOrganisation {
  members: number
  api_keys: number
  has_invited: boolean
  has_colleague: boolean
  has_used_key: boolean
}

/** What accounts hand in. */
export interface AdminSources {
  planOf: (ctx: Context, organisation_id: string) => Promise<Plan | undefined>
  population: (ctx: Context) => Promise<{ people: number; organisations: CountedOrganisation[] }>
  countsOf: (ctx: Context, organisation_id: string) => Promise<CountedOrganisation | undefined>
}

const MONTHS = 12
const FAILED_SHOWN = 50

/**
 * Refuses when the plan of the caller's organisation includes no more of a feature. The demonstration has no limit.
 * @throws Problem `admin/plan-limit` with the limit, what is used, and when it begins anew.
 */
export async function refuseBeyondPlan(
  ctx: Context,
  feature: Feature,
  used: (ctx: Context, organisation_id: string) => Promise<number>,
  { planOf }: Pick<AdminSources, 'planOf'>,
): Promise<void> {
  if (ctx.actor.kind === 'system' || ctx.actor.kind === 'anonymous') return
  const organisation_id = organisationOf(ctx)
  const organisation = { organisation_id, plan: (await planOf(ctx, organisation_id)) ?? 'free' }
  // Counting is left out where nothing depends on it.
  if (limitOf(organisation, feature) === null) return
  refuseBeyond(organisation, feature, await used(ctx, organisation_id))
}

/** The check that calculations make. */
export function refuseCalculationBeyondPlan(ctx: Context, sources: Pick<AdminSources, 'planOf'>): Promise<void> {
  const used = (here: Context, organisation_id: string) =>
    footprintUsage.since(here, organisation_id, monthOf(here.now()))
  return refuseBeyondPlan(ctx, 'calculations_per_month', used, sources)
}

/** The check that webhooks make before one more. */
export function refuseWebhookBeyondPlan(ctx: Context, sources: Pick<AdminSources, 'planOf'>): Promise<void> {
  const used = async (here: Context, id: string) => (await webhooks.countEndpoints(here, id)).get(id) ?? 0
  return refuseBeyondPlan(ctx, 'webhooks', used, sources)
}

/** The check that factors of one's own make before one more. */
export function refuseOwnFactorBeyondPlan(ctx: Context, sources: Pick<AdminSources, 'planOf'>): Promise<void> {
  const used = async (here: Context, id: string) => (await factors.countOwn(here, id)).get(id) ?? 0
  return refuseBeyondPlan(ctx, 'own_factors', used, sources)
}

/** What the caller's organisation has of what its plan includes. */
export async function organisationUsage(
  ctx: Context,
  { organisation_id }: InputOf<typeof usageOfOneRoute>,
  { countsOf }: Pick<AdminSources, 'countsOf'>,
): Promise<OutputOf<typeof usageOfOneRoute>> {
  const { actor } = ctx
  const acting = actor.kind === 'person' || actor.kind === 'key' ? actor.organisation_id : undefined
  const organisation = acting === organisation_id ? await countsOf(ctx, organisation_id) : undefined
  if (!organisation) {
    throw new Problem('accounts/unknown-organisation', {
      detail: 'You are not in that organisation, or do not act in its name at the moment.',
      organisation_id,
    })
  }
  const used: Record<Feature, number> = {
    calculations_per_month: await footprintUsage.since(ctx, organisation_id, monthOf(ctx.now())),
    own_factors: (await factors.countOwn(ctx, organisation_id)).get(organisation_id) ?? 0,
    webhooks: (await webhooks.countEndpoints(ctx, organisation_id)).get(organisation_id) ?? 0,
    members: organisation.members,
    api_keys: organisation.api_keys,
  }
  return {
    organisation_id,
    plan: organisation.plan,
    features: features.map((feature) => ({
      feature,
      used: used[feature],
      limit: limitOf(organisation, feature),
      says_en: featureSentences[feature].en,
      says_fr: featureSentences[feature].fr,
    })),
  }
}

export async function health(ctx: Context): Promise<OutputOf<typeof healthRoute>> {
  const { kind, reachable, writable, latency_ms, free_bytes, durability } = await ctx.system_db.health()
  const counts = await jobCounts(ctx.system_db)
  const sum = (wanted: (state: string) => boolean) =>
    counts.filter(({ state }) => wanted(state)).reduce((total, { count }) => total + count, 0)
  return {
    at: ctx.now().toISOString(),
    database: { kind, reachable, writable, latency_ms, free_bytes, durability },
    memory_bytes: process.memoryUsage.rss(),
    uptime_s: Math.round(process.uptime()),
    jobs: {
      waiting: sum((state) => ['requested', 'created', 'retry'].includes(state)),
      failed: sum((state) => state === 'failed'),
    },
    mail: {
      server: ctx.config.smtp_url !== undefined,
      waiting: await countMails({ ...ctx, db: ctx.system_db }),
    },
    audit: await audit.head(ctx),
  }
}

export async function jobs(ctx: Context): Promise<OutputOf<typeof jobsRoute>> {
  const failed = await failedJobs(ctx.system_db, FAILED_SHOWN)
  return {
    counts: await jobCounts(ctx.system_db),
    failed: failed.map((job) => ({ ...job, failed_at: job.failed_at?.toISOString() ?? null })),
  }
}

export async function usage(ctx: Context, { population }: AdminSources): Promise<AdminUsage> {
  const now = ctx.now()
  const since = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - MONTHS + 1, 1))
  const { people, organisations } = await population(ctx)
  const monthly = withoutDemo(await footprintUsage.byMonth(ctx, since))
  const calculated = withoutDemo(await footprintUsage.byOrganisation(ctx))
  const certified = withoutDemo(await countByOrganisation(ctx))
  const total = (rows: readonly { count: number }[]) => rows.reduce((sum, { count }) => sum + count, 0)
  return {
    at: now.toISOString(),
    totals: {
      people,
      organisations: organisations.length,
      calculations: total(calculated),
      certificates: total(certified),
    },
    by_month: byMonth(monthly),
    funnel: funnelOf([
      ['signed_up', organisations.map(({ organisation_id }) => organisation_id)],
      ['first_calculation', calculated.map(({ organisation_id }) => organisation_id)],
      ['certificate', certified.map(({ organisation_id }) => organisation_id)],
      ['colleague_invited', idsOf(organisations, 'has_invited')],
      ['colleague_joined', idsOf(organisations, 'has_colleague')],
      ['key_used', idsOf(organisations, 'has_used_key')],
    ]),
    over_limit: overLimit(organisations, await usedByAll(ctx, organisations, monthly)),
  }
}

/** What every installation comes with is nobody's use of it. */
function withoutDemo<Row extends { organisation_id: string }>(rows: readonly Row[]): Row[] {
  return rows.filter(({ organisation_id }) => organisation_id !== DEMO_ORGANISATION_ID)
}

function byMonth(monthly: readonly { month: string; calculations: number }[]): AdminUsage['by_month'] {
  const months = new Map<string, { month: string; calculations: number; organisations: number }>()
  for (const { month, calculations } of monthly) {
    const sum = months.get(month) ?? { month, calculations: 0, organisations: 0 }
    months.set(month, { month, calculations: sum.calculations + calculations, organisations: sum.organisations + 1 })
  }
  return [...months.values()]
}

/** Each step counts those of the step before that came so far. */
function funnelOf(steps: readonly (readonly [string, readonly string[]])[]): AdminUsage['funnel'] {
  let before: ReadonlySet<string> | undefined
  return steps.map(([step, ids]) => {
    const here: ReadonlySet<string> = new Set(ids.filter((id) => before === undefined || before.has(id)))
    before = here
    return { step, organisations: here.size }
  })
}

function idsOf(
  organisations: readonly CountedOrganisation[],
  step: 'has_invited' | 'has_colleague' | 'has_used_key',
): string[] {
  return organisations.filter((each) => each[step]).map(({ organisation_id }) => organisation_id)
}

type UsedByAll = Record<Feature, ReadonlyMap<string, number>>

async function usedByAll(
  ctx: Context,
  organisations: readonly CountedOrganisation[],
  monthly: readonly { month: string; organisation_id: string; calculations: number }[],
): Promise<UsedByAll> {
  const this_month = monthOf(ctx.now()).toISOString().slice(0, 7)
  const calculated = monthly.filter(({ month }) => month === this_month)
  return {
    calculations_per_month: new Map(calculated.map((row) => [row.organisation_id, row.calculations])),
    own_factors: await factors.countOwn(ctx),
    webhooks: await webhooks.countEndpoints(ctx),
    members: new Map(organisations.map((each) => [each.organisation_id, each.members])),
    api_keys: new Map(organisations.map((each) => [each.organisation_id, each.api_keys])),
  }
}

/** Who has come to a limit: a refusal is near, or was given. */
function overLimit(organisations: readonly PlannedOrganisation[], used_by_all: UsedByAll): AdminUsage['over_limit'] {
  return organisations.flatMap((organisation) =>
    features.flatMap((feature) => {
      const { organisation_id } = organisation
      const limit = limitOf(organisation, feature)
      const used = used_by_all[feature].get(organisation_id) ?? 0
      return limit !== null && used >= limit ? [{ organisation_id, feature, used, limit }] : []
    }),
  )
}

export async function listEvents(
  ctx: Context,
  input: InputOf<typeof auditRoute>,
): Promise<OutputOf<typeof auditRoute>> {
  return audit.listEverywhere(ctx, input)
}

export async function outbox(
  ctx: Context,
  { limit }: InputOf<typeof outboxRoute>,
): Promise<OutputOf<typeof outboxRoute>> {
  return { mails: await listMails({ ...ctx, db: ctx.system_db }, limit) }
}

export async function listPlans(): Promise<OutputOf<typeof plansRoute>> {
  return {
    plans: plans.map((plan) => ({
      plan,
      limits: features.map((feature) => ({
        feature,
        limit: planTable[plan][feature],
        says_en: featureSentences[feature].en,
        says_fr: featureSentences[feature].fr,
      })),
    })),
  }
}
