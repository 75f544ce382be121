import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import {
  SITES_MAX,
  type addSite as addSiteRoute,
  type changeSite as changeSiteRoute,
  type listSites as listSitesRoute,
  type Site,
} from '@tidemark/core/sites/contract.ts'
import { record } from '../audit/service.ts'
import { retireKept } from '../models/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { siteModelName } from './forecast-models.ts'
import * as store from './store.ts'

export async function listSites(ctx: Context): Promise<OutputOf<typeof listSitesRoute>> {
  return { sites: (await store.listSites(ctx.db, organisationOf(ctx))).map(shown) }
}

export async function addSite(ctx: Context, input: InputOf<typeof addSiteRoute>): Promise<Site> {
  const organisation_id = organisationOf(ctx)
  const created_at = ctx.now()
  const site = {
    ...input,
    id: newId('site', created_at),
    organisation_id,
    created_at,
    changed_at: created_at,
  }
  return ctx.db.transaction(async (tx) => {
    const there = (await store.listSites(tx, organisation_id)).length
    if (there >= SITES_MAX) {
      throw new Problem('sites/too-many', {
        detail: `An organisation has at most ${SITES_MAX} sites; there are ${there}.`,
      })
    }
    const number = await store.insertSite(tx, site)
    await record(
      { ...ctx, db: tx },
      { action: 'sites.added', resource: { type: 'site', id: site.id }, after: standing(site) },
    )
    return shown({ ...site, number })
  })
}

export async function getSite(ctx: Context, { id }: { id: string }): Promise<Site> {
  return shown(await knownSite(ctx, id))
}

export async function changeSite(ctx: Context, { id, ...input }: InputOf<typeof changeSiteRoute>): Promise<Site> {
  return ctx.db.transaction(async (tx) => {
    const before = await knownSite({ ...ctx, db: tx }, id)
    const after: store.SiteRow = { ...before, ...input, changed_at: ctx.now() }
    await store.updateSite(tx, after)
    await record(
      { ...ctx, db: tx },
      {
        action: 'sites.changed',
        resource: { type: 'site', id: before.id },
        before: standing(before),
        after: standing(after),
      },
    )
    return shown(after)
  })
}

export async function removeSite(ctx: Context, { id }: { id: string }): Promise<undefined> {
  await ctx.db.transaction(async (tx) => {
    const before = await knownSite({ ...ctx, db: tx }, id)
    await store.deleteSite(tx, before.organisation_id, before.id)
    await retireKept({ ...ctx, db: tx }, siteModelName(before), 'The site was removed.')
    await record(
      { ...ctx, db: tx },
      { action: 'sites.removed', resource: { type: 'site', id: before.id }, before: standing(before) },
    )
  })
}

/**
 * A site by its id or its number.
 * @throws Problem `sites/unknown-site`, for one of another organisation too.
 */
export async function knownSite(ctx: Context, id: string): Promise<store.SiteRow> {
  const organisation_id = organisationOf(ctx)
  const site = /^\d+$/.test(id)
    ? await store.findSiteByNumber(ctx.db, organisation_id, Number(id))
    : await store.findSite(ctx.db, organisation_id, id)
  if (!site) throw new Problem('sites/unknown-site', { detail: `There is no site "${id}".`, id })
  return site
}

/** What the log compares: no name of a place, and not every detail. */
function standing({ country, time_zone, assets, tariff, simulated }: Omit<store.SiteRow, 'number'>) {
  return { country, time_zone, assets: assets.length, has_tariff: tariff !== null, simulated }
}

function shown(row: store.SiteRow): Site {
  const { organisation_id: _, ...site } = row
  return { ...site, created_at: site.created_at.toISOString(), changed_at: site.changed_at.toISOString() }
}
