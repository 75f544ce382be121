import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { closeCodes, type SocketInputOf } from '@tidemark/core/lib/socket.ts'
import {
  live as liveSocket,
  LiveMessage,
  liveTicket,
  type LiveValue,
  type SilentSeries,
} from '@tidemark/core/sites/live-contract.ts'
import type { SiteMetrics } from '@tidemark/core/sites/metrics-contract.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import { GAP_INTERVALS, INTERVAL_S_DEFAULT } from '@tidemark/core/telemetry/take-in.ts'
import { bind } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { GAP, type Events, type LiveEvent } from '../platform/events.ts'
import { bindSocket, HEARTBEAT_S, messageBytes, type Peer } from '../platform/sockets.ts'
import { actingFor, organisationOf } from '../platform/tenancy.ts'
import { issueTicket } from '../platform/tickets.ts'
import { READING_EVENT, seriesOfSite, siteTopic, type ReadingNews, type SiteSeries } from '../telemetry/service.ts'
import { nowOf } from './metrics.ts'
import { knownSite } from './service.ts'
import type { SiteRow } from './store.ts'

/** Power changes with every reading; a person reads it once a second. */
const METRICS_MS = 1_000
/** How often silence is looked for, and the list of series read anew while somebody watches. */
const WATCH_MS = 5_000
const RELOAD_MS = 60_000
/** A feed that nobody watches is given up, though not under the feet of one who is about to. */
const FORSAKEN_MS = 15_000

/** Tells whoever watches a site of something that was found, decided or forecast. After the commit of what it speaks of. */
export function announce(
  ctx: Context,
  site_id: string,
  kind: 'anomaly' | 'alert' | 'forecast',
  data: Readonly<Record<string, unknown>>,
): void {
  ctx.events.publish({ organisation_id: organisationOf(ctx), topic: siteTopic(site_id), kind, data })
}

/** Feeds of the sites that somebody watches, for each application in this process. */
const feeds = new WeakMap<Events, Map<string, Promise<SiteFeed>>>()

async function openLive(
  ctx: Context,
  { site_id, after }: SocketInputOf<typeof liveSocket>,
): Promise<(peer: Peer) => void> {
  const site = await knownSite(ctx, site_id)
  const of_app = feeds.get(ctx.events) ?? new Map<string, Promise<SiteFeed>>()
  feeds.set(ctx.events, of_app)
  const opening =
    of_app.get(site.id) ?? SiteFeed.open(actingFor(ctx, site.organisation_id), site, () => of_app.delete(site.id))
  of_app.set(site.id, opening)
  const feed = await opening.catch((error: unknown) => {
    of_app.delete(site.id)
    throw error
  })
  feed.expect()
  return (peer) => feed.add(peer, after)
}

export const liveSockets = [bindSocket(liveSocket, openLive)]
export const liveBindings = [
  bind(liveTicket, async (ctx) => {
    const { ticket, expires_at } = await issueTicket(ctx)
    return { ticket, expires_at: expires_at.toISOString() }
  }),
]

interface Watcher {
  peer: Peer
  /** How much of which kind was not sent while there was no room; null while there is. */
  dropped: Record<string, number> | null
}

type Said = LiveMessage extends infer M ? (M extends LiveMessage ? Omit<M, 'site_id' | 'at' | 'cursor'> : never) : never

/** One site as it is now, read once and then kept by what happens, for everybody who watches it. */
class SiteFeed {
  readonly #ctx: Context
  readonly #topic: string
  readonly #end: () => void
  readonly #watchers = new Set<Watcher>()
  readonly #silent = new Set<number>()
  #series = new Map<number, SiteSeries>()
  #verdicts = new Map<number, LiveValue['verdict']>()
  #site: SiteRow
  /** Null when they are to be read anew. */
  #loaded_ms: number | null = null
  #expected_ms = 0
  #metrics: NodeJS.Timeout | undefined
  #endWatch: () => void = () => undefined
  #unsubscribe: () => void = () => undefined

  static async open(ctx: Context, site: SiteRow, onEnd: () => void): Promise<SiteFeed> {
    const feed = new SiteFeed(ctx, site, onEnd)
    // Listening first: what comes in while the series are read is not missed.
    feed.#unsubscribe = ctx.events.subscribe(site.organisation_id, feed.#topic, (event) => feed.#hear(event))
    try {
      await feed.#load()
      for (const { series_id } of feed.#silentNow()) feed.#silent.add(series_id)
    } catch (error) {
      feed.#unsubscribe()
      throw error
    }
    feed.#endWatch = ctx.pulse.every(WATCH_MS, () => void feed.#lookForSilence())
    return feed
  }

  private constructor(ctx: Context, site: SiteRow, onEnd: () => void) {
    this.#ctx = ctx
    this.#site = site
    this.#topic = siteTopic(site.id)
    this.#end = onEnd
  }

  add(peer: Peer, after: string | undefined): void {
    const watcher: Watcher = { peer, dropped: null }
    const { events } = this.#ctx
    const missed = after === undefined ? [] : events.since(this.#site.organisation_id, this.#topic, after)
    this.#send(watcher, {
      kind: 'hello',
      number: this.#site.number,
      name: this.#site.name,
      simulated: this.#site.simulated,
      heartbeat_s: HEARTBEAT_S,
      resumed: after === undefined ? 'not_asked' : missed === undefined ? 'gap' : 'complete',
      ...this.#state(),
    })
    for (const event of missed ?? []) {
      const said = this.#saying(event)
      if (said) this.#sendBytes(watcher, event.kind, this.#bytes(said, event.cursor))
    }
    this.#watchers.add(watcher)
    peer.onRoom(() => this.#catchUp(watcher))
    peer.onQuiet(() => this.#send(watcher, { kind: 'heartbeat' }))
    peer.onClose(() => this.#watchers.delete(watcher))
  }

  /** Somebody is about to be added. */
  expect(): void {
    this.#expected_ms = this.#ctx.pulse.now_ms()
  }

  #endIfForsaken(): boolean {
    if (this.#watchers.size > 0 || this.#ctx.pulse.now_ms() - this.#expected_ms < FORSAKEN_MS) return false
    this.#endWatch()
    clearTimeout(this.#metrics)
    this.#unsubscribe()
    this.#end()
    return true
  }

  #hear(event: LiveEvent): void {
    if (event.kind === GAP) return void this.#afterGap()
    if (event.kind === READING_EVENT) this.#take(event.data as ReadingNews)
    const said = this.#saying(event)
    if (said) this.#tell(said, event.cursor)
  }

  /** What an event says to those who watch. */
  #saying({ kind, data }: LiveEvent): Said | undefined {
    if (kind === READING_EVENT) {
      const { source, values, left_out } = data as ReadingNews
      return { kind: 'reading', source, values, left_out }
    }
    if (kind === 'anomaly' || kind === 'alert' || kind === 'forecast') {
      return { kind, data: data as Record<string, unknown> }
    }
    return undefined
  }

  /** Keeps the newest value of each series. */
  #take({ values }: ReadingNews): void {
    for (const each of values) {
      const { series_id, value, verdict } = each
      const at = new Date(each.at)
      const series = this.#series.get(series_id) ?? this.#begin(each)
      if (series.last_at !== null && at < series.last_at) continue
      this.#series.set(series_id, { ...series, last_at: at, last_value: value })
      this.#verdicts.set(series_id, verdict)
      this.#silent.delete(series_id)
    }
    this.#metrics ??= setTimeout(() => {
      this.#metrics = undefined
      this.#tell({ kind: 'metrics', now: this.#now() })
    }, METRICS_MS).unref()
  }

  /** A series that is new. What else is known of it is read in a moment. */
  #begin({ series_id, device_id, sensor_id, measure, simulated }: ReadingNews['values'][number]): SiteSeries {
    this.#loaded_ms = null
    const unknown = { readings: 0, first_at: null, last_at: null, last_value: null, profile: null }
    return { series_id, device_id, sensor_id, measure, simulated, interval_s: INTERVAL_S_DEFAULT, ...unknown }
  }

  async #load(): Promise<void> {
    this.#site = await knownSite(this.#ctx, this.#site.id)
    const series = await seriesOfSite(this.#ctx, this.#site.id)
    const newer = (each: SiteSeries): SiteSeries => {
      const known = this.#series.get(each.series_id)
      return known?.last_at && (!each.last_at || known.last_at > each.last_at)
        ? { ...each, last_at: known.last_at, last_value: known.last_value }
        : each
    }
    this.#series = new Map(series.map((each) => [each.series_id, newer(each)]))
    this.#loaded_ms = this.#ctx.pulse.now_ms()
  }

  async #lookForSilence(): Promise<void> {
    if (this.#endIfForsaken()) return
    try {
      const now_ms = this.#ctx.pulse.now_ms()
      if (this.#loaded_ms === null || now_ms - this.#loaded_ms > RELOAD_MS) await this.#load()
    } catch (error) {
      if (error instanceof Problem && error.type === 'sites/unknown-site') return this.#closeAll()
      this.#ctx.log.warn({ err: error }, 'the series of a watched site could not be read; it is tried again')
    }
    const silent = this.#silentNow().filter(({ series_id }) => !this.#silent.has(series_id))
    if (silent.length === 0) return
    for (const { series_id } of silent) this.#silent.add(series_id)
    this.#tell({ kind: 'stale', silent })
  }

  #closeAll(): void {
    for (const { peer } of this.#watchers) peer.close(closeCodes.policy, 'The site was removed.')
  }

  /** Something may have been told that was not heard here: everybody gets the state as the database has it. */
  async #afterGap(): Promise<void> {
    try {
      await this.#load()
      for (const watcher of this.#watchers) {
        watcher.dropped ??= {}
        this.#catchUp(watcher)
      }
    } catch (error) {
      this.#ctx.log.warn({ err: error }, 'a watched site could not be read anew')
    }
  }

  #tell(said: Said, cursor = this.#latest()): void {
    if (this.#watchers.size === 0) return
    const bytes = this.#bytes(said, cursor)
    for (const watcher of this.#watchers) this.#sendBytes(watcher, said.kind, bytes)
  }

  #send(watcher: Watcher, said: Said): void {
    this.#sendBytes(watcher, said.kind, this.#bytes(said, this.#latest()))
  }

  #sendBytes(watcher: Watcher, kind: string, bytes: Uint8Array): void {
    if (watcher.dropped === null && watcher.peer.send(bytes)) return
    watcher.dropped ??= {}
    watcher.dropped[kind] = (watcher.dropped[kind] ?? 0) + 1
  }

  /** There is room again: what was left out is counted, and the state as it is now takes its place. */
  #catchUp(watcher: Watcher): void {
    const { dropped } = watcher
    if (dropped === null) return
    watcher.dropped = null
    const bytes = this.#bytes({ kind: 'lagged', dropped, ...this.#state() }, this.#latest())
    if (!watcher.peer.send(bytes)) watcher.dropped = dropped
  }

  #bytes(said: Said, cursor: string | null): Uint8Array {
    const message = { ...said, site_id: this.#site.id, at: this.#ctx.now().toISOString(), cursor }
    const checked = LiveMessage.safeParse(message)
    invariant(checked.success, `A live message is not what its contract promises: ${checked.error?.message}`)
    return messageBytes(checked.data)
  }

  #latest(): string | null {
    return this.#ctx.events.latest(this.#site.organisation_id, this.#topic)
  }

  #state(): { values: LiveValue[]; now: SiteMetrics['now']; silent: SilentSeries[] } {
    return { values: [...this.#series.values()].flatMap((each) => this.#newest(each)), now: this.#now(), silent: this.#silentNow() } // oxfmt-ignore
  }

  #newest(series: SiteSeries): LiveValue[] {
    const { series_id, device_id, sensor_id, measure, last_at, last_value, simulated } = series
    if (last_at === null || last_value === null) return []
    const unit = measures.get(measure)?.unit
    invariant(unit !== undefined, 'only known measures are stored')
    const verdict = this.#verdicts.get(series_id) ?? null
    return [{ series_id, device_id, sensor_id, measure, unit, at: last_at.toISOString(), value: last_value, verdict, simulated }] // oxfmt-ignore
  }

  #now(): SiteMetrics['now'] {
    return nowOf(this.#site, [...this.#series.values()], this.#ctx.now())
  }

  #silentNow(): SilentSeries[] {
    const now_ms = this.#ctx.now().getTime()
    return [...this.#series.values()].flatMap(({ series_id, sensor_id, measure, last_at, interval_s }) => {
      if (last_at === null) return []
      const silent_s = (now_ms - last_at.getTime()) / 1000
      if (silent_s <= GAP_INTERVALS * interval_s) return []
      return [{ series_id, sensor_id, measure, last_at: last_at.toISOString(), silent_s, interval_s }]
    })
  }
}
