import { invariant } from '@tidemark/core/lib/invariant.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import type { Context } from '../platform/context.ts'
import { organisationOf } from '../platform/tenancy.ts'
import * as store from './store.ts'

/** One series with its device’s name, as those who stand on telemetry see it. */
export interface KnownSeries {
  series_id: number
  sensor_id: string
  measure: string
  unit: string
  kind: 'gauge' | 'counter'
  simulated: boolean
}

/** @returns undefined for a series that nobody, or another organisation, has. */
export async function findSeries(ctx: Context, series_id: number): Promise<KnownSeries | undefined> {
  const series = await store.findSeries(ctx.db, organisationOf(ctx), series_id)
  if (!series) return undefined
  const measure = measures.get(series.measure)
  invariant(measure !== undefined, 'only known measures are stored')
  const { sensor_id, simulated } = series
  return { series_id, sensor_id, measure: series.measure, unit: measure.unit, kind: measure.kind, simulated }
}
