import { z } from 'zod'
import { route } from '../lib/contract.ts'
import { SiteId, SiteRef } from './contract.ts'

const Instant = z.iso.datetime({ offset: true })

/** A figure over a stretch of time, or why there is none. */
const Figure = z
  .object({
    value: z.number().nullable(),
    coverage: z.number().describe('Over which share of the time it speaks; nothing is filled in.'),
    reason: z.string().optional().describe('Why there is no value.'),
  })
  .meta({ id: 'SiteFigure' })

const Bill = z
  .object({
    currency: z.string(),
    energy: z.number(),
    export_credit: z.number(),
    demand: z.number(),
    fixed: z.number(),
    total: z.number(),
    by_period: z.record(z.string(), z.object({ import_kwh: z.number(), cost: z.number() })),
    peaks: z.array(z.object({ month: z.string(), peak_kw: z.number(), charge: z.number() })),
  })
  .meta({ id: 'SiteBill' })

/** The longest stretch that one question may cover. */
export const METRICS_DAYS_MAX = 366

export const SiteMetrics = z
  .object({
    site_id: SiteId,
    from: Instant,
    to: Instant,
    simulated: z.boolean(),
    now: z.object({
      generation_kw: z.number().nullable(),
      load_kw: z.number().nullable(),
      grid_kw: z.number().nullable(),
      battery_kw: z.number().nullable(),
      state_of_charge_percent: z.number().nullable(),
      at: Instant.nullable().describe('The oldest of the readings that these come from.'),
    }),
    energy: z.object({
      generation_kwh: Figure,
      load_kwh: Figure,
      import_kwh: Figure,
      export_kwh: Figure,
      battery_charge_kwh: Figure,
      battery_discharge_kwh: Figure,
    }),
    peak_import_kw: Figure,
    self_consumption: Figure,
    self_sufficiency: Figure,
    performance_ratio: Figure,
    availability: Figure,
    emissions_location_kg_co2e: Figure.extend({
      factor: z
        .object({ id: z.string(), edition: z.string(), publisher: z.string(), kg_co2e_per_kwh: z.number() })
        .nullable(),
    }).describe('Import times the yearly factor of the country’s grid, generation and upstream.'),
    emissions_hourly_kg_co2e: Figure,
    cost: Bill.nullable(),
  })
  .meta({ id: 'SiteMetrics' })
export type SiteMetrics = z.infer<typeof SiteMetrics>

export const metrics = route({
  name: 'sites.metrics',
  method: 'GET',
  path: '/api/v1/sites/{id}/metrics',
  summary: 'What a site did: energy, shares, performance, emissions and cost',
  description:
    'Over the last 24 hours unless said. Slots that were not measured are left out, and each figure says so.',
  needs: 'sites.read',
  params: z.object({ id: SiteRef }),
  query: z
    .object({ from: Instant.optional(), to: Instant.optional() })
    .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
      error: 'from is before to.',
      path: ['to'],
    })
    .refine(
      ({ from, to }) =>
        from === undefined || to === undefined || Date.parse(to) - Date.parse(from) <= METRICS_DAYS_MAX * 86_400_000,
      { error: `At most ${METRICS_DAYS_MAX} days at a time.`, path: ['from'] },
    ),
  output: SiteMetrics,
  problems: ['accounts/not-signed-in', 'accounts/not-allowed', 'sites/unknown-site'],
  examples: [
    { summary: 'The last day', after: { route: 'sites.add', fill: { id: 'id' } } },
    { summary: 'No such site', params: { id: 'site_00000000000000000000000000' }, status: 404 },
  ],
})
