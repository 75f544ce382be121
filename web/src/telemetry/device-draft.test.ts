import type { Device } from '@tidemark/core/telemetry/contract.ts'
import { expect, it } from 'vitest'
import { readNumber } from '../lib/read-number.ts'
import { deviceDraft, readDevice } from './device-draft.ts'

const device = {
  name: 'Mast 7',
  site_id: null,
  placement: { latitude: -6.1, longitude: 106.8 },
  calibrated_at: '2026-01-15T09:30:00.000Z',
  public_key: null,
} as Device
const read = (text: string) => readNumber(text, 'fr')

it('a device that nobody touched is sent as it was, in either language', () => {
  const draft = deviceDraft(device, 'fr')
  expect(draft.latitude).toBe('-6,1')
  const { placement, name, site_id, public_key } = device
  expect(readDevice(draft, device, read)).toEqual({ changes: { name, site_id, public_key, placement }, faults: new Set() }) // oxfmt-ignore
})

it('a new day of calibration is its noon, and an emptied place is none', () => {
  const draft = { ...deviceDraft(device, 'fr'), calibrated: '2026-02-01', latitude: '', longitude: ' ' }
  expect(readDevice(draft, device, read).changes).toMatchObject({ calibrated_at: '2026-02-01T12:00:00Z', placement: null }) // oxfmt-ignore
})

it('what cannot be is named by its field', () => {
  const draft = { ...deviceDraft(device, 'fr'), name: ' ', latitude: 'nord', public_key: 'abc', height_m: '12000' }
  expect(readDevice(draft, device, read)).toEqual({ faults: new Set(['name', 'latitude', 'height_m', 'public_key']) })
})
