import type { Series } from '@tidemark/core/telemetry/contract.ts'
import { useQueries, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Empty } from '../ui/Rows.tsx'
import { ExplorerChart } from './ExplorerChart.tsx'
import { measureName } from './names.ts'
import { deviceQuery, devicesQuery } from './queries.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const SHOWN_MAX = 6
const DEVICES_MAX = 40

export interface ExplorerView {
  show?: string | undefined
  from?: string | undefined
  to?: string | undefined
}

export interface Named extends Series {
  name: string
}

/**
 * Readings over any stretch of time, from all of it to single readings: as many points are asked for as there are pixels, and
 * the server answers from roll-ups. What is looked at stands in the address.
 */
export function Explorer({
  site_id,
  time_zone,
  view,
  onView,
}: {
  site_id: string
  time_zone: string
  view: ExplorerView
  onView: (view: ExplorerView) => void
}) {
  const { t, language } = useWords()
  const asked = useQuery(devicesQuery(site_id))
  const devices = (asked.data?.devices ?? []).slice(0, DEVICES_MAX)
  const details = useQueries({ queries: devices.map(({ device_id }) => deviceQuery(device_id)) })
  const series = details.flatMap(({ data }) =>
    (data?.series ?? []).map((each): Named => ({
      ...each,
      name: `${data?.name ?? ''} · ${measureName(each.measure, language)}`,
    })),
  )
  if (asked.isPending || details.some(({ isPending }) => isPending)) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  if (series.length === 0) return <Empty>{t('telemetry.explorer.none')}</Empty>
  const wanted = new Set((view.show ?? '').split(',').map((each) => Number(each.split('~')[1])))
  const found = series.filter(({ series_id }) => wanted.has(series_id))
  const shown = found.length > 0 ? found : firstToLookAt(series)
  const change = (next: readonly Named[]) =>
    onView({ ...view, show: next.map(({ device_id, series_id }) => `${device_id}~${series_id}`).join(',') })
  return (
    <>
      <Chooser series={series} shown={shown} onChange={change} />
      <Stretch shown={shown} time_zone={time_zone} view={view} onView={(stretch) => onView({ ...view, ...stretch })} />
    </>
  )
}

const first_measures = ['load_power_kw', 'generation_power_kw', 'grid_power_kw']

/** What is shown before anybody has chosen: what is used or made, else whatever has readings. */
function firstToLookAt(series: readonly Named[]): Named[] {
  const heard = series.filter(({ readings }) => readings > 0)
  const first = first_measures.flatMap((measure) => heard.filter((each) => each.measure === measure)).at(0)
  return [first ?? heard[0] ?? series[0]].filter((each) => each !== undefined)
}

function Chooser({
  series,
  shown,
  onChange,
}: {
  series: readonly Named[]
  shown: readonly Named[]
  onChange: (shown: readonly Named[]) => void
}) {
  const { t } = useWords()
  const left = series.filter((each) => !shown.includes(each))
  return (
    <div className="flex flex-wrap items-center gap-2">
      <ul aria-label={t('telemetry.explorer.shown')} className="contents">
        {shown.map((each) => (
          <li
            key={each.series_id}
            className="flex items-center rounded-full border border-edge bg-surface pl-3 text-[0.9375rem]"
          >
            {each.name}
            <button
              type="button"
              className="ml-1 inline-flex size-9 items-center justify-center rounded-full hover:bg-wash disabled:opacity-40"
              disabled={shown.length === 1}
              onClick={() => onChange(shown.filter((other) => other !== each))}
            >
              <span aria-hidden="true">×</span>
              <span className="sr-only">{t('telemetry.explorer.remove', { name: each.name })}</span>
            </button>
          </li>
        ))}
      </ul>
      {shown.length < SHOWN_MAX && left.length > 0 && (
        <label>
          <span className="sr-only">{t('telemetry.explorer.add')}</span>
          <select
            className="field w-auto max-w-full min-h-10 py-1 text-[0.9375rem]"
            value=""
            onChange={(event) => {
              const chosen = left.find(({ series_id }) => String(series_id) === event.target.value)
              if (chosen) onChange([...shown, chosen])
            }}
          >
            <option value="">+ {t('telemetry.explorer.add')}</option>
            {left.map(({ series_id, name }) => (
              <option key={series_id} value={series_id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  )
}

const presets_days = { day: 1, week: 7, month: 30, year: 365 } as const

/** The charts of a stretch of time, and how to move it without a pointer. */
function Stretch({
  shown,
  time_zone,
  view,
  onView,
}: {
  shown: readonly Named[]
  time_zone: string
  view: ExplorerView
  onView: (stretch: { from: string; to: string }) => void
}) {
  const { t, format } = useWords()
  const [now_ms] = useState(() => Date.now())
  const firsts = shown.flatMap(({ first_at }) => (first_at === null ? [] : [Date.parse(first_at)]))
  const lasts = shown.flatMap(({ last_at }) => (last_at === null ? [] : [Date.parse(last_at)]))
  const last_ms = lasts.length > 0 ? Math.max(...lasts) : now_ms
  const first_ms = firsts.length > 0 ? Math.min(...firsts) : last_ms - DAY_MS
  const to_ms = instantOf(view.to) ?? last_ms + MINUTE_MS
  const from_ms = Math.min(instantOf(view.from) ?? to_ms - 7 * DAY_MS, to_ms - MINUTE_MS)
  const span_ms = to_ms - from_ms
  const go = (from: number, to: number) =>
    onView({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })
  const around = (factor: number) => {
    const middle = (from_ms + to_ms) / 2
    const half = Math.max((span_ms * factor) / 2, 5 * MINUTE_MS)
    go(middle - half, middle + half)
  }
  const moves = [
    { key: 'earlier', sign: '←', act: () => go(from_ms - span_ms / 2, to_ms - span_ms / 2) },
    { key: 'later', sign: '→', act: () => go(from_ms + span_ms / 2, to_ms + span_ms / 2) },
    { key: 'in', sign: '+', act: () => around(0.5) },
    { key: 'out', sign: '−', act: () => around(2) },
  ] as const
  const instant = new Intl.DateTimeFormat(format.locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: time_zone,
  })
  return (
    <>
      <div role="group" aria-label={t('telemetry.explorer.stretch')} className="mt-4 flex flex-wrap gap-2">
        {(Object.keys(presets_days) as (keyof typeof presets_days)[]).map((key) => (
          <button
            key={key}
            type="button"
            className="button button-plain button-small"
            onClick={() => go(last_ms + MINUTE_MS - presets_days[key] * DAY_MS, last_ms + MINUTE_MS)}
          >
            {t(`telemetry.explorer.${key}`)}
          </button>
        ))}
        <button
          type="button"
          className="button button-plain button-small"
          onClick={() => go(first_ms, last_ms + MINUTE_MS)}
        >
          {t('telemetry.explorer.all')}
        </button>
        <span className="flex gap-2 sm:ml-auto">
          {moves.map(({ key, sign, act }) => (
            <button
              key={key}
              type="button"
              className="button button-plain button-small w-10 px-0"
              title={t(`telemetry.explorer.${key}`)}
              onClick={act}
            >
              <span aria-hidden="true">{sign}</span>
              <span className="sr-only">{t(`telemetry.explorer.${key}`)}</span>
            </button>
          ))}
        </span>
      </div>
      <p className="figures mt-3 text-sm text-soft" aria-live="polite">
        {instant.formatRange(from_ms, to_ms)} · {time_zone}
      </p>
      <ExplorerChart shown={shown} time_zone={time_zone} from_ms={from_ms} to_ms={to_ms} onZoom={go} />
      <p className="mt-2 text-sm text-soft">{t('telemetry.explorer.drag')}</p>
    </>
  )
}

function instantOf(text: string | undefined): number | undefined {
  const at_ms = Date.parse(text ?? '')
  return Number.isFinite(at_ms) ? at_ms : undefined
}
