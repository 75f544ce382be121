import { useQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { measureName, sensorUnit } from '../telemetry/names.ts'
import { pointsQuery } from '../telemetry/queries.ts'
import { instantIn } from './figures.ts'
import type { LiveStore } from './live-store.ts'
import { drawTrace, onFrames } from './live-draw.ts'
import { COLUMNS } from './live-trace.ts'

/** One series as it happens: its value in digits, its recent past as a line on a canvas that is drawn with the screen’s frames. */
export function LiveTile({
  store,
  series_id,
  stale,
  names,
  window_ms,
  time_zone,
}: {
  store: LiveStore
  series_id: number
  stale: boolean
  names: ReadonlyMap<string, string>
  window_ms: number
  time_zone: string
}) {
  const { t, format, language } = useWords()
  const canvas = useRef<HTMLCanvasElement>(null)
  const digits = useRef<HTMLSpanElement>(null)
  const [seen, setSeen] = useState(false)
  const series = store.seriesOf(series_id)
  const draw = useEffectEvent(() => {
    const now = store.seriesOf(series_id)
    if (!now || !canvas.current || !digits.current) return
    digits.current.textContent = format.number(now.value.value)
    drawTrace(canvas.current, now.trace, Math.max(Date.now(), Date.parse(now.value.at)))
  })

  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const watch = new IntersectionObserver(([entry]) => setSeen(entry?.isIntersecting === true), {
      rootMargin: '200px',
    })
    watch.observe(element)
    return () => watch.disconnect()
  }, [])
  // What nobody sees is not drawn.
  useEffect(() => {
    if (!seen) return
    draw()
    return onFrames(store, series_id, () => draw())
  }, [seen, store, series_id])
  usePast(store, series_id, window_ms, seen)

  if (!series) return null
  const { value } = series
  const name = `${names.get(value.sensor_id) ?? value.sensor_id} · ${measureName(value.measure, language)}`
  return (
    <li className={`card min-w-0 p-3 ${stale ? 'border-bad' : ''}`}>
      <p className="truncate text-sm text-soft" title={name}>
        {name}
      </p>
      <p className="figures font-display text-2xl font-semibold">
        <span ref={digits}>{format.number(value.value)}</span>{' '}
        <span className="font-sans text-base font-normal">{sensorUnit(value.unit)}</span>
      </p>
      {stale && (
        <p className="text-sm font-semibold text-bad">
          {t('sites.live.stale', { when: instantIn(value.at, time_zone, format) })}
        </p>
      )}
      <canvas ref={canvas} aria-hidden="true" className="mt-1 block h-14 w-full" />
    </li>
  )
}

/** Fills the line with what lies before the page was opened, for what is seen. */
function usePast(store: LiveStore, series_id: number, window_ms: number, seen: boolean): void {
  const [to_ms] = useState(() => Date.now())
  const past = useQuery({
    ...pointsQuery(series_id, new Date(to_ms - window_ms).toISOString(), new Date(to_ms).toISOString(), COLUMNS),
    enabled: seen,
    placeholderData: undefined,
  }).data
  useEffect(() => {
    if (past) store.takePast(series_id, past.points)
  }, [past, store, series_id])
}
