import type { Generated } from 'kysely'
import type { Site } from '@tidemark/core/sites/contract.ts'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'

export type SiteRow = Omit<Site, 'created_at' | 'changed_at'> & {
  organisation_id: string
  created_at: Date
  changed_at: Date
}

interface Tables {
  'sites.site': Omit<SiteRow, 'number'> & { number: Generated<number> }
  'sites.numbering': { organisation_id: string; last_number: number }
}

function columns(site: Omit<SiteRow, 'id' | 'number' | 'organisation_id' | 'created_at'>) {
  return {
    ...site,
    tariff: (site.tariff === null ? null : jsonb(site.tariff)) as never,
    assets: jsonb(site.assets) as never,
    shiftable_loads: jsonb(site.shiftable_loads) as never,
  }
}

/** @returns the number that the site was given. */
export async function insertSite(tx: Database, site: Omit<SiteRow, 'number'>): Promise<number> {
  const { id, organisation_id, created_at, ...rest } = site
  const { number } = await tx
    .as<Tables>()
    .insertInto('sites.site')
    .values({ id, organisation_id, created_at, ...columns(rest) })
    .returning('number')
    .executeTakeFirstOrThrow()
  return number
}

export async function updateSite(tx: Database, row: SiteRow): Promise<void> {
  const { id, number: __, organisation_id, created_at: _, ...site } = row
  await tx
    .as<Tables>()
    .updateTable('sites.site')
    .set(columns(site))
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .execute()
}

export async function deleteSite(tx: Database, organisation_id: string, id: string): Promise<void> {
  await tx
    .as<Tables>()
    .deleteFrom('sites.site')
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .execute()
}

export async function deleteOfOrganisation(tx: Database, organisation_id: string): Promise<number> {
  const { numDeletedRows } = await tx
    .as<Tables>()
    .deleteFrom('sites.site')
    .where('organisation_id', '=', organisation_id)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/** The highest number that was given, also to a site that is gone; 0 before the first. */
export async function findLastNumber(db: Database, organisation_id: string): Promise<number> {
  const row = await db
    .as<Tables>()
    .selectFrom('sites.numbering')
    .select('last_number')
    .where('organisation_id', '=', organisation_id)
    .executeTakeFirst()
  return row?.last_number ?? 0
}

export async function deleteNumbering(tx: Database, organisation_id: string): Promise<number> {
  const { numDeletedRows } = await tx
    .as<Tables>()
    .deleteFrom('sites.numbering')
    .where('organisation_id', '=', organisation_id)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

export async function findSite(db: Database, organisation_id: string, id: string): Promise<SiteRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('sites.site')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .executeTakeFirst()
}

export async function findSiteByNumber(
  db: Database,
  organisation_id: string,
  number: number,
): Promise<SiteRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('sites.site')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('number', '=', number)
    .executeTakeFirst()
}

export async function listSites(db: Database, organisation_id: string): Promise<SiteRow[]> {
  return db
    .as<Tables>()
    .selectFrom('sites.site')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .orderBy('name')
    .orderBy('id')
    .execute()
}
