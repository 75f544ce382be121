/** What the replacement of a line by its meters asks. Apart from `queries.ts`: the first page needs none of these contracts. */
import { applyMeasurement, proposeMeasurement } from '@tidemark/core/footprint/measurement-contract.ts'
import { listSites } from '@tidemark/core/sites/contract.ts'
import { getDevice, listDevices } from '@tidemark/core/telemetry/contract.ts'
import { queryOptions } from '@tanstack/react-query'
import { call, type SentTo } from '../lib/api.ts'

/** A meter that a line can be read from: a device, or all that a site has. */
export interface MeterOption {
  value: string
  kind: 'site' | 'device'
  id: string
  name: string
  simulated: boolean
  /** Of the site on which it stands. */
  time_zone: string | undefined
}

const DEVICES_ON_PAGE = 500
/** What these sense is not consumed. */
const sensors: readonly string[] = ['weather_station', 'air_monitor', 'water_monitor', 'soil_probe', 'vibration_sensor']

export const metersQuery = () =>
  queryOptions({
    queryKey: ['footprint', 'meters'],
    queryFn: async ({ signal }): Promise<MeterOption[]> => {
      const [{ sites }, { devices }] = await Promise.all([
        call(listSites, {}, signal),
        call(listDevices, { limit: DEVICES_ON_PAGE }, signal),
      ])
      const zoneOf = new Map(sites.map(({ id, time_zone }) => [id, time_zone]))
      return [
        ...sites.map(({ id, name, simulated, time_zone }): MeterOption => ({ value: `site:${id}`, kind: 'site', id, name, simulated, time_zone })), // oxfmt-ignore
        ...devices
          .filter(({ kind }) => !sensors.includes(kind))
          .map(({ device_id: id, sensor_id, name, simulated, site_id }): MeterOption => ({ value: `device:${id}`, kind: 'device', id, name: name === sensor_id ? name : `${name} (${sensor_id})`, simulated, time_zone: zoneOf.get(site_id ?? '') })), // oxfmt-ignore
      ]
    },
    staleTime: 10_000,
  })

/** What a device has sent, to begin with a measure that it has. */
export const measuredByQuery = (device_id: string) =>
  queryOptions({
    queryKey: ['footprint', 'measures', device_id],
    queryFn: async ({ signal }) => {
      const { series } = await call(getDevice, { device_id }, signal)
      return [...new Set(series.map(({ measure }) => measure))]
    },
    staleTime: 10_000,
  })

export type AskedMeasurement = SentTo<typeof proposeMeasurement> & { coverage_share_min: number }

export const measurementQuery = (asked: AskedMeasurement) =>
  queryOptions({
    queryKey: ['footprint', 'measurement', asked],
    queryFn: ({ signal }) => call(proposeMeasurement, asked, signal),
    staleTime: 0,
    retry: false,
  })

export const applyMeasurementOf = (input: SentTo<typeof applyMeasurement>) => call(applyMeasurement, input)
