import { sensorIds, type SensorId } from '@tidemark/core/imagery/sensors.ts'
import type { Capture } from '@tidemark/core/projects/file-facts.ts'

/**
 * Which sensor a file or a person names. Only words that leave no doubt count: a Sentinel-2 whose level is not told is no
 * answer, since the two levels are two calibrations.
 */
export function sensorNamed(sensor: string | null, level: string | null): SensorId | undefined {
  const name = (sensor ?? '').trim().toLowerCase()
  const id = name.replaceAll(/[\s-]+/g, '_')
  const known = sensorIds.find((each) => each === id)
  if (known) return known
  const words = `${name} ${(level ?? '').toLowerCase()}`
  if (/sentinel[-_ ]?2/.test(words)) {
    if (/(?:level[-_ ]?|l|msi)2a\b/.test(words)) return 'sentinel_2_l2a'
    if (/(?:level[-_ ]?|l|msi)1c\b/.test(words)) return 'sentinel_2_l1c'
    return undefined
  }
  const landsat = /landsat[-_ ]?(\d)/.exec(words)
  if (landsat && /\bl2s[pr]\b|level[-_ ]?2|\bc2[-_ ]?l2\b/.test(words))
    return Number(landsat[1]) >= 8 ? 'landsat_8_9_c2_l2' : 'landsat_4_7_c2_l2'
  return undefined
}

/** The sensor of a file by its own metadata. */
export const sensorOfFile = ({ sensor, product_level }: Capture) => sensorNamed(sensor, product_level)
