import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import {
  DEVICES_MAX,
  type addDevice as addDeviceRoute,
  type changeDevice as changeDeviceRoute,
  type Device,
  type getDevice as getDeviceRoute,
  type ingest as ingestRoute,
  type listDevices as listDevicesRoute,
  type listMeasures as listMeasuresRoute,
  type listPoints as listPointsRoute,
  type Point,
  type Series,
} from '@tidemark/core/telemetry/contract.ts'
import { measures, unitsOfMeasure } from '@tidemark/core/telemetry/measures.ts'
import { learnProfile, PROFILE_DAYS_MIN, PROFILE_READINGS_MIN } from '@tidemark/core/telemetry/profile.ts'
import { GAP_INTERVALS, resolutionFor, rulesFor } from '@tidemark/core/telemetry/take-in.ts'
import { record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { takeBatch } from './ingest.ts'
import * as store from './store.ts'

export { seriesQuality, type SeriesQuality } from './device-quality.ts'
export { findSeries, type KnownSeries } from './known-series.ts'
export { metersOf, readMeter, type Meter, type MeterFigure } from './metered.ts'
export { READING_EVENT, siteTopic, type ReadingNews } from './news.ts'
export { readingsBySite, readingsOf, seriesOfSite, slotsOf, type SiteSeries, type Slot } from './site-series.ts'

/** A profile looks back this far: about seven months of quarter hours. */
const PROFILE_READINGS_MAX = 20_000

export async function listMeasures(): Promise<OutputOf<typeof listMeasuresRoute>> {
  return {
    measures: [...measures.values()].map((measure) => ({
      ...measure,
      range: [...measure.range] as [number, number],
      units: unitsOfMeasure(measure).map(({ id }) => id),
    })),
  }
}

export async function addDevice(
  ctx: Context,
  input: InputOf<typeof addDeviceRoute>,
): Promise<OutputOf<typeof addDeviceRoute>> {
  const organisation_id = organisationOf(ctx)
  const created_at = ctx.now()
  const { calibrated_at, name, ...fields } = input
  const device_id = newId('dev', created_at)
  const sensor_id = input.sensor_id ?? device_id
  const device: store.DeviceRow = {
    ...fields,
    device_id,
    organisation_id,
    sensor_id,
    name: name ?? sensor_id,
    created_at,
    retired_at: null,
    last_reading_at: null,
    battery_level_percent: null,
    signal_strength_percent: null,
    calibrated_at: calibrated_at === undefined ? null : new Date(calibrated_at),
  }
  await ctx.db.transaction(async (tx) => {
    const there = await store.countDevices(tx, organisation_id)
    if (there >= DEVICES_MAX) {
      throw new Problem('telemetry/too-many-devices', {
        detail: `An organisation has at most ${DEVICES_MAX} devices; there are ${there}.`,
      })
    }
    if (!(await store.insertDevice(tx, device))) {
      throw new Problem('telemetry/sensor-id-taken', {
        detail: `There is a device already that sends as "${sensor_id}".`,
        sensor_id,
      })
    }
    const { kind, project_id, site_id, simulated } = device
    await record(
      { ...ctx, db: tx },
      {
        action: 'telemetry.device_added',
        resource: { type: 'device', id: device.device_id },
        after: { kind, project_id, site_id, simulated },
      },
    )
  })
  return shownDevice(device)
}

export async function listDevices(
  ctx: Context,
  input: InputOf<typeof listDevicesRoute>,
): Promise<OutputOf<typeof listDevicesRoute>> {
  const rows = await store.listDevices(ctx.db, organisationOf(ctx), { ...input, limit: input.limit + 1 })
  const devices = rows.slice(0, input.limit).map(shownDevice)
  return { devices, next: rows.length > input.limit ? (devices.at(-1)?.sensor_id ?? null) : null }
}

export async function getDevice(
  ctx: Context,
  { device_id }: InputOf<typeof getDeviceRoute>,
): Promise<OutputOf<typeof getDeviceRoute>> {
  const device = await knownDevice(ctx, device_id)
  const series = await store.listSeries(ctx.db, [device_id])
  return { ...shownDevice(device), series: series.map((each) => shownSeries(each, device)) }
}

export async function changeDevice(
  ctx: Context,
  { device_id, retired, calibrated_at, ...changes }: InputOf<typeof changeDeviceRoute>,
): Promise<OutputOf<typeof changeDeviceRoute>> {
  return ctx.db.transaction(async (tx) => {
    const before = await knownDevice({ ...ctx, db: tx }, device_id)
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    const after: store.DeviceRow = {
      ...before,
      ...given,
      ...(calibrated_at === undefined ? {} : { calibrated_at: new Date(calibrated_at) }),
      ...(retired === undefined ? {} : { retired_at: retired ? (before.retired_at ?? ctx.now()) : null }),
    }
    const { device_id: _, organisation_id: __, sensor_id: ___, ...columns } = after
    await store.updateDevice(tx, device_id, columns)
    await record(
      { ...ctx, db: tx },
      {
        action: 'telemetry.device_changed',
        resource: { type: 'device', id: device_id },
        before: standing(before),
        after: standing(after),
      },
    )
    return shownDevice(after)
  })
}

function standing({ kind, project_id, site_id, calibrated_at, retired_at, public_key }: store.DeviceRow) {
  return {
    signs: public_key !== null,
    kind,
    project_id,
    site_id,
    calibrated_at: calibrated_at?.toISOString() ?? null,
    retired: retired_at !== null,
  }
}

async function knownDevice(ctx: Context, device_id: string): Promise<store.DeviceRow> {
  const device = await store.findDevice(ctx.db, organisationOf(ctx), device_id)
  if (!device)
    throw new Problem('telemetry/unknown-device', { detail: `There is no device "${device_id}".`, device_id })
  return device
}

export async function ingest(
  ctx: Context,
  { readings }: InputOf<typeof ingestRoute>,
): Promise<OutputOf<typeof ingestRoute>> {
  return takeBatch(ctx, readings, 'http')
}

export async function listPoints(
  ctx: Context,
  input: InputOf<typeof listPointsRoute>,
): Promise<OutputOf<typeof listPointsRoute>> {
  const series = await store.findSeries(ctx.db, organisationOf(ctx), input.series_id)
  if (!series) {
    throw new Problem('telemetry/unknown-series', { detail: `There is no series ${input.series_id}.` })
  }
  const measure = measures.get(series.measure)
  invariant(measure !== undefined, 'only known measures are stored')
  const rules = rulesFor(measure, series.measures[series.measure], series.profile)
  const from = new Date(input.from)
  const to = new Date(input.to)
  const span_s = (to.getTime() - from.getTime()) / 1000
  // What a counter shows says little; what it counted is told by slots.
  const drawn = measure.kind === 'counter' ? { ...rules, interval_s: 0 } : rules
  let { slot_s, slots_each } = resolutionFor(span_s, input.points_max, drawn)
  let points: Point[] = []
  if (slot_s === 0) {
    const readings = await store.listReadings(ctx.db, series.series_id, from, to, input.points_max + 1)
    points = readings.map(pointOfReading)
    // It is read more often than it says: then there are slots after all.
    if (points.length > input.points_max) {
      ;({ slot_s, slots_each } = resolutionFor(span_s, input.points_max, { ...rules, interval_s: 0 }))
    }
  }
  if (slot_s > 0) {
    const slots = await store.listSlots(ctx.db, series.series_id, slot_s, slots_each, from, to)
    points = slots.map((slot) => pointOfSlot(slot, measure.kind))
  }
  const length_s = slot_s * slots_each
  return {
    series_id: series.series_id,
    measure: series.measure,
    unit: measure.unit,
    slot_s: length_s,
    points,
    gaps: gapsBetween(points, Math.max(length_s, GAP_INTERVALS * rules.interval_s), length_s),
    simulated: series.simulated,
  }
}

function pointOfReading({ captured_at, value, verdict }: { captured_at: Date; value: number; verdict: number }): Point {
  const counts = verdict < 2
  const shown = counts ? value : null
  return {
    at: captured_at.toISOString(),
    mean: shown,
    min: shown,
    max: shown,
    amount: null,
    readings: counts ? 1 : 0,
    not_counted: counts ? 0 : 1,
  }
}

function pointOfSlot(slot: store.SlotRow, kind: 'gauge' | 'counter'): Point {
  const { slot_start, readings, not_counted, sum, low, high, amount } = slot
  return {
    at: slot_start.toISOString(),
    mean: readings === 0 ? null : sum / readings,
    min: low,
    max: high,
    amount: kind === 'counter' ? amount : null,
    readings,
    not_counted,
  }
}

/** Where neighbouring points lie further apart than `longest_s`. */
function gapsBetween(points: readonly Point[], longest_s: number, length_s: number): { from: string; to: string }[] {
  return points.flatMap((point, i) => {
    const next = points[i + 1]
    if (next === undefined) return []
    const silent_from_ms = Date.parse(point.at) + length_s * 1000
    const silence_s = (Date.parse(next.at) - silent_from_ms) / 1000
    if (silence_s < longest_s || silence_s <= 0) return []
    return [{ from: new Date(silent_from_ms).toISOString(), to: next.at }]
  })
}

/** Learns anew what a series usually looks like, from what was accepted. A job. */
export async function learn(ctx: Context, { series_id }: { series_id: number }): Promise<void> {
  const learnt = learnProfile(await store.lastAccepted(ctx.db, series_id, PROFILE_READINGS_MAX))
  if ('profile' in learnt) await store.saveProfile(ctx.db, series_id, learnt.profile, ctx.now())
}

function shownDevice(row: store.DeviceRow): Device {
  const { organisation_id: _, ...device } = row
  return {
    ...device,
    created_at: device.created_at.toISOString(),
    retired_at: device.retired_at?.toISOString() ?? null,
    last_reading_at: device.last_reading_at?.toISOString() ?? null,
    calibrated_at: device.calibrated_at?.toISOString() ?? null,
  }
}

function shownSeries(series: store.SeriesRow, device: store.DeviceRow): Series {
  const measure = measures.get(series.measure)
  invariant(measure !== undefined, 'only known measures are stored')
  const { first_at, last_at, profile } = series
  const days = first_at === null || last_at === null ? 0 : (last_at.getTime() - first_at.getTime()) / 86_400_000
  return {
    series_id: series.series_id,
    device_id: series.device_id,
    sensor_id: device.sensor_id,
    measure: series.measure,
    unit: measure.unit,
    kind: measure.kind,
    simulated: device.simulated,
    readings: series.readings,
    first_at: first_at?.toISOString() ?? null,
    last_at: last_at?.toISOString() ?? null,
    last_value: series.last_value,
    has_profile: profile !== null,
    profile_needs:
      profile === null
        ? {
            readings: Math.max(0, PROFILE_READINGS_MIN - series.readings),
            days: Math.max(0, PROFILE_DAYS_MIN - days),
          }
        : null,
  }
}
