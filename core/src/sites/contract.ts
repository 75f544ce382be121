import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { isTimeZone } from './local-time.ts'
import { Tariff } from './tariff.ts'

export const SITES_MAX = 5_000
export const ASSETS_MAX = 500

const Instant = z.iso.datetime({ offset: true })
export const SiteId = z.string().regex(/^site_[0-9A-HJKMNP-TV-Z]{26}$/, 'The id of a site.')
/** How a caller names a site: by its id, or by its number within the organisation, the first one being 1. */
export const SiteRef = z
  .string()
  .regex(/^(?:site_[0-9A-HJKMNP-TV-Z]{26}|[1-9]\d{0,8})$/, 'The id of a site, or its number: 1.')
const AssetId = z
  .string()
  .min(1)
  .max(80)
  .regex(/^[A-Za-z0-9._-]+$/, 'Letters, digits, dot, dash and underscore.')
const Name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'On one line, without control characters.')

export const assetKinds = ['pv_inverter', 'battery', 'meter', 'genset', 'hvac', 'charger', 'turbine'] as const

const Base = { asset_id: AssetId, name: Name, sensor_ids: z.array(z.string().min(1).max(120)).max(50).default([]) }
const Share = z.number().gt(0).max(1)

/** What stands on a site. `sensor_ids` names the devices whose readings tell of it. */
export const Asset = z
  .discriminatedUnion('kind', [
    z.strictObject({
      ...Base,
      kind: z.literal('pv_inverter'),
      rated_kw: z.number().positive().max(1e6).describe('Of the modules behind it, at standard test conditions.'),
      tilt_deg: z.number().min(0).max(90).optional(),
      azimuth_deg: z.number().min(0).lt(360).optional().describe('From north, clockwise: 180 looks south.'),
      temperature_coefficient_per_k: z.number().min(-0.02).max(0).default(-0.004),
    }),
    z.strictObject({
      ...Base,
      kind: z.literal('battery'),
      capacity_kwh: z.number().positive().max(1e7),
      charge_kw_max: z.number().positive().max(1e6),
      discharge_kw_max: z.number().positive().max(1e6),
      efficiency: Share.default(0.9).describe('Of a whole round, from the plug and back.'),
      state_of_charge_min: z.number().min(0).max(1).default(0.1),
      state_of_charge_max: Share.default(1),
      wear_cost_per_kwh: z
        .number()
        .min(0)
        .max(10)
        .default(0)
        .describe('Of each kWh discharged, in the tariff’s currency.'),
    }),
    z.strictObject({
      ...Base,
      kind: z.literal('meter'),
      role: z.enum(['grid', 'load', 'sub_meter']).default('grid'),
      import_kw_max: z.number().positive().max(1e6).optional(),
      export_kw_max: z.number().min(0).max(1e6).optional(),
    }),
    z.strictObject({
      ...Base,
      kind: z.literal('genset'),
      rated_kw: z.number().positive().max(1e6),
      fuel_l_per_kwh: z.number().positive().max(5).default(0.28),
    }),
    z.strictObject({ ...Base, kind: z.literal('hvac'), rated_kw: z.number().positive().max(1e6) }),
    z.strictObject({ ...Base, kind: z.literal('charger'), rated_kw: z.number().positive().max(1e6) }),
    z.strictObject({
      ...Base,
      kind: z.literal('turbine'),
      rated_kw: z.number().positive().max(1e6),
      bearing: z
        .strictObject({
          balls: z.number().int().min(3).max(100),
          ball_diameter_mm: z.number().positive().max(1_000),
          pitch_diameter_mm: z.number().positive().max(10_000),
          contact_angle_deg: z.number().min(0).max(45).default(0),
        })
        .optional()
        .describe('Its bearing, which says at which frequencies damage shows.'),
    }),
  ])
  .meta({ id: 'Asset' })
export type Asset = z.infer<typeof Asset>

/** A load that may run at another time: so much energy, at so much power, within a window of the day. */
export const ShiftableLoad = z
  .strictObject({
    name: Name,
    power_kw: z.number().positive().max(1e6),
    duration_h: z.number().min(0.25).max(24),
    earliest: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/),
    latest: z
      .string()
      .regex(/^(?:[01]\d|2[0-4]):[0-5]\d$/)
      .describe('It must have ended by then.'),
    interruptible: z.boolean().default(false),
  })
  .meta({ id: 'ShiftableLoad' })
export type ShiftableLoad = z.infer<typeof ShiftableLoad>

const siteFields = {
  name: Name,
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  time_zone: z.string().max(60).refine(isTimeZone, 'A time zone is named as in the IANA tables: Europe/Paris.'),
  country: z.string().regex(/^[A-Z]{2}$/, 'A country is two capital letters of ISO 3166: FR, GB, US.'),
  tariff: Tariff.nullable().default(null),
  assets: z
    .array(Asset)
    .max(ASSETS_MAX)
    .default([])
    .refine((assets) => new Set(assets.map(({ asset_id }) => asset_id)).size === assets.length, {
      error: 'Two assets of a site have different ids.',
    }),
  shiftable_loads: z.array(ShiftableLoad).max(50).default([]),
}

export const SiteInput = z.strictObject(siteFields)
export const Site = z
  .object({
    id: SiteId,
    number: z
      .number()
      .int()
      .describe('Its short name within the organisation: wherever an id is asked for, this will do.'),
    ...siteFields,
    simulated: z.boolean().describe('Its readings are played by a program.'),
    created_at: Instant,
    changed_at: Instant,
  })
  .meta({ id: 'Site' })
export type Site = z.infer<typeof Site>

export const problems = {
  'sites/unknown-site': { status: 404, title: 'There is no such site' },
  'sites/unknown-asset': { status: 404, title: 'There is no such asset on this site' },
  'sites/too-many': { status: 409, title: 'There are as many sites as there may be' },
  'sites/insufficient-data': { status: 409, title: 'There are not enough readings to answer' },
} as const satisfies ProblemTable

const byRole = ['accounts/not-signed-in', 'accounts/not-allowed'] as const
const nowhere = { id: 'site_00000000000000000000000000' }
const depot = {
  name: 'Depot South',
  latitude: 43.6,
  longitude: 3.88,
  time_zone: 'Europe/Paris',
  country: 'FR',
  tariff: {
    currency: 'EUR',
    price_per_kwh: 0.18,
    periods: [{ name: 'off-peak', price_per_kwh: 0.12, from: '22:00', to: '06:00' }],
    export_price_per_kwh: 0.06,
    demand_charge_per_kw_month: 8,
  },
  assets: [
    { asset_id: 'inv-1', name: 'Inverter 1', kind: 'pv_inverter', rated_kw: 120, sensor_ids: ['inv-1'] },
    {
      asset_id: 'bat-1',
      name: 'Battery',
      kind: 'battery',
      capacity_kwh: 200,
      charge_kw_max: 100,
      discharge_kw_max: 100,
      sensor_ids: ['bat-1'],
    },
    { asset_id: 'grid', name: 'Grid meter', kind: 'meter', role: 'grid', sensor_ids: ['grid'] },
  ],
}

export const listSites = route({
  name: 'sites.list',
  method: 'GET',
  path: '/api/v1/sites',
  summary: 'All sites, by name',
  needs: 'sites.read',
  output: z.object({ sites: z.array(Site) }),
  problems: byRole,
  examples: [{ summary: 'All' }],
})

export const addSite = route({
  name: 'sites.add',
  method: 'POST',
  path: '/api/v1/sites',
  summary: 'Adds a site with what stands on it and what its energy costs',
  needs: 'sites.manage',
  body: SiteInput.extend({ simulated: z.boolean().default(false) }),
  output: Site,
  status: 201,
  problems: [...byRole, 'sites/too-many'],
  examples: [
    { summary: 'A depot with sun and storage', body: depot },
    { summary: 'Nowhere on Earth', body: { ...depot, latitude: 143.6 }, status: 422 },
  ],
})

export const getSite = route({
  name: 'sites.get',
  method: 'GET',
  path: '/api/v1/sites/{id}',
  summary: 'One site',
  needs: 'sites.read',
  params: z.object({ id: SiteRef }),
  output: Site,
  problems: [...byRole, 'sites/unknown-site'],
  examples: [
    { summary: 'The depot', after: { route: 'sites.add', fill: { id: 'id' } } },
    { summary: 'No such site', params: nowhere, status: 404 },
  ],
})

export const changeSite = route({
  name: 'sites.change',
  method: 'PUT',
  path: '/api/v1/sites/{id}',
  summary: 'Describes a site anew',
  needs: 'sites.manage',
  params: z.object({ id: SiteRef }),
  body: SiteInput,
  output: Site,
  problems: [...byRole, 'sites/unknown-site'],
  examples: [
    {
      summary: 'Without its battery',
      after: { route: 'sites.add', fill: { id: 'id' } },
      body: { ...depot, assets: depot.assets.filter(({ kind }) => kind !== 'battery') },
    },
    { summary: 'No such site', params: nowhere, body: depot, status: 404 },
  ],
})

export const removeSite = route({
  name: 'sites.remove',
  method: 'DELETE',
  path: '/api/v1/sites/{id}',
  summary: 'Removes a site; its devices and their readings stay',
  needs: 'sites.manage',
  params: z.object({ id: SiteRef }),
  output: z.undefined(),
  status: 204,
  problems: [...byRole, 'sites/unknown-site'],
  examples: [
    { summary: 'The depot', after: { route: 'sites.add', fill: { id: 'id' } } },
    { summary: 'No such site', params: nowhere, status: 404 },
  ],
})
