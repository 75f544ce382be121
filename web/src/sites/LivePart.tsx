import { useQuery } from '@tanstack/react-query'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { devicesQuery } from '../telemetry/queries.ts'
import { SimulatedTag } from '../telemetry/SimulatedTag.tsx'
import { Empty } from '../ui/Rows.tsx'
import { instantIn } from './figures.ts'
import { Flows } from './Flows.tsx'
import { LiveStore, type Connection } from './live-store.ts'
import { LiveTile } from './LiveTile.tsx'
import { usePolling } from './live-polling.ts'
import type { SitePartProps } from './SitePage.tsx'

const route = getRouteApi(paths.site)
const windows_ms = { minutes: 5 * 60_000, hour: 3_600_000, day: 86_400_000 } as const
type WindowName = keyof typeof windows_ms

const lamps: Record<Connection, string> = { connecting: 'bg-sand', live: 'bg-good', polling: 'bg-bad' }

/** The site as it happens. */
export function LivePart({ site }: SitePartProps) {
  const { t, format } = useWords()
  const { span } = route.useSearch()
  const shown: WindowName = span !== undefined && span in windows_ms ? (span as WindowName) : 'day'
  const [store] = useState(() => new LiveStore(site.id, windows_ms[shown]))
  const state = useSyncExternalStore(store.subscribe, store.state)
  const devices = useQuery({ ...devicesQuery(site.id), refetchOnMount: 'always' }).data?.devices
  useEffect(() => {
    store.open()
    return () => store.close()
  }, [store])
  useEffect(() => store.setWindow(windows_ms[shown]), [store, shown])
  usePolling(store, site, state.connection === 'polling')
  const names = new Map(devices?.map(({ sensor_id, name }) => [sensor_id, name]))
  const { connection, now, series_ids, silent, events } = state
  const known = now && [now.generation_kw, now.load_kw, now.grid_kw].some((each) => each !== null)
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p role="status" className="flex items-center gap-2" data-testid="connection" data-connection={connection}>
          <span aria-hidden="true" className={`size-2.5 rounded-full ${lamps[connection]}`} />
          {t(`sites.live.${connection}`)}
          {(site.simulated || series_ids.some((id) => store.seriesOf(id)?.value.simulated === true)) && (
            <SimulatedTag />
          )}
        </p>
        <Windows id={site.id} shown={shown} />
      </div>
      <div className="mt-4 gap-6 lg:grid lg:grid-cols-[minmax(0,0.75fr)_minmax(0,1fr)]">
        <div className="mb-4 lg:sticky lg:top-4 lg:self-start">
          {known && <Flows now={now} />}
          {!known && series_ids.length > 0 && <p className="text-soft">{t('sites.now.silentSays')}</p>}
          {events.length > 0 && (
            <ul aria-live="polite" className="mt-4 space-y-1">
              {events.map(({ kind, at }) => (
                <li key={`${kind} ${at}`}>
                  <strong>{t(`sites.live.event.${kind}`)}</strong>{' '}
                  <span className="text-soft">{instantIn(at, site.time_zone, format)}</span>
                </li>
              ))}
            </ul>
          )}
          {silent.size > 0 && <p className="mt-4 text-bad">{t('sites.live.silent', { count: silent.size })}</p>}
          {series_ids.length === 0 && connection !== 'connecting' && (
            <div className="mt-4">
              <Empty>{t('sites.live.none')}</Empty>
            </div>
          )}
        </div>
        <ul className="grid content-start gap-3 sm:grid-cols-2" aria-label={t('sites.live.series')}>
          {series_ids.map((series_id) => (
            <LiveTile
              key={series_id}
              store={store}
              series_id={series_id}
              stale={silent.has(series_id)}
              names={names}
              window_ms={windows_ms[shown]}
              time_zone={site.time_zone}
            />
          ))}
        </ul>
      </div>
    </>
  )
}

function Windows({ id, shown }: { id: string; shown: WindowName }) {
  const { t } = useWords()
  return (
    <ul aria-label={t('sites.live.window')} className="flex gap-2">
      {(Object.keys(windows_ms) as WindowName[]).map((each) => (
        <li key={each}>
          <Link
            to={paths.site}
            params={{ id }}
            search={{ part: 'live', ...(each === 'day' ? {} : { span: each }) }}
            resetScroll={false}
            aria-current={each === shown ? 'true' : undefined}
            className={`button button-small ${each === shown ? 'button-main' : 'button-plain'}`}
          >
            {t(`sites.live.windows.${each}`)}
          </Link>
        </li>
      ))}
    </ul>
  )
}
