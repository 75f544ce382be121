import { digestOf } from '@tidemark/core/certificates/canonical.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Verdict } from '@tidemark/core/models/contract.ts'
import type { Kept } from '@tidemark/core/models/kept.ts'
import { doubtsOf, type DoubtedReading, type DoubtedSeries } from '@tidemark/core/telemetry/class-doubts.ts'
import { isForestMeasure } from '@tidemark/core/telemetry/class-features.ts'
import {
  ClassForest,
  classScorer,
  FOREST_ALARM_SHARE,
  FOREST_DAYS_MIN,
  FOREST_DEVICES_MAX,
  FOREST_READINGS_MAX,
  FOREST_READINGS_MIN,
  needsOf,
  needsSentence,
  type ClassScorer,
  type DeviceHistory,
  type ForestNeeds,
} from '@tidemark/core/telemetry/class-forest.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import { PROFILE_READINGS_MIN } from '@tidemark/core/telemetry/profile.ts'
import { readReading } from '@tidemark/core/telemetry/reading.ts'
import { rulesFor } from '@tidemark/core/telemetry/take-in.ts'
import type { ForestPast, SeriesPast } from '@tidemark/core/telemetry/validate-batch.ts'
import {
  keptChampion,
  keptStanding,
  observeKept,
  trainKept,
  wishKept,
  type KeptModel,
  type KeptRun,
  type KeptTrained,
} from '../models/service.ts'
import type { Context } from '../platform/context.ts'
import { actingFor, organisationOf } from '../platform/tenancy.ts'
import { growInThread } from './detector-thread.ts'
import { checkBit } from './finding-bits.ts'
import * as store from './store.ts'

/** The forests of device classes: kept in the registry of models, one for what is measured and one for what is played. */

type DeviceClass = Pick<store.DeviceRow, 'kind' | 'simulated'>

/** A class that had too little is looked at again after this. */
const AGAIN_MS = 86_400_000
const GROWN_MIN = 1.5
const DAY_MS = 86_400_000
const FOREST_BIT = checkBit.get('isolation_forest') ?? 0

const detectorName = ({ kind, simulated }: DeviceClass) =>
  `detector-${kind.replaceAll('_', '-')}${simulated ? '-simulated' : ''}`

function detectorModel({ kind, simulated }: DeviceClass): KeptModel {
  return {
    name: detectorName({ kind, simulated }),
    title: `Detector: ${kind}${simulated ? ', simulated' : ''}`,
    task: 'anomaly',
    cadence: 'weekly',
    kept: keptOf({ kind, simulated }, []),
    card: {
      purpose:
        'Says which readings of a device are unlike what its class has shown, after the rules have had their say.',
      limits:
        'It cannot extrapolate: beyond the ranges of its past only rules tell. A slow drift is not its business. What is strange is not always wrong.',
      data: 'Accepted readings of the devices of the class, in this organisation alone.',
    },
  }
}

function keptOf({ kind, simulated }: DeviceClass, series: Kept['series']): Kept {
  return {
    keeper: 'telemetry',
    kind: 'detector',
    subject: kind,
    site: null,
    device_kind: kind,
    series,
    simulated,
    answers_at: 'POST /api/v1/readings, POST /api/v1/validate-iot-data',
  }
}

/** A forest that answers, and where it stands in the registry. */
export interface Detector {
  name: string
  version: number
  sha256: string
  scorer: ClassScorer
}

/** Reading a forest takes longer than scoring with it: each file is read once. */
const scorers = new WeakMap<object, ClassScorer>()

/** The forest of a class; undefined where none is trained. */
export async function detectorOf(ctx: Context, device: DeviceClass): Promise<Detector | undefined> {
  const found = await keptChampion(ctx, detectorName(device))
  if (found === undefined || typeof found.file !== 'object' || found.file === null) return undefined
  const { name, version, sha256 } = found
  const known = scorers.get(found.file)
  if (known !== undefined) return { name, version, sha256, scorer: known }
  const file = ClassForest.safeParse(found.file)
  // What another version of this program wrote is as good as nothing: it is learnt anew.
  if (!file.success) return undefined
  const scorer = classScorer(file.data)
  scorers.set(found.file, scorer)
  return { name, version, sha256, scorer }
}

/** What a series remembers, as the forest needs it. */
export function doubtedSeries(
  device: Pick<store.DeviceRow, 'measures'>,
  { measure, profile, state, last_at }: Pick<store.SeriesRow, 'measure' | 'profile' | 'state' | 'last_at'>,
): DoubtedSeries[] {
  const known = measures.get(measure)
  if (known === undefined) return []
  const { range } = rulesFor(known, device.measures[measure], profile)
  return [{ measure, profile, last: state.checks.last, last_at_ms: last_at?.getTime() ?? null, range }]
}

/** What forests say of a batch that is validated, sensor by sensor; and why where they say nothing. */
export async function forestsOver(
  ctx: Context,
  devices: readonly store.DeviceRow[],
  past: readonly SeriesPast[],
  readings: readonly unknown[],
): Promise<ForestPast[]> {
  const by_sensor = Map.groupBy(
    readings.flatMap((input, index) => {
      const read = readReading(input, '')
      return 'faults' in read ? [] : [{ index, reading: read.reading }]
    }),
    ({ reading }) => reading.sensor_id,
  )
  const known = new Set(devices.map(({ sensor_id }) => sensor_id))
  const said = [...by_sensor.keys()]
    .filter((sensor_id) => !known.has(sensor_id))
    .sort()
    .map((sensor_id): ForestPast => ({ sensor_id, forest: null, reason: 'The device is not known.', scores: [] }))
  for (const device of devices.toSorted((a, b) => (a.sensor_id < b.sensor_id ? -1 : 1))) {
    const own = by_sensor.get(device.sensor_id) ?? []
    const simulated = device.simulated || own.some(({ reading }) => reading.simulated)
    const detector = await detectorOf(ctx, { kind: device.kind, simulated })
    const none = (reason: string) => ({ sensor_id: device.sensor_id, forest: null, reason, scores: [] })
    if (detector === undefined) {
      said.push(none(await reasonForNone(ctx, { kind: device.kind, simulated })))
      continue
    }
    const of_device = past.filter(({ sensor_id }) => sensor_id === device.sensor_id)
    if (!of_device.some(({ profile, measure }) => profile !== null && isForestMeasure(measure))) {
      said.push(
        none(
          `The device has no profile of its own yet: ${PROFILE_READINGS_MIN} accepted readings over 3 days are needed.`,
        ),
      )
      continue
    }
    const series = of_device.flatMap(({ measure, profile, memory, last_at_ms, declared }): DoubtedSeries[] => {
      const known = measures.get(measure)
      if (known === undefined) return []
      const { range } = rulesFor(known, declared ?? undefined, profile)
      return [{ measure, profile, last: memory?.checks.last ?? null, last_at_ms, range }]
    })
    const asked = own.map(({ index, reading }): DoubtedReading => ({
      index,
      at_ms: reading.captured_at_ms,
      values: reading.values,
    }))
    const scores = [...doubtsOf(detector.scorer, series, asked)].map(([index, { score, measure }]) => ({
      index,
      score,
      measure,
    }))
    const { name, version, sha256 } = detector
    said.push({
      sensor_id: device.sensor_id,
      forest: { name, version, sha256, device_kind: device.kind },
      reason: null,
      scores,
    })
  }
  return said
}

/** The rule of the cold start, said out loud: how much accepted history there is, and how much is needed. */
async function reasonForNone(ctx: Context, device: DeviceClass): Promise<string> {
  const standing = await keptStanding(ctx, detectorName(device))
  if (standing?.is_retired === true)
    return `Somebody took the forest of ${device.kind} devices out of use: see its model.`
  const needs = await needsNow(ctx, device)
  const is_enough = needs.readings >= FOREST_READINGS_MIN && needs.days >= FOREST_DAYS_MIN
  if (!is_enough) return needsSentence(device.kind, needs)
  return standing?.last_run?.reason ?? `The forest of ${device.kind} devices is being grown; ask again in a minute.`
}

/** How much accepted history the profiles of a class rest on. */
async function needsNow(ctx: Context, device: DeviceClass): Promise<ForestNeeds> {
  const rows = (await store.listClassSeries(ctx.db, organisationOf(ctx), device)).filter(({ measure }) =>
    isForestMeasure(measure),
  )
  const most = new Map<string, number>()
  let [from_ms, to_ms] = [Infinity, -Infinity]
  for (const { device_id, profile } of rows) {
    if (profile === null) continue
    most.set(device_id, Math.max(most.get(device_id) ?? 0, profile.readings_count))
    from_ms = Math.min(from_ms, profile.from_ms)
    to_ms = Math.max(to_ms, profile.to_ms)
  }
  const readings = [...most.values()].reduce((sum, count) => sum + count, 0)
  return needsOf(readings, most.size === 0 ? 0 : (to_ms - from_ms) / DAY_MS, most.size)
}

/** After a device learnt a profile: has the forest of its class grown where there is none yet and there is enough for one. */
export async function wishDetector(ctx: Context, { series_id }: { series_id: number }): Promise<void> {
  const device = await store.findDeviceOfSeries(ctx.system_db, series_id)
  if (device === undefined) return
  const own = actingFor(ctx, device.organisation_id)
  const standing = await keptStanding(own, detectorName(device))
  const asked_ms = standing?.last_run?.created_at.getTime() ?? -Infinity
  if (ctx.now().getTime() - asked_ms < AGAIN_MS) return
  const { readings, days } = await needsNow(own, device)
  if (readings < FOREST_READINGS_MIN || days < FOREST_DAYS_MIN) return
  const taught = (await keptChampion(own, detectorName(device)))?.metrics.readings ?? 0
  // What a forest learnt of is a part of what there is now: devices joined, or the history grew.
  if (Math.min(readings, FOREST_READINGS_MAX) < GROWN_MIN * taught) return
  await wishKept(own, detectorModel(device), 'schedule')
}

/** The job: grows the forest that a run is of. */
export async function trainDetector(ctx: Context, payload: { run_id: string }): Promise<void> {
  await trainKept(ctx, payload, async (own, run) => growForest(own, run))
}

async function growForest(ctx: Context, { model, say, step, signal }: KeptRun): Promise<KeptTrained> {
  const kept = model.kept
  const device_class = { kind: kept?.subject as store.DeviceRow['kind'], simulated: kept?.simulated ?? false }
  const { histories, series } = await historiesOf(ctx, device_class, signal)
  say(
    `Read ${histories.length} devices with a profile: ${histories.reduce((sum, each) => sum + Math.max(...each.series.map(({ samples }) => samples.length)), 0)} readings.`,
  )
  const assignment = { device_kind: device_class.kind, histories, seed: 0 }
  const grown = await growInThread(assignment, (done) => step(done.step, done.of), signal)
  if ('needs' in grown) throw new Problem('models/no-data', { detail: needsSentence(device_class.kind, grown.needs) })
  const forest = grown.model
  return {
    file: forest,
    data_sha256: digestOf(
      histories.map((each) => [
        each.sensor_id,
        each.series.map(({ measure, samples }) => [measure, samples.flatMap(({ at_ms, value }) => [at_ms, value])]),
      ]),
    ).replace('sha256:', ''),
    readings: {
      from: new Date(forest.trained_from_ms).toISOString(),
      to: new Date(forest.trained_to_ms).toISOString(),
      count: forest.readings,
    },
    algorithm: 'isolation-forest',
    metrics: {
      loss: forest.alarm_share,
      readings: forest.readings,
      held_out: forest.held_out,
      devices: forest.devices,
      measures: forest.measures.length,
    },
    verdict: verdictOn(forest),
    kept: keptOf(device_class, series.slice(0, 200)),
  }
}

async function historiesOf(ctx: Context, device: DeviceClass, signal: AbortSignal) {
  const rows = (await store.listClassSeries(ctx.db, organisationOf(ctx), device)).filter(
    // Profiles are learnt one after the other: whoever has enough for one teaches, whether its turn has come or not.
    ({ measure, readings }) => readings >= PROFILE_READINGS_MIN && isForestMeasure(measure),
  )
  const by_device = [...Map.groupBy(rows, ({ sensor_id }) => sensor_id)]
    .sort(([, a], [, b]) => (b[0]?.readings ?? 0) - (a[0]?.readings ?? 0))
    .slice(0, FOREST_DEVICES_MAX)
  const each_max = Math.max(2 * PROFILE_READINGS_MIN, Math.ceil(FOREST_READINGS_MAX / Math.max(1, by_device.length)))
  const histories: DeviceHistory[] = []
  for (const [sensor_id, own] of by_device) {
    const read: { measure: string; samples: { at_ms: number; value: number }[] }[] = []
    for (const { series_id, measure } of own) {
      signal.throwIfAborted()
      read.push({ measure, samples: await store.lastTaught(ctx.db, series_id, each_max, FOREST_BIT) })
    }
    histories.push({ sensor_id, series: read })
  }
  histories.sort((a, b) => (a.sensor_id < b.sensor_id ? -1 : 1))
  const used = new Set(histories.map(({ sensor_id }) => sensor_id))
  const series = rows
    .filter(({ sensor_id }) => used.has(sensor_id))
    .map(({ sensor_id, measure }) => ({ sensor_id, measure }))
  return { histories, series }
}

/** Without labels nothing says that one forest is better than another: the newer knows what the class does now. */
function verdictOn({ readings, devices, days, alarm_share, held_out }: ClassForest): Verdict {
  const says =
    `${readings} accepted readings of ${devices} devices over ${days.toFixed(0)} days; of ${held_out} later ones held out, ` +
    `${(100 * alarm_share).toFixed(2)} % stand apart (${100 * FOREST_ALARM_SHARE} % allowed).`
  return {
    outcome: 'passed',
    says: `passed: ${says}`,
    against: 'nothing: without labels forests cannot be compared',
    gain: null,
    gain_lower: null,
    gain_upper: null,
    gain_min: 0,
    rows: held_out,
    gates: [{ gate: 'gain', outcome: 'not-assessable', says }],
  }
}

/** Once a day, for every class of every organisation: which share of yesterday's readings its forest doubted. */
export async function observeDetectors(ctx: Context): Promise<void> {
  const day_ms = Math.floor(ctx.now().getTime() / DAY_MS) * DAY_MS - DAY_MS
  const [from, to] = [new Date(day_ms), new Date(day_ms + DAY_MS)]
  for (const row of await store.countDoubted(ctx.system_db, from, to, FOREST_BIT)) {
    const own = actingFor(ctx, row.organisation_id)
    const champion = await keptChampion(own, detectorName(row))
    if (champion === undefined) continue
    const { readings, doubted } = row
    const day = {
      day: from.toISOString().slice(0, 10),
      answers: readings,
      outcomes: readings,
      loss_sum: doubted,
      banded: 0,
      held: 0,
    }
    await observeKept(own, champion, day)
  }
}
