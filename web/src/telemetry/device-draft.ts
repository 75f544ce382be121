import { changeDevice, type Device } from '@tidemark/core/telemetry/contract.ts'
import type { Language } from '../lib/format.ts'

/** What is known of a device, as it is typed. */
export interface DeviceDraft {
  name: string
  site_id: string
  calibrated: string
  latitude: string
  longitude: string
  height_m: string
  public_key: string
}

export function deviceDraft(device: Device, language: Language): DeviceDraft {
  const { name, site_id, calibrated_at, placement, public_key } = device
  const text = (value: number | undefined) => {
    const plain = value === undefined ? '' : String(value)
    return language === 'fr' ? plain.replace('.', ',') : plain
  }
  return {
    name,
    site_id: site_id ?? '',
    calibrated: calibrated_at?.slice(0, 10) ?? '',
    latitude: text(placement?.latitude),
    longitude: text(placement?.longitude),
    height_m: text(placement?.height_m),
    public_key: public_key ?? '',
  }
}

/**
 * What is sent of a draft, or the names of the fields that are wrong, by the contract's own rules. A day of calibration that
 * nobody touched is not sent again: it has an hour that the field does not show.
 */
export function readDevice(
  draft: DeviceDraft,
  device: Device,
  read: (text: string) => number | string | undefined,
): { changes?: object; faults: ReadonlySet<string> } {
  const [latitude, longitude, height_m] = [read(draft.latitude), read(draft.longitude), read(draft.height_m)]
  const nowhere = latitude === undefined && longitude === undefined && height_m === undefined
  const day = device.calibrated_at?.slice(0, 10) ?? ''
  const changes = {
    name: draft.name.trim(),
    site_id: draft.site_id === '' ? null : draft.site_id,
    placement: nowhere ? null : { latitude, longitude, ...(height_m === undefined ? {} : { height_m }) },
    public_key: draft.public_key.trim() === '' ? null : draft.public_key.trim(),
    ...(draft.calibrated === day || draft.calibrated === '' ? {} : { calibrated_at: `${draft.calibrated}T12:00:00Z` }),
  }
  const checked = changeDevice.body?.safeParse(changes)
  if (checked?.success !== false) return { changes, faults: new Set() }
  const names = checked.error.issues.map(({ path }) =>
    path[0] === 'calibrated_at' ? 'calibrated' : String(path.at(-1)),
  )
  return { faults: new Set(names) }
}
