import { asin, cos, sin } from '../lib/exact-math.ts'

/** Mean Earth radius in km (IUGG R1). */
const EARTH_RADIUS_KM = 6371.0088
const RAD_PER_DEG = 0.017453292519943295

export interface Position {
  latitude_deg: number
  longitude_deg: number
}

/** Great-circle distance in whole metres, in km, by the haversine formula: good to 0.5 % of the ellipsoid. */
export function greatCircleKm(a: Position, b: Position): number {
  const half_latitude = ((b.latitude_deg - a.latitude_deg) * RAD_PER_DEG) / 2
  const half_longitude = ((b.longitude_deg - a.longitude_deg) * RAD_PER_DEG) / 2
  const across = sin(half_longitude)
  const along = sin(half_latitude)
  const h = along * along + cos(a.latitude_deg * RAD_PER_DEG) * cos(b.latitude_deg * RAD_PER_DEG) * across * across
  return Math.round(2 * EARTH_RADIUS_KM * asin(Math.min(1, Math.sqrt(h))) * 1000) / 1000
}
