import type { Device } from '@tidemark/core/telemetry/contract.ts'

const DAY_MS = 86_400_000
/** Where a device does not say how often it reads. */
const INTERVAL_S_USUAL = 900
const INTERVALS_UNTIL_STALE = 3
const BATTERY_LOW_PERCENT = 20
const SIGNAL_WEAK_PERCENT = 30
/** Sensors are calibrated yearly where nothing else is agreed. */
const CALIBRATION_DAYS_MAX = 365

export type Health = 'retired' | 'never' | 'silent' | 'battery' | 'signal' | 'calibration' | 'good'

/** The first thing that somebody would want to know of a device. */
export function healthOf(device: Device, now_ms: number): Health {
  if (device.retired_at !== null) return 'retired'
  if (device.last_reading_at === null) return 'never'
  if (now_ms - Date.parse(device.last_reading_at) > staleAfter_ms(device)) return 'silent'
  if (device.battery_level_percent !== null && device.battery_level_percent < BATTERY_LOW_PERCENT) return 'battery'
  if (device.signal_strength_percent !== null && device.signal_strength_percent < SIGNAL_WEAK_PERCENT) return 'signal'
  const calibrated_ms = device.calibrated_at === null ? undefined : Date.parse(device.calibrated_at)
  if (calibrated_ms !== undefined && now_ms - calibrated_ms > CALIBRATION_DAYS_MAX * DAY_MS) return 'calibration'
  return 'good'
}

/** Three of its intervals, as the server counts a gap. */
export function staleAfter_ms({ measures }: Pick<Device, 'measures'>): number {
  const declared = Object.values(measures).flatMap((each) => (each?.interval_s === undefined ? [] : [each.interval_s]))
  const interval_s = declared.length === 0 ? INTERVAL_S_USUAL : Math.max(...declared)
  return INTERVALS_UNTIL_STALE * interval_s * 1000
}
