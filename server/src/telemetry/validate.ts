import { decimalOf } from '@tidemark/core/certificates/canonical.ts'
import { evidenceDigests, type EvidenceOf } from '@tidemark/core/certificates/kinds/kinds.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type {
  getValidation as getRoute,
  listValidations as listRoute,
  validate as validateRoute,
} from '@tidemark/core/telemetry/contract.ts'
import { keptReading } from '@tidemark/core/telemetry/kept-reading.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import {
  validateBatch,
  type BatchValidation,
  type ForestPast,
  type SeriesPast,
} from '@tidemark/core/telemetry/validate-batch.ts'
import { record } from '../audit/service.ts'
import { issueCertificate, type FactsToCertify, type IssuedCertificate } from '../certificates/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { sourceDigestOf } from '../platform/source-digest.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { emit } from '../webhooks/service.ts'
import { forestsOver } from './detectors.ts'
import * as store from './store.ts'
import * as validations from './validation-store.ts'

type Input = InputOf<typeof validateRoute>
type Output = OutputOf<typeof validateRoute>
type Evidence = EvidenceOf<'sensor_batch'>

/**
 * Checks and scores readings as they would be when they are taken in, and certifies what was found. No series takes them
 * in. What is not certified is not kept either: the answer says why.
 */
export async function validate(ctx: Context, input: Input): Promise<Output> {
  const validated_at = ctx.now()
  // The text is what is kept and digested. Only what it says is validated, so that doing it again meets the same.
  const readings = input.sensor_readings.map((reading) => JSON.stringify(keptReading(reading)) ?? 'null')
  const parsed = readings.map((text): unknown => JSON.parse(text))
  const { past, forests } = await pastOf(ctx, parsed)
  const { validation_level } = input
  const found = validateBatch({
    readings: parsed,
    validation_level,
    validated_at_ms: validated_at.getTime(),
    past,
    forests,
  })
  const { quality_score, validation_results } = found
  const answer = { success: true, quality_score, validation_results } as const
  const not_certified = reasonAgainst(found)
  if (not_certified)
    return { ...answer, validation_id: null, certificate_id: null, certificate_hash: null, not_certified }
  const request = {
    validation_id: newId('val', validated_at),
    validated_at: validated_at.toISOString(),
    validation_level,
    engine_digest: await sourceDigestOf(['telemetry', 'lib']),
  }
  const { certificate_id, certificate_hash } = await keep(ctx, input, {
    request,
    readings,
    past: [...past, ...forests],
    found,
  })
  return { ...answer, validation_id: request.validation_id, certificate_id, certificate_hash, not_certified: null }
}

/** What is known of every series that the readings would go to, and what the forests of their classes say. */
async function pastOf(
  ctx: Context,
  readings: readonly unknown[],
): Promise<{ past: SeriesPast[]; forests: ForestPast[] }> {
  const wanted = new Map<string, Set<string>>()
  for (const reading of readings) {
    const { sensor_id, measurements } = Object(reading) as Record<string, unknown>
    if (typeof sensor_id !== 'string') continue
    const ids = wanted.get(sensor_id) ?? new Set()
    for (const id of Object.keys(Object(measurements) as object)) if (measures.has(id)) ids.add(id)
    wanted.set(sensor_id, ids)
  }
  // A name that no device can have would not be text to the database either.
  const names = [...wanted.keys()].filter((name) => name.isWellFormed() && !name.includes('\u0000'))
  const devices = await store.findDevicesBySensor(ctx.db, organisationOf(ctx), names)
  const known = await store.listSeries(
    ctx.db,
    devices.map(({ device_id }) => device_id),
  )
  const seriesOf = new Map(known.map((each) => [`${each.device_id} ${each.measure}`, each]))
  const past = devices.flatMap(({ device_id, sensor_id, simulated, measures: declared }) =>
    [...(wanted.get(sensor_id) ?? [])].map((measure): SeriesPast => {
      const series = seriesOf.get(`${device_id} ${measure}`)
      return {
        sensor_id,
        measure,
        simulated,
        declared: declared[measure] ?? null,
        profile: series?.profile ?? null,
        memory: series?.state ?? null,
        last_at_ms: series?.last_at?.getTime() ?? null,
      }
    }),
  )
  past.sort((a, b) => (`${a.sensor_id} ${a.measure}` < `${b.sensor_id} ${b.measure}` ? -1 : 1))
  return { past, forests: await forestsOver(ctx, devices, past, readings) }
}

function reasonAgainst({ counts }: BatchValidation): Output['not_certified'] {
  if (counts.accepted === 0) {
    return {
      says_en: 'No reading was valid, and a certificate would vouch for nothing.',
      says_fr: 'Aucun relevé n’est valide : un certificat ne garantirait rien.',
    }
  }
  if (counts.simulated > 0) {
    return {
      says_en: `${counts.simulated} of the readings were played by a program. Only what was measured is certified.`,
      says_fr: `${counts.simulated} des relevés sont joués par un programme. Seul ce qui est mesuré est certifié.`,
    }
  }
  return null
}

interface Kept {
  request: Evidence['request']
  readings: string[]
  past: (SeriesPast | ForestPast)[]
  found: BatchValidation
}

/** Puts a validation on record with its certificate, or neither. */
async function keep(ctx: Context, input: Input, { request, readings, past, found }: Kept): Promise<IssuedCertificate> {
  const { project_id, project_name, project_type, project_location } = input
  const { validation_id, validated_at, validation_level } = request
  // As it will be read again: a certificate must not depend on what JSON leaves out.
  const evidence = JSON.parse(JSON.stringify({ request, readings, past, result: found })) as Evidence
  const sensor_ids = [...new Set(found.validation_results.flatMap(({ sensor_id }) => sensor_id ?? []))]
  return ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    const issued = await issueCertificate(inside, 'sensor_batch', {
      ...factsOf(evidence, found),
      subject: {
        id: project_id,
        name: project_name ?? project_id,
        ...(project_type === undefined ? {} : { sector: project_type }),
        ...(project_location === undefined ? {} : { location: project_location }),
      },
    })
    const { certificate_id, certificate_hash } = issued
    await validations.insertValidation(tx, {
      validation_id,
      organisation_id: organisationOf(ctx),
      validated_at: new Date(validated_at),
      validation_level,
      project_id,
      sensor_ids: sensor_ids.filter((name) => !name.includes('\u0000')),
      total_readings: found.counts.total,
      valid_readings: found.counts.accepted,
      quality_score: found.quality_score.score,
      certificate_id,
      certificate_hash,
      evidence: JSON.stringify(evidence),
    })
    await emit(inside, 'certificate.issued', { certificate_id, kind: 'sensor_batch', record_id: validation_id })
    await record(inside, {
      action: 'telemetry.batch_certified',
      resource: { type: 'validation', id: validation_id },
      after: { certificate_id, certificate_hash },
    })
    return issued
  })
}

/** What the certificate states, as exact decimals. */
function factsOf(evidence: Evidence, found: BatchValidation): Omit<FactsToCertify<'sensor_batch'>, 'subject'> {
  const { request } = evidence
  const { method, counts, captured, sensors, quality_score } = found
  const { details } = quality_score
  invariant(captured !== null && typeof details === 'object' && counts.simulated === 0, 'such a batch is not certified')
  return {
    validation_id: request.validation_id,
    validated_at: request.validated_at,
    validation_level: request.validation_level,
    captured,
    counts: { ...counts, simulated: 0 },
    quality: {
      score: decimalOf(quality_score.score),
      score_all_readings: decimalOf(quality_score.score_all_readings),
      data_coverage: decimalOf(quality_score.data_coverage),
      completeness: decimalOf(details.completeness),
      accuracy: decimalOf(details.accuracy),
      consistency: decimalOf(details.consistency),
      timeliness: decimalOf(details.timeliness),
      validity: decimalOf(details.validity),
    },
    sensors,
    method: { ...method, engine_digest: request.engine_digest },
    ...evidenceDigests.sensor_batch(evidence),
  }
}

/** What a certified validation came from and came to, for whoever wants to do it again. */
export async function batchEvidenceOf(ctx: Context, validation_id: string): Promise<Evidence | undefined> {
  const row = await validations.findValidation(ctx.db, organisationOf(ctx), validation_id)
  return row?.evidence === undefined || row.evidence === null ? undefined : (JSON.parse(row.evidence) as Evidence)
}

export async function listValidations(
  ctx: Context,
  query: InputOf<typeof listRoute>,
): Promise<OutputOf<typeof listRoute>> {
  const rows = await validations.listValidations(ctx.db, organisationOf(ctx), query)
  return { validations: rows.map(shown) }
}

export async function getValidation(
  ctx: Context,
  { validation_id }: InputOf<typeof getRoute>,
): Promise<OutputOf<typeof getRoute>> {
  const row = await validations.findValidation(ctx.db, organisationOf(ctx), validation_id)
  if (!row) {
    throw new Problem('telemetry/unknown-validation', { detail: `There is no validation ${validation_id}.` })
  }
  const { evidence, ...head } = row
  const result = evidence === null ? null : (JSON.parse(evidence) as { result: BatchValidation }).result
  return {
    ...shown({ ...head, readings_kept: evidence !== null }),
    quality: result?.quality_score ?? null,
    validation_results: result?.validation_results ?? null,
  }
}

function shown(head: validations.ValidationHead) {
  const { organisation_id: _, validated_at, ...row } = head
  return { ...row, validated_at: validated_at.toISOString() }
}
