import type { Site } from '@tidemark/core/sites/contract.ts'
import type { LiveValue } from '@tidemark/core/sites/live-contract.ts'
import { useQueries, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { deviceQuery, devicesQuery } from '../telemetry/queries.ts'
import type { LiveStore } from './live-store.ts'
import { metricsQuery } from './queries.ts'

const POLL_MS = 10_000
/** More devices than this are too many to ask one by one every ten seconds. */
const DEVICES_MAX = 30

/** While there is no stream, asks for what is newest. */
export function usePolling(store: LiveStore, site: Site, on: boolean): void {
  const poll = { enabled: on, refetchInterval: POLL_MS }
  const metrics = useQuery({ ...metricsQuery(site.id), ...poll })
  const devices = useQuery({ ...devicesQuery(site.id), enabled: on }).data?.devices.slice(0, DEVICES_MAX) ?? []
  const details = useQueries({ queries: devices.map(({ device_id }) => ({ ...deviceQuery(device_id), ...poll })) })
  const asked_at = details.map(({ dataUpdatedAt }) => dataUpdatedAt).join()
  useEffect(() => {
    if (on && metrics.data) store.takeNow(metrics.data.now)
  }, [on, store, metrics.data])
  useEffect(() => {
    if (!on) return
    const values = details.flatMap(({ data }) =>
      (data?.series ?? []).flatMap((series): LiveValue[] => {
        const { last_at, last_value, series_id, device_id, sensor_id, measure, unit, simulated } = series
        if (last_at === null || last_value === null) return []
        return [
          { series_id, device_id, sensor_id, measure, unit, at: last_at, value: last_value, verdict: null, simulated },
        ]
      }),
    )
    store.takeValues(values)
    // The answers change their identity with every rendering; when they were given does not.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [on, store, asked_at])
}
