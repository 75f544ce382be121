import { listAlertRules, listAlerts } from '@tidemark/core/sites/alerts-contract.ts'
import { listAnomalies } from '@tidemark/core/sites/anomalies-contract.ts'
import { getSite, listSites } from '@tidemark/core/sites/contract.ts'
import { forecast } from '@tidemark/core/sites/forecast-contract.ts'
import { listWaveforms, maintenance, waveformSpectrum } from '@tidemark/core/sites/maintenance-contract.ts'
import { metrics } from '@tidemark/core/sites/metrics-contract.ts'
import { optimization } from '@tidemark/core/sites/schedule-contract.ts'
import { queryOptions } from '@tanstack/react-query'
import { call } from '../lib/api.ts'

/** How often a page that shows what is so now asks again. */
export const NOW_INTERVAL_MS = 30_000

export const sitesQuery = () =>
  queryOptions({ queryKey: ['sites', 'list'], queryFn: ({ signal }) => call(listSites, {}, signal), staleTime: 0 })

export const siteQuery = (id: string) =>
  queryOptions({ queryKey: ['sites', 'one', id], queryFn: ({ signal }) => call(getSite, { id }, signal) })

/** The figures of a stretch of time; the last day unless said. */
export const metricsQuery = (id: string, span?: { from: string; to: string }) =>
  queryOptions({
    queryKey: ['sites', 'metrics', id, span?.from ?? '', span?.to ?? ''],
    queryFn: ({ signal }) => call(metrics, { id, ...span }, signal),
    refetchInterval: NOW_INTERVAL_MS,
    staleTime: 10_000,
  })

export const anomaliesQuery = (siteId: string) =>
  queryOptions({
    queryKey: ['sites', 'anomalies', siteId],
    queryFn: ({ signal }) => call(listAnomalies, { siteId }, signal),
    // Readings that came since are looked at within minutes.
    refetchInterval: (query) => (query.state.data?.detection.is_current === false ? NOW_INTERVAL_MS / 3 : false),
  })

export const alertsQuery = (site_id: string) =>
  queryOptions({
    queryKey: ['sites', 'alerts', site_id],
    queryFn: ({ signal }) => call(listAlerts, { site_id }, signal),
    refetchInterval: NOW_INTERVAL_MS,
  })

export const rulesQuery = (site_id: string) =>
  queryOptions({
    queryKey: ['sites', 'rules', site_id],
    queryFn: ({ signal }) => call(listAlertRules, { site_id }, signal),
  })

export const maintenanceQuery = (siteId: string) =>
  queryOptions({
    queryKey: ['sites', 'maintenance', siteId],
    queryFn: ({ signal }) => call(maintenance, { siteId }, signal),
  })

/** As many recordings as one answer holds, the newest first. */
const WAVEFORMS_SHOWN = 200

export const waveformsQuery = (id: string, asset_id: string) =>
  queryOptions({
    queryKey: ['sites', 'waveforms', id, asset_id],
    queryFn: ({ signal }) => call(listWaveforms, { id, asset_id, limit: WAVEFORMS_SHOWN }, signal),
  })

export const spectrumQuery = (id: string, asset_id: string, waveform_id: string) =>
  queryOptions({
    queryKey: ['sites', 'waveforms', id, asset_id, waveform_id],
    queryFn: ({ signal }) => call(waveformSpectrum, { id, asset_id, waveform_id }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const forecastQuery = (siteId: string, horizon: '24h' | '7d') =>
  queryOptions({
    queryKey: ['sites', 'forecast', siteId, horizon],
    queryFn: ({ signal }) => call(forecast, { siteId, horizon }, signal),
    // The full model may be in the making.
    refetchInterval: (query) => (query.state.data?.fallbackLevel === 'full' ? false : NOW_INTERVAL_MS),
  })

export const planQuery = (siteId: string, horizon: '24h' | '7d') =>
  queryOptions({
    queryKey: ['sites', 'plan', siteId, horizon],
    queryFn: ({ signal }) => call(optimization, { siteId, horizon }, signal),
  })
