import { boundsOfBoundary, type Boundary } from '@tidemark/core/projects/boundary.ts'
import {
  duplicateFindings,
  fileFindings,
  NEAR_DUPLICATE_BITS,
  type SeenElsewhere,
} from '@tidemark/core/projects/integrity.ts'
import type { IntegrityFinding } from '@tidemark/core/projects/measurement.ts'
import type { Context } from '../platform/context.ts'
import type { AnalysisRow } from './analysis-store.ts'
import { GENERATED_LABEL } from './demo-scene.ts'
import { findSameElsewhere, listFiles, type EvidenceFileRow, type SameElsewhere } from './evidence-store.ts'
import { listProjects } from './store.ts'

/**
 * Checks that need the books: whether a picture was handed in before, anywhere, and what its file says against what was
 * said of it. A picture of another organisation is found as well, since the same proof sold twice is what this is for: the
 * answer says that there is one, never whose.
 */
export async function bookFindings(ctx: Context, { task, ...row }: AnalysisRow): Promise<IntegrityFinding[]> {
  const findings: IntegrityFinding[] = row.generated ? [generatedFinding] : []
  for (const side of ['before', 'after'] as const) {
    const scene = task[side]
    const partner = task[side === 'before' ? 'after' : 'before'].evidence_id
    const files = await listFiles(ctx.db, [scene.evidence_id])
    // Whoever tries the files of the generated scene copies nothing of anybody's.
    const sought = row.generated ? [] : files
    const besides = await besidesIn(ctx, row.organisation_id, task.boundary)
    const seen = await Promise.all(sought.map((file) => seenElsewhere(ctx, row, file, partner, besides)))
    findings.push(...duplicateFindings(side, together(seen)))
    const context = { boundary: task.boundary, claimed_on: scene.claimed_on, uploaded_on: scene.uploaded_on }
    // What a whole scene says stands in each of its files; once is enough.
    const [first] = files
    if (first) findings.push(...fileFindings(side, first.facts, context))
  }
  return findings
}

/** Goes into the report and its certificate: whoever holds them reads that nothing of it is real. */
const generatedFinding: IntegrityFinding = {
  check: 'generated_scene',
  found: true,
  value: GENERATED_LABEL,
  threshold: null,
  effect: 'inform',
  caveat: 'The pictures were computed by a program of this installation: they show no real place and prove nothing.',
  image: 'pair',
}

async function seenElsewhere(
  { system_db }: Context,
  { project_id }: Pick<AnalysisRow, 'project_id'>,
  { evidence_id, sha256, pixels_sha256, facts }: EvidenceFileRow,
  partner_id: string,
  besides: readonly string[],
): Promise<SeenElsewhere> {
  // The system's database, because a picture may have been handed in by another organisation. Only counts come back.
  const found = await findSameElsewhere(system_db, {
    project_id,
    evidence_id,
    partner_id,
    sha256,
    pixels_sha256,
    phash_variants: facts.phash === null ? [] : facts.phash_variants,
    distance_max: NEAR_DUPLICATE_BITS,
    // A photograph shows one place; a scene with coordinates shows all that lie in it.
    besides: facts.grid?.crs ? besides : [],
  })
  const count = (by: SameElsewhere['by']) =>
    found.filter((each) => each.by === by).reduce((sum, each) => sum + each.count, 0)
  const distances = found.flatMap(({ by, distance }) => (by === 'phash' ? [distance] : []))
  return {
    same_bytes: count('bytes'),
    same_pixels: count('pixels'),
    nearest_bits: facts.phash === null ? null : Math.min(64, ...distances),
  }
}

/**
 * One's own projects that lie apart from this one. Asked of one's own alone: where others' projects lie is learnt by nobody who
 * hands in a scene with one boundary after another.
 */
async function besidesIn(ctx: Context, organisation_id: string, boundary: Boundary | null): Promise<string[]> {
  if (boundary === null) return []
  const [west, south, east, north] = boundsOfBoundary(boundary)
  const own = await listProjects(ctx.db, organisation_id)
  return own.flatMap(({ id, boundary: other }) => {
    if (other === null) return []
    const [left, bottom, right, top] = boundsOfBoundary(other)
    return left > east || right < west || bottom > north || top < south ? [id] : []
  })
}

function together(seen: readonly SeenElsewhere[]): SeenElsewhere {
  const compared = seen.flatMap(({ nearest_bits }) => nearest_bits ?? [])
  return {
    same_bytes: seen.reduce((sum, { same_bytes }) => sum + same_bytes, 0),
    same_pixels: seen.reduce((sum, { same_pixels }) => sum + same_pixels, 0),
    nearest_bits: compared.length === 0 ? null : Math.min(...compared),
  }
}
