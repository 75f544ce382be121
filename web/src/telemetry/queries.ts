import { getDevice, listDevices, listPoints, listValidations } from '@tidemark/core/telemetry/contract.ts'
import { deviceQuality } from '@tidemark/core/telemetry/device-quality-contract.ts'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { call } from '../lib/api.ts'

const DEVICES_ON_PAGE = 500

/** Devices of a site, or of everybody here. */
export const devicesQuery = (site_id?: string) =>
  queryOptions({
    queryKey: ['telemetry', 'devices', site_id ?? ''],
    queryFn: ({ signal }) =>
      call(listDevices, { ...(site_id === undefined ? {} : { site_id }), limit: DEVICES_ON_PAGE }, signal),
    staleTime: 10_000,
  })

/** One device with its series. */
export const deviceQuery = (device_id: string) =>
  queryOptions({
    queryKey: ['telemetry', 'device', device_id],
    queryFn: ({ signal }) => call(getDevice, { device_id }, signal),
    staleTime: 10_000,
  })

/** How far a device can be trusted, over its last days. */
export const qualityQuery = (device_id: string, days: number) =>
  queryOptions({
    queryKey: ['telemetry', 'quality', device_id, days],
    queryFn: ({ signal }) => call(deviceQuality, { device_id, days: String(days) }, signal),
    placeholderData: keepPreviousData,
  })

/** A series over time, with as many points as there are pixels to draw them on. */
export const pointsQuery = (series_id: number, from: string, to: string, points_max: number) =>
  queryOptions({
    queryKey: ['telemetry', 'points', series_id, from, to, points_max],
    queryFn: ({ signal }) => call(listPoints, { series_id: String(series_id), from, to, points_max }, signal),
    placeholderData: keepPreviousData,
  })

/** Batches with readings of a sensor that were validated and certified, newest first. */
export const validationsQuery = (sensor_id: string) =>
  queryOptions({
    queryKey: ['telemetry', 'validations', sensor_id],
    queryFn: ({ signal }) => call(listValidations, { sensor_id, limit: 10 }, signal),
    staleTime: 10_000,
  })
