import type { Factor } from '@tidemark/core/factors/contract.ts'
import type { FactorRef } from '@tidemark/core/factors/contract.ts'
import { sql } from 'kysely'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'

/** One factor as it is kept: the document, and what it is found by. */
export interface FactorRow {
  id: string
  edition: string
  dataset: string
  embedded_in: string | null
  content: string
  doc: string
  name_fr: string
  name_en: string
  heads: string[]
  unit: string
  dimension: string | null
  geography: string
  category: string | null
  activity: string | null
  status: 'valid' | 'archived'
  valid_from: string | null
  valid_to: string | null
  year: number | null
  plainness: number
  search: string
}

export interface EditionRow {
  dataset: string
  edition: string
  publisher: string
  digests: string[]
  imported_at: Date
  counts: Record<string, unknown>
  is_current: boolean
}

export interface Found {
  factor: Factor
  is_current: boolean
}

/** Whose factors: an organisation's own, or everybody's. */
export type Owner = string | null

/** Where the rows of an owner are kept. Reading goes through the views `any_…`, which show both. */
function shelfOf(owner: Owner) {
  const own = owner === null ? '' : 'own_'
  return {
    factor: sql.table(`factors.${own}factor`),
    edition: sql.table(`factors.${own}edition`),
    word: sql.table(`factors.${own}word`),
    column: owner === null ? sql`` : sql`organisation_id, `,
    value: owner === null ? sql`` : sql`${owner}::text, `,
    is_theirs: owner === null ? sql`true` : sql`organisation_id = ${owner}`,
  }
}

/**
 * Inserts those that are not there yet, in one statement; a factor that is there stays as it is. The rows travel as one
 * JSON text: the fastest way that both databases have in common.
 * @returns the ids that were inserted.
 */
export async function insertFactors(tx: Database, rows: readonly FactorRow[], owner: Owner): Promise<string[]> {
  const shelf = shelfOf(owner)
  const { rows: inserted } = await sql<{ id: string }>`
    insert into ${shelf.factor} (${shelf.column}id, edition, dataset, embedded_in, content, doc, name_fr, name_en, heads, unit, dimension,
      geography, category, activity, status, valid_from, valid_to, year, plainness, search)
    select ${shelf.value}id, edition, dataset, embedded_in, content, doc::json, name_fr, name_en, string_to_array(heads, '|'), unit, dimension,
      geography, category, activity, status, valid_from, valid_to, year, plainness, search::tsvector
    from json_to_recordset(${rowsText(rows)}::text::json) as given (id text, edition text, dataset text, embedded_in text,
      content text, doc text, name_fr text, name_en text, heads text, unit text, dimension text, geography text, category text,
      activity text, status text, valid_from date, valid_to date, year integer, plainness real, search text)
    on conflict (${shelf.column}id, edition) do nothing
    returning id
  `.execute(tx.kysely)
  return inserted.map(({ id }) => id)
}

function rowsText(rows: readonly FactorRow[]): string {
  return JSON.stringify(rows.map((row) => ({ ...row, heads: row.heads.join('|') })))
}

/** How many factors each organisation keeps for itself; of one when it is named. */
export async function countOwn(db: Database, organisation_id?: string): Promise<Map<string, number>> {
  const { rows } = await sql<{ organisation_id: string; count: number }>`
    select organisation_id, count(*)::int as count from factors.own_factor
    where ${organisation_id ?? null}::text is null or organisation_id = ${organisation_id ?? null}
    group by organisation_id`.execute(db.kysely)
  return new Map(rows.map((row) => [row.organisation_id, row.count]))
}

/** Removes what an embedded dataset brought, to put its new state in: a new release may correct it. */
export async function deleteEmbedded(tx: Database, name: string): Promise<void> {
  await sql`delete from factors.factor where embedded_in = ${name}`.execute(tx.kysely)
}

/** Removes rows of a file that an embedded dataset now brings itself. */
export async function deleteByIds(tx: Database, edition: string, ids: readonly string[]): Promise<void> {
  await sql`
    delete from factors.factor
    where edition = ${edition} and embedded_in is null and id in (select json_array_elements_text(${JSON.stringify(ids)}::text::json))
  `.execute(tx.kysely)
}

export async function embeddedDigests(db: Database): Promise<Map<string, string>> {
  const { rows } = await sql<{ name: string; digest: string }>`select name, digest from factors.embedded`.execute(
    db.kysely,
  )
  return new Map(rows.map(({ name, digest }) => [name, digest]))
}

export async function saveEmbeddedDigest(tx: Database, name: string, digest: string): Promise<void> {
  await sql`
    insert into factors.embedded (name, digest) values (${name}, ${digest})
    on conflict (name) do update set digest = excluded.digest
  `.execute(tx.kysely)
}

/** Only one import or seeding writes at a time; the others wait, and then see what it left. */
export async function lockImports(tx: Database): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('factors.import'))`.execute(tx.kysely)
}

export async function findEditionByDigest(db: Database, digest: string): Promise<EditionRow | undefined> {
  const { rows } = await sql<EditionRow>`
    select dataset, edition, publisher, digests, imported_at, counts, is_current
    from factors.any_edition where ${digest} = any (digests) limit 1
  `.execute(db.kysely)
  return rows[0]
}

export async function editionsOf(db: Database, dataset: string, owner: Owner): Promise<EditionRow[]> {
  const shelf = shelfOf(owner)
  const { rows } = await sql<EditionRow>`
    select dataset, edition, publisher, digests, imported_at, counts, is_current
    from ${shelf.edition} where dataset = ${dataset} and ${shelf.is_theirs}
  `.execute(db.kysely)
  return rows
}

export interface ListedEdition extends Omit<EditionRow, 'digests'> {
  factors: number
}

export async function listEditions(db: Database): Promise<ListedEdition[]> {
  const { rows } = await sql<ListedEdition>`
    select edition.dataset, edition.edition, edition.publisher, edition.imported_at, edition.counts, edition.is_current,
      (select count(*) from factors.any_factor as factor where factor.dataset = edition.dataset
        and factor.edition = edition.edition and factor.organisation_id = edition.organisation_id) as factors
    from factors.any_edition as edition
    order by edition.dataset, edition.imported_at desc, edition.edition desc
  `.execute(db.kysely)
  return rows
}

/** Makes the edition known, or adds a file's digest and counts to one that is. */
export async function saveEdition(
  tx: Database,
  edition: Omit<EditionRow, 'is_current' | 'digests' | 'counts'> & { digest?: string; counts?: object },
  owner: Owner,
): Promise<void> {
  const shelf = shelfOf(owner)
  const digests = edition.digest === undefined ? sql`'{}'::text[]` : sql`array[${edition.digest}::text]`
  await sql`
    insert into ${shelf.edition} as before (${shelf.column}dataset, edition, publisher, digests, imported_at, counts, is_current)
    values (${shelf.value}${edition.dataset}, ${edition.edition}, ${edition.publisher}, ${digests}, ${edition.imported_at.toISOString()},
      ${jsonb(edition.counts ?? {})}, false)
    on conflict (${shelf.column}dataset, edition) do update set
      digests = before.digests || excluded.digests,
      imported_at = case when excluded.digests = '{}' then before.imported_at else excluded.imported_at end,
      counts = case when excluded.digests = '{}' then before.counts else excluded.counts end
  `.execute(tx.kysely)
}

/** Makes one edition of a dataset the one that a reference without edition means. */
export async function setCurrent(tx: Database, dataset: string, edition: string, owner: Owner): Promise<void> {
  const shelf = shelfOf(owner)
  await sql`
    update ${shelf.edition} set is_current = false
    where dataset = ${dataset} and ${shelf.is_theirs} and is_current and edition <> ${edition}
  `.execute(tx.kysely)
  await sql`
    update ${shelf.edition} set is_current = true
    where dataset = ${dataset} and ${shelf.is_theirs} and edition = ${edition} and not is_current
  `.execute(tx.kysely)
}

export interface StoredContent {
  id: string
  content: string
  embedded_in: string | null
  total_kg_co2e: number
}

/** What is there of an edition, without the documents. */
export async function contentsOf(
  db: Database,
  dataset: string,
  edition: string,
  owner: Owner,
): Promise<StoredContent[]> {
  const shelf = shelfOf(owner)
  const { rows } = await sql<StoredContent>`
    select id, content, embedded_in, (doc ->> 'total_kg_co2e')::float8 as total_kg_co2e
    from ${shelf.factor} where dataset = ${dataset} and edition = ${edition} and ${shelf.is_theirs}
  `.execute(db.kysely)
  return rows
}

export interface Curated {
  id: string
  unit: string
  activity: string
  attributes: Factor['attributes'] | null
}

/** Which rows of a dataset the program knows the use of: ids are stable over editions, so a new edition inherits it. */
export async function curatedOf(db: Database, dataset: string): Promise<Curated[]> {
  const { rows } = await sql<Curated>`
    select distinct on (id) id, unit, activity, doc -> 'attributes' as attributes
    from factors.factor where dataset = ${dataset} and embedded_in is not null and activity is not null
    order by id, edition desc
  `.execute(db.kysely)
  return rows
}

export async function insertWords(tx: Database, words: readonly string[], owner: Owner): Promise<void> {
  const shelf = shelfOf(owner)
  await sql`
    insert into ${shelf.word} (${shelf.column}word)
    select ${shelf.value}word from json_array_elements_text(${JSON.stringify(words)}::text::json) as given (word)
    -- A word that anybody can find something by need not be kept twice.
    where ${owner === null ? sql`true` : sql`not exists (select from factors.word as known where known.word = given.word)`}
    on conflict (${shelf.column}word) do nothing
  `.execute(tx.kysely)
}

/**
 * After many rows at once: what the word indexes have put aside is sorted in, which halves the time of an import and
 * keeps the next search fast, and the planner learns what is there.
 */
export async function settle(tx: Database): Promise<void> {
  await sql`select gin_clean_pending_list('factors.factor_search'), gin_clean_pending_list('factors.word_like')`.execute(
    tx.kysely,
  )
  await sql`analyze factors.factor, factors.word, factors.edition`.execute(tx.kysely)
}

const sameEdition = sql`edition.organisation_id = factor.organisation_id
  and edition.dataset = factor.dataset and edition.edition = factor.edition`

/** The factors of these references, in one query: pinned editions as pinned, the others current. */
export async function findFactors(
  db: Database,
  refs: readonly FactorRef[],
): Promise<(Found & { asked_edition: string | null })[]> {
  const { rows } = await sql<{ doc: Factor; is_current: boolean; asked_edition: string | null }>`
    select factor.doc, edition.is_current, asked.edition as asked_edition
    from json_to_recordset(${JSON.stringify(refs)}::text::json) as asked (id text, edition text)
    join factors.any_factor as factor on factor.id = asked.id
    join factors.any_edition as edition on ${sameEdition}
    where case when asked.edition is null then edition.is_current else factor.edition = asked.edition end
  `.execute(db.kysely)
  return rows.map(({ doc, is_current, asked_edition }) => ({ factor: doc, is_current, asked_edition }))
}

export async function editionsWith(db: Database, id: string): Promise<string[]> {
  const { rows } = await sql<{
    edition: string
  }>`select distinct edition from factors.any_factor where id = ${id}`.execute(db.kysely)
  return rows.map(({ edition }) => edition)
}

/** Changes whenever a publisher's edition comes, goes out of date or grows, and with every dataset that the program brings along. */
export async function catalogueState(db: Database): Promise<string> {
  const { rows } = await sql<{ state: string }>`
    select md5(
      (select coalesce(string_agg(edition::text, '|' order by dataset, edition), '') from factors.edition) ||
      (select coalesce(string_agg(embedded::text, '|' order by name), '') from factors.embedded)
    ) as state
  `.execute(db.kysely)
  return rows[0]?.state ?? ''
}

/**
 * Valid factors that serve one of these activities, in the order of their ids, the current edition of each last: an
 * inventory of 2022 is served by the edition that speaks for 2022. Publishers' alone: an
 * organisation's own factor is used by naming it, and the answer may be kept for all organisations at once.
 */
export async function factorsOfActivities(db: Database, activities: readonly string[]): Promise<Factor[]> {
  const { rows } = await sql<{ doc: Factor }>`
    select factor.doc
    from factors.factor
    join factors.edition on edition.dataset = factor.dataset and edition.edition = factor.edition
    where factor.status = 'valid'
      and factor.activity in (select json_array_elements_text(${JSON.stringify(activities)}::text::json))
    order by factor.id, edition.is_current
  `.execute(db.kysely)
  return rows.map(({ doc }) => doc)
}

export interface WordAnswer {
  word: string
  is_known: boolean
  begins_another: boolean
  /** The first word in the alphabet that it begins, itself when it is one. */
  completion: string | null
  near: string[]
}

/** Which words anything is found by, which begin one, and the likest ones to those that do neither. */
export async function lookUpWords(db: Database, words: readonly string[]): Promise<WordAnswer[]> {
  const { rows } = await sql<WordAnswer>`
    select asked.word, known.is_known, known.begins_another, known.completion,
      case when known.begins_another then '{}'
        else array(
          select word from factors.any_word as word
          where word.word operator(public.%) asked.word
          order by public.similarity(word.word, asked.word) desc, word.word limit 12)
      end as near
    from json_array_elements_text(${JSON.stringify(words)}::text::json) as asked (word),
    lateral (select
      next.word = asked.word as is_known, starts_with(next.word, asked.word) as begins_another,
        case when starts_with(next.word, asked.word) then next.word end as completion
      from (select (select word.word from factors.any_word as word where word.word >= asked.word order by word.word limit 1) as word) as next
    ) as known
  `.execute(db.kysely)
  return rows
}

export interface SearchFilter {
  dimension?: string
  unit?: string
  geography?: string
  year?: number
  status: 'valid' | 'archived' | 'all'
  category?: string
  dataset?: string
  edition?: string
  activity?: string
}

export interface SearchOrder {
  /** A tsquery, made of our own words only. Undefined lists everything. */
  tsquery?: string
  /** The query and its synonyms as whole phrases: a factor plainly called so comes first. */
  phrases: readonly string[]
  today: string
  limit: number
  offset: number
}

/** How many of the matches have their words weighed. A word that thousands share tells little about any of them. */
const RANKED_MAX = 300

/**
 * One page of what matches, best first, and how many match. Matches are put in order by their standing (whether they
 * are plainly called so, how plain, how recent), and the best of them by how well the words fit as well: the plain name
 * before the rest. Documents are read for the page alone.
 */
export async function searchFactors(
  db: Database,
  filter: SearchFilter,
  order: SearchOrder,
): Promise<{ total: number; found: Found[] }> {
  if (order.tsquery === undefined) return searchPage(db, filter, order)
  return db.transaction(async (tx) => {
    // The planner reckons a match as cheap as any comparison, and would rather read every row than ask the word index.
    await sql`set local enable_seqscan = off`.execute(tx.kysely)
    return searchPage(tx, filter, order)
  })
}

async function searchPage(
  db: Database,
  filter: SearchFilter,
  order: SearchOrder,
): Promise<{ total: number; found: Found[] }> {
  const query = order.tsquery === undefined ? sql`null::tsquery` : sql`${order.tsquery}::tsquery`
  const conditions = [
    ...(order.tsquery === undefined ? [] : [sql`factor.search @@ ${query}`]),
    ...(filter.status === 'all' ? [] : [sql`factor.status = ${filter.status}`]),
    ...(filter.edition === undefined ? [sql`edition.is_current`] : [sql`factor.edition = ${filter.edition}`]),
    ...(filter.dimension === undefined ? [] : [sql`factor.dimension = ${filter.dimension}`]),
    ...(filter.unit === undefined ? [] : [sql`factor.unit = ${filter.unit}`]),
    ...(filter.geography === undefined ? [] : [sql`factor.geography = ${filter.geography}`]),
    ...(filter.category === undefined ? [] : [sql`factor.category = ${filter.category}`]),
    ...(filter.dataset === undefined ? [] : [sql`factor.dataset = ${filter.dataset}`]),
    ...(filter.activity === undefined ? [] : [sql`factor.activity = ${filter.activity}`]),
    ...(filter.year === undefined
      ? []
      : [
          sql`coalesce(factor.valid_from, '-infinity') <= make_date(${filter.year}::int, 12, 31)`,
          sql`coalesce(factor.valid_to, 'infinity') >= make_date(${filter.year}::int, 1, 1)`,
        ]),
  ]
  const phrases = sql`string_to_array(${order.phrases.join('|')}, '|')`
  const is_called_so = order.tsquery === undefined ? sql`false` : sql`factor.heads && ${phrases}`
  const text_rank =
    order.tsquery === undefined ? sql`0` : sql`ts_rank('{0.02, 0.1, 0.4, 1}', factor.search, ${query}, 1)`
  const { rows } = await sql<{ doc: Factor; is_current: boolean; total: number }>`
    with hit as materialized (
      select factor.organisation_id, factor.id, factor.edition, edition.is_current,
        case when ${is_called_so} then 0.5::float8 + factor.plainness else 0 end + 0.3::float8 * factor.plainness
          + greatest(0, 0.3::float8 - 0.03::float8 * (${Number(order.today.slice(0, 4))}::int - coalesce(factor.year, 2018))) as standing
      from factors.any_factor as factor
      join factors.any_edition as edition on ${sameEdition}
      where ${sql.join(conditions, sql` and `)}
    ), best as (
      select * from hit order by standing desc, id, edition limit greatest(${RANKED_MAX}::int, ${order.offset}::int + ${order.limit}::int)
    ), page as (
      select best.*, best.standing + (${text_rank}) * (0.5 + factor.plainness) as rank
      from best join factors.any_factor as factor using (organisation_id, id, edition)
      order by rank desc, id, edition limit ${order.limit}::int offset ${order.offset}::int
    )
    select factor.doc, page.is_current, (select count(*) from hit) as total
    from page join factors.any_factor as factor using (organisation_id, id, edition)
    order by page.rank desc, page.id, page.edition
  `.execute(db.kysely)
  const total = rows[0]?.total ?? (order.offset === 0 ? 0 : await countFactors(db, conditions))
  return { total, found: rows.map(({ doc, is_current }) => ({ factor: doc, is_current })) }
}

/** For a page beyond the end, which has no row to carry the number. */
async function countFactors(db: Database, conditions: ReturnType<typeof sql>[]): Promise<number> {
  const { rows } = await sql<{ total: number }>`
    select count(*) as total from factors.any_factor as factor
    join factors.any_edition as edition on ${sameEdition}
    where ${sql.join(conditions, sql` and `)}
  `.execute(db.kysely)
  return rows[0]?.total ?? 0
}

/** The geographies for which current, valid factors of an activity are there. */
export async function geographiesOf(db: Database, activity: string): Promise<string[]> {
  const { rows } = await sql<{ geography: string }>`
    select distinct factor.geography
    from factors.factor
    join factors.edition on edition.dataset = factor.dataset and edition.edition = factor.edition
    where edition.is_current and factor.status = 'valid' and factor.activity = ${activity}
    order by factor.geography
  `.execute(db.kysely)
  return rows.map(({ geography }) => geography)
}

/** The factors that an organisation wrote itself. */
export async function ownFactorsOf(db: Database, organisation_id: string): Promise<Factor[]> {
  const { rows } = await sql<{ doc: Factor }>`select doc from factors.own_factor
    where organisation_id = ${organisation_id} order by id, edition`.execute(db.kysely)
  return rows.map(({ doc }) => doc)
}

/** Deletes them, with their editions and the words they are found by; returns how many factors. */
export async function deleteOwnOf(tx: Database, organisation_id: string): Promise<number> {
  const { numAffectedRows } =
    await sql`delete from factors.own_factor where organisation_id = ${organisation_id}`.execute(tx.kysely)
  await sql`delete from factors.own_edition where organisation_id = ${organisation_id}`.execute(tx.kysely)
  await sql`delete from factors.own_word where organisation_id = ${organisation_id}`.execute(tx.kysely)
  return Number(numAffectedRows ?? 0)
}
