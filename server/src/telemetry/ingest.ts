import { invariant } from '@tidemark/core/lib/invariant.ts'
import { pointer, type Fault } from '@tidemark/core/lib/problem.ts'
import {
  checkTime,
  checkTogether,
  newSeries,
  verdictOf,
  type Finding,
  type Verdict,
} from '@tidemark/core/telemetry/check.ts'
import { doubtsOf, type DoubtedReading } from '@tidemark/core/telemetry/class-doubts.ts'
import { forestFinding, type ForestSaid } from '@tidemark/core/telemetry/class-finding.ts'
import type { BatchSummary, ReadingOutcome } from '@tidemark/core/telemetry/contract.ts'
import { newCounter, type Increment } from '@tidemark/core/telemetry/counter.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import { PROFILE_READINGS_MIN } from '@tidemark/core/telemetry/profile.ts'
import { readReading, type Reading } from '@tidemark/core/telemetry/reading.ts'
import { rulesFor, slotGains, takeIn, type SeriesMemory, type Taken } from '@tidemark/core/telemetry/take-in.ts'
import { z } from 'zod'
import type { Context } from '../platform/context.ts'
import type { Database } from '../platform/database/database.ts'
import { newId } from '../platform/ids.ts'
import { enqueue, jobKind } from '../platform/jobs.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { checkBit } from './finding-bits.ts'
import { detectorOf, doubtedSeries } from './detectors.ts'
import { News } from './news.ts'
import { keptFrom } from './retention.ts'
import { checkSignature, signatureFault, type SignatureVerdict } from './signatures.ts'
import * as store from './store.ts'

export const learnKind = jobKind('telemetry.learn', z.object({ series_id: z.number().int() }))

/** As many readings are told of one by one as a person would look at. */
const OUTCOMES_MAX = 1_000
const freshMemory: SeriesMemory = { checks: newSeries, counter: newCounter }

const verdictNumber: Record<Verdict, 0 | 1 | 2> = { valid: 0, suspect: 1, invalid: 2 }

/** A reading that could be read, of a device that is known. */
interface Accepted {
  index: number
  reading: Reading
  device: store.DeviceRow
  findings: Finding[]
  signature: SignatureVerdict | null
}

/** What became of a reading's values, gathered series by series. */
interface Tally {
  verdict: Verdict
  findings: Finding[]
  stored: number
  duplicates: number
  conflicts: Fault[]
}

/**
 * Takes a batch in, in one transaction: when it returns, everything that it reports as stored is stored, and when it
 * fails nothing is. The same batch may come again.
 */
export async function takeBatch(
  ctx: Context,
  inputs: readonly unknown[],
  source: store.BatchRow['source'],
): Promise<BatchSummary> {
  const organisation_id = organisationOf(ctx)
  const received_at = ctx.now()
  const news = new News()
  const summary = await ctx.db.transaction(async (tx) => {
    const horizon_ms = await keptFrom({ ...ctx, db: tx }, organisation_id)
    const { accepted, refused } = await readAll(tx, organisation_id, inputs, received_at, horizon_ms)
    const tallies = await storeAll({ ...ctx, db: tx }, organisation_id, received_at, accepted, news)
    await noteDevices(tx, accepted)
    const outcomes = [...refused, ...accepted.map((each) => outcomeOf(each, tallies.get(each.index)))]
    const made = summaryOf(outcomes, [...tallies.values()], inputs.length, received_at)
    const { readings: _, signed: __, ...counts } = made
    await store.insertBatch(tx, { ...counts, organisation_id, received_at, source })
    return made
  })
  news.publish(ctx, source)
  return summary
}

async function readAll(
  tx: Database,
  organisation_id: string,
  inputs: readonly unknown[],
  received_at: Date,
  horizon_ms: number | null,
): Promise<{ accepted: Accepted[]; refused: ReadingOutcome[] }> {
  const read = inputs.map((input, index) => ({ index, input, ...readReading(input, pointer(['readings', index])) }))
  const sensor_ids = new Set(read.flatMap((each) => ('reading' in each ? [each.reading.sensor_id] : [])))
  const devices = await store.findDevicesBySensor(tx, organisation_id, [...sensor_ids])
  const deviceOf = new Map(devices.map((device) => [device.sensor_id, device]))
  const accepted: Accepted[] = []
  const refused: ReadingOutcome[] = []
  for (const each of read) {
    if ('faults' in each) {
      refused.push({ ...refusal(each.index, sensorOf(each.input)), faults: each.faults })
      continue
    }
    const { reading, index } = each
    const device = deviceOf.get(reading.sensor_id)
    if (device === undefined || device.retired_at !== null) {
      refused.push({ ...refusal(index, reading.sensor_id), faults: [deviceFault(index, reading.sensor_id, device)] })
      continue
    }
    const signature = checkSignature(each.input, device.public_key)
    const about = { ...refusal(index, reading.sensor_id), signature }
    const findings = checkTime(reading, received_at.getTime())
    if (signature === 'wrong' || signature === 'missing')
      refused.push({ ...about, faults: [signatureFault(index, signature)] })
    // An impossible instant has no place among the possible ones.
    else if (findings.length > 0) refused.push({ ...about, outcome: 'invalid', findings })
    else if (horizon_ms !== null && reading.captured_at_ms < horizon_ms)
      refused.push({ ...about, faults: [horizonFault(index, horizon_ms)] })
    else accepted.push({ index, reading, device, signature, findings: checkTogether(reading.values) })
  }
  return { accepted, refused }
}

function refusal(index: number, sensor_id: string | null): ReadingOutcome {
  return { index, sensor_id, outcome: 'refused', findings: [], faults: [], signature: null }
}

/** It may have been here and been dropped: taken in again, its slot would count it twice. */
function horizonFault(index: number, horizon_ms: number): Fault {
  return {
    path: pointer(['readings', index, 'timestamp']),
    code: 'before-retention',
    message: `Single readings are kept from ${new Date(horizon_ms).toISOString()} on.`,
  }
}

function sensorOf(input: unknown): string | null {
  const sensor_id: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, 'sensor_id') : null
  return typeof sensor_id === 'string' ? sensor_id.slice(0, 120) : null
}

function deviceFault(index: number, sensor_id: string, device: store.DeviceRow | undefined): Fault {
  const path = pointer(['readings', index, 'sensor_id'])
  return device === undefined
    ? {
        path,
        code: 'unknown-device',
        message: 'No device sends under this name. POST /api/v1/devices makes one known.',
        value: sensor_id,
      }
    : { path, code: 'device-retired', message: 'This device was retired.', value: sensor_id }
}

/** Values of one series on their way in, each with the place in the batch of its reading. */
interface SeriesArrivals {
  series: store.SeriesRow
  device: store.DeviceRow
  arrivals: { index: number; at_ms: number; value: number; findings: readonly Finding[] }[]
}

async function storeAll(
  ctx: Context,
  organisation_id: string,
  received_at: Date,
  accepted: readonly Accepted[],
  news: News,
): Promise<Map<number, Tally>> {
  const tallies = new Map(
    accepted.map(({ index, findings }): [number, Tally] => [
      index,
      { verdict: 'valid', findings: [...findings], stored: 0, duplicates: 0, conflicts: [] },
    ]),
  )
  if (accepted.length === 0) return tallies
  const tx = ctx.db
  const groups = await openSeries(tx, organisation_id, accepted)
  const there = await storedAlready(tx, groups)
  const doubts = await doubtsOver(ctx, groups, accepted)
  const values = new store.NewValues()
  const new_slots = new store.SlotSums()
  const slots = new store.SlotSums()
  const changes: store.SeriesChange[] = []
  const grown: store.SeriesRow[] = []
  for (const group of groups) {
    const fresh = dropKnown(group, there, tallies)
    if (fresh.length === 0) continue
    const { taken, memory, increments, slots_s } = takeInto(group, fresh, doubts)
    news.add(group.device, group.series, taken)
    taken.forEach((each, i) => noteTaken(tallies, fresh[i]?.index, each))
    const { series_id, last_at } = group.series
    for (const each of taken) values.add(series_id, each.at_ms, each.value, verdictNumber[each.verdict], bitsOf(each))
    // A slot that begins after the newest value so far cannot be there.
    for (const gain of slotGains(taken, increments, slots_s))
      (last_at === null || gain.slot_start_ms > last_at.getTime() ? new_slots : slots).add(series_id, gain)
    changes.push(changeOf(group.series, taken, memory))
    if (wantsProfile(group.series, taken.length, received_at)) grown.push(group.series)
  }
  if (values.at_ms.length === 0) return tallies
  await store.insertReadings(tx, organisation_id, received_at, values)
  await store.insertRollups(tx, organisation_id, new_slots)
  await store.addToRollups(tx, organisation_id, slots)
  await store.updateSeries(tx, changes)
  for (const { series_id } of grown) await enqueue(tx, learnKind, { series_id })
  return tallies
}

/** Every series that the batch touches, locked, with its values in order of time. */
async function openSeries(
  tx: Database,
  organisation_id: string,
  accepted: readonly Accepted[],
): Promise<SeriesArrivals[]> {
  const groups = groupsOf(accepted)
  const wanted = groups.map(({ device, measure }) => ({ device_id: device.device_id, measure }))
  const device_ids = [...new Set(wanted.map(({ device_id }) => device_id))]
  let series = await store.lockSeries(tx, device_ids)
  const known = new Set(series.map((each) => `${each.device_id} ${each.measure}`))
  const missing = wanted.filter(({ device_id, measure }) => !known.has(`${device_id} ${measure}`))
  if (missing.length > 0) {
    await store.makeSeries(tx, organisation_id, missing, freshMemory)
    series = await store.lockSeries(tx, device_ids)
  }
  const seriesOf = new Map(series.map((each) => [`${each.device_id} ${each.measure}`, each]))
  return groups.map(({ device, measure, arrivals }) => {
    const found = seriesOf.get(`${device.device_id} ${measure}`)
    invariant(found !== undefined, 'a series that was just made is there')
    return { series: found, device, arrivals: arrivals.sort((a, b) => a.at_ms - b.at_ms) }
  })
}

type Group = Omit<SeriesArrivals, 'series'> & { measure: string }

/** Values by device and measure. Of forty thousand, most have nothing found about them and need no list of their own. */
function groupsOf(accepted: readonly Accepted[]): Group[] {
  const by_device = new Map<store.DeviceRow, Map<string, Group>>()
  const groups: Group[] = []
  for (const { index, reading, device, findings } of accepted) {
    let by_measure = by_device.get(device)
    if (by_measure === undefined) by_device.set(device, (by_measure = new Map()))
    for (const { measure, value } of reading.values) {
      let group = by_measure.get(measure)
      if (group === undefined) {
        group = { device, measure, arrivals: [] }
        by_measure.set(measure, group)
        groups.push(group)
      }
      // What values say of one another concerns the one that is doubted.
      const about = findings.length === 0 ? nothing : findings.filter((finding) => finding.measure === measure)
      group.arrivals.push({ index, at_ms: reading.captured_at_ms, value, findings: about })
    }
  }
  return groups
}

const nothing: readonly Finding[] = []

/** Values by series and instant. */
type Known = Map<number, Map<number, number>>

/** Values at instants that are taken. Nothing newer than a series' newest can be there: nobody asks for it. */
async function storedAlready(tx: Database, groups: readonly SeriesArrivals[]): Promise<Known> {
  const old = groups.flatMap(({ series, arrivals }) => {
    const last_ms = series.last_at?.getTime() ?? -Infinity
    return arrivals
      .filter(({ at_ms }) => at_ms <= last_ms)
      .map(({ at_ms, value }) => ({ series_id: series.series_id, at_ms, value }))
  })
  const there: Known = new Map(groups.map(({ series }) => [series.series_id, new Map()]))
  if (old.length === 0) return there
  for (const { series_id, at_ms, value } of await store.findStored(tx, old)) there.get(series_id)?.set(at_ms, value)
  return there
}

/** Leaves out what is there already, in the database or earlier in the batch, and notes it. */
function dropKnown(
  { series, arrivals }: SeriesArrivals,
  there: Known,
  tallies: ReadonlyMap<number, Tally>,
): SeriesArrivals['arrivals'] {
  const values = there.get(series.series_id)
  invariant(values !== undefined, 'every series of the batch was looked up')
  // In order of time, the same instant comes twice in a row.
  let kept: { at_ms: number; value: number } | undefined
  return arrivals.filter((arrival) => {
    const { index, at_ms, value } = arrival
    const known = kept?.at_ms === at_ms ? kept.value : values.get(at_ms)
    if (known === undefined) {
      kept = arrival
      return true
    }
    const tally = tallies.get(index)
    invariant(tally !== undefined, 'every accepted reading has a tally')
    if (known === value) {
      tally.duplicates += 1
    } else {
      const message = `${series.measure} is ${known} at this instant already, and stays so.`
      const path = pointer(['readings', index, 'measurements', series.measure])
      tally.conflicts.push({ path, code: 'conflict', message, value })
    }
    return false
  })
}

/** By place in the batch, what the forest of the device's class says; nothing where there is none. */
type Doubts = ReadonlyMap<number, ForestSaid>

/** Asks the forests of the classes that the batch is of. Without one this is a look into memory. */
async function doubtsOver(
  ctx: Context,
  groups: readonly SeriesArrivals[],
  accepted: readonly Accepted[],
): Promise<Doubts> {
  const doubts = new Map<number, ForestSaid>()
  const played = new Set(accepted.flatMap(({ reading, device }) => (reading.simulated ? [device.device_id] : [])))
  for (const [device_id, own] of Map.groupBy(groups, ({ device }) => device.device_id)) {
    const device = own[0]?.device
    if (device === undefined) continue
    const detector = await detectorOf(ctx, { kind: device.kind, simulated: device.simulated || played.has(device_id) })
    if (detector === undefined) continue
    const readings = new Map<number, DoubtedReading & { values: { measure: string; value: number }[] }>()
    for (const { series, arrivals } of own)
      for (const { index, at_ms, value } of arrivals) {
        const reading = readings.get(index) ?? { index, at_ms, values: [] }
        reading.values.push({ measure: series.measure, value })
        readings.set(index, reading)
      }
    const series = own.flatMap((group) => doubtedSeries(device, group.series))
    for (const [index, said] of doubtsOf(detector.scorer, series, [...readings.values()]))
      if (said.score < 0) doubts.set(index, said)
  }
  return doubts
}

function takeInto(
  { series, device }: SeriesArrivals,
  fresh: SeriesArrivals['arrivals'],
  doubts: Doubts,
): { taken: Taken[]; memory: SeriesMemory; increments: Increment[]; slots_s: readonly number[] } {
  const measure = measures.get(series.measure)
  invariant(measure !== undefined, 'only known measures are stored')
  const rules = rulesFor(measure, device.measures[series.measure], series.profile)
  const step = takeIn(series.state, measure, rules, fresh, series.last_at?.getTime() ?? null)
  if (doubts.size === 0) return { ...step, slots_s: rules.slots_s }
  const taken = step.taken.map((each, at) => {
    const said = doubts.get(fresh[at]?.index ?? -1)
    // Rules went first: a forest adds nothing to what is impossible.
    if (said?.measure !== series.measure || each.verdict === 'invalid') return each
    const findings = [...each.findings, forestFinding(said, device.kind, each.value)]
    return { ...each, findings, verdict: verdictOf(findings) }
  })
  return { ...step, taken, slots_s: rules.slots_s }
}

function noteTaken(tallies: ReadonlyMap<number, Tally>, index: number | undefined, taken: Taken): void {
  const tally = index === undefined ? undefined : tallies.get(index)
  invariant(tally !== undefined, 'every accepted reading has a tally')
  tally.stored += 1
  for (const finding of taken.findings) if (!tally.findings.includes(finding)) tally.findings.push(finding)
  if (verdictNumber[taken.verdict] > verdictNumber[tally.verdict]) tally.verdict = taken.verdict
}

function bitsOf({ findings }: Taken): number {
  return findings.reduce((sum, { check }) => sum | (checkBit.get(check) ?? 0), 0)
}

function changeOf({ series_id, last_at, last_value }: store.SeriesRow, taken: readonly Taken[], state: SeriesMemory) {
  const first = taken[0]
  const newest = taken.at(-1)
  invariant(first !== undefined && newest !== undefined, 'something was taken')
  const moves_on = last_at === null || newest.at_ms > last_at.getTime()
  return {
    series_id,
    readings_added: taken.length,
    first_at_ms: first.at_ms,
    last_at_ms: moves_on ? newest.at_ms : last_at.getTime(),
    last_value: moves_on ? newest.value : (last_value ?? newest.value),
    state,
  }
}

/** Every five hundred readings; once there is a profile, at most once a day. */
function wantsProfile({ readings, profile_at }: store.SeriesRow, added: number, received_at: Date): boolean {
  const step = PROFILE_READINGS_MIN
  if (Math.floor((readings + added) / step) === Math.floor(readings / step)) return false
  return profile_at === null || received_at.getTime() - profile_at.getTime() >= 86_400_000
}

/** What devices said of themselves last. */
async function noteDevices(tx: Database, accepted: readonly Accepted[]): Promise<void> {
  const newest = new Map<string, Accepted>()
  for (const each of accepted) {
    const there = newest.get(each.device.device_id)
    if (there === undefined || each.reading.captured_at_ms >= there.reading.captured_at_ms) {
      newest.set(each.device.device_id, each)
    }
  }
  const said = [...newest.values()].map(({ device: { device_id }, reading }) => ({
    device_id,
    at_ms: reading.captured_at_ms,
    ...reading.health,
    simulated: reading.simulated,
  }))
  if (said.length > 0) await store.noteDevices(tx, said)
}

function outcomeOf({ index, reading, signature }: Accepted, tally: Tally | undefined): ReadingOutcome {
  invariant(tally !== undefined, 'every accepted reading has a tally')
  const { verdict, findings, conflicts, stored, duplicates } = tally
  const is_known = stored === 0 && duplicates > 0
  const outcome = conflicts.length > 0 ? 'conflict' : is_known ? 'duplicate' : verdict
  return { index, sensor_id: reading.sensor_id, outcome, findings, faults: conflicts, signature }
}

function summaryOf(
  outcomes: readonly ReadingOutcome[],
  tallies: readonly Tally[],
  received: number,
  received_at: Date,
): BatchSummary {
  const count = (wanted: ReadingOutcome['outcome']) => outcomes.filter(({ outcome }) => outcome === wanted).length
  return {
    batch_id: newId('bat', received_at),
    received_at: received_at.toISOString(),
    received,
    stored_values: tallies.reduce((sum, { stored }) => sum + stored, 0),
    valid: count('valid'),
    suspect: count('suspect'),
    invalid: count('invalid'),
    duplicates: count('duplicate'),
    conflicts: count('conflict'),
    refused: count('refused'),
    signed: outcomes.filter(({ signature }) => signature === 'right').length,
    readings: outcomes
      .filter(({ outcome }) => outcome !== 'valid')
      .sort((a, b) => a.index - b.index)
      .slice(0, OUTCOMES_MAX),
  }
}
