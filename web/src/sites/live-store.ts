import { LiveMessage, type LiveValue, type SilentSeries } from '@tidemark/core/sites/live-contract.ts'
import type { SiteMetrics } from '@tidemark/core/sites/metrics-contract.ts'
import { LiveTrace } from './live-trace.ts'

export interface LiveSeries {
  value: LiveValue
  trace: LiveTrace
  silent: SilentSeries | undefined
}

export interface LiveEvent {
  kind: 'anomaly' | 'alert' | 'forecast'
  at: string
}

export type Connection = 'connecting' | 'live' | 'polling'

/** What the page shows beside the moving lines: it changes seldom, so React may draw it. */
export interface LiveState {
  connection: Connection
  now: SiteMetrics['now'] | undefined
  /** In the order of their devices. */
  series_ids: readonly number[]
  silent: ReadonlySet<number>
  events: readonly LiveEvent[]
}

const EVENTS_MAX = 8
const RETRY_MS = [500, 1_000, 3_000, 10_000, 30_000]
/** After so many failures the page asks by itself until the stream is back. */
const FAILURES_UNTIL_POLLING = 2

/**
 * The live picture of one site: what came over the WebSocket, or was asked for while there is none. Readings go into traces at
 * once and are drawn with the next frame; React hears only of what changes seldom.
 */
export class LiveStore {
  readonly #site_id: string
  readonly #series = new Map<number, LiveSeries>()
  readonly #listeners = new Set<() => void>()
  readonly #dirty = new Set<number>()
  #window_ms: number
  #state: LiveState = { connection: 'connecting', now: undefined, series_ids: [], silent: new Set(), events: [] }
  #socket: WebSocket | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #cursor: string | null = null
  #failures = 0
  #closed = true

  constructor(site_id: string, window_ms: number) {
    this.#site_id = site_id
    this.#window_ms = window_ms
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly state = (): LiveState => this.#state
  seriesOf(series_id: number): LiveSeries | undefined {
    return this.#series.get(series_id)
  }

  /** Series that have something new to draw, once. */
  takeDirty(): number[] {
    const dirty = [...this.#dirty]
    this.#dirty.clear()
    return dirty
  }

  setWindow(window_ms: number): void {
    this.#window_ms = window_ms
    for (const series of this.#series.values()) {
      series.trace = new LiveTrace(window_ms)
      series.trace.push(Date.parse(series.value.at), series.value.value)
      this.#dirty.add(series.value.series_id)
    }
  }

  open(): void {
    this.#closed = false
    this.#connect()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#socket?.close()
  }

  #connect(): void {
    const after = this.#cursor === null ? '' : `?after=${encodeURIComponent(this.#cursor)}`
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const socket = new WebSocket(`${scheme}://${location.host}/ws/site/${encodeURIComponent(this.#site_id)}${after}`)
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#take(String(data)))
    socket.addEventListener('close', () => {
      if (this.#closed || this.#socket !== socket) return
      this.#failures += 1
      this.#change({ connection: this.#failures >= FAILURES_UNTIL_POLLING ? 'polling' : 'connecting' })
      this.#timer = setTimeout(() => this.#connect(), RETRY_MS[Math.min(this.#failures, RETRY_MS.length) - 1])
    })
  }

  #take(text: string): void {
    const read = LiveMessage.safeParse(JSON.parse(text))
    // A newer server may say things that this page does not know yet.
    if (!read.success) return
    const message = read.data
    this.#cursor = message.cursor ?? this.#cursor
    this.#failures = 0
    if (this.#state.connection !== 'live') this.#change({ connection: 'live' })
    switch (message.kind) {
      case 'hello':
      case 'lagged':
        this.takeValues(message.values)
        this.#change({ now: message.now })
        this.#silence(message.silent)
        break
      case 'reading':
        this.takeValues(message.values)
        break
      case 'metrics':
        this.#change({ now: message.now })
        break
      case 'stale':
        this.#silence(message.silent)
        break
      case 'anomaly':
      case 'alert':
      case 'forecast':
        this.#change({ events: [{ kind: message.kind, at: message.at }, ...this.#state.events].slice(0, EVENTS_MAX) })
        break
      case 'heartbeat':
    }
  }

  /** Values from the stream, from a question, or from the past of a series. */
  takeValues(values: readonly LiveValue[]): void {
    let changed = false
    for (const value of values) {
      const known = this.#series.get(value.series_id)
      const series = known ?? { value, trace: new LiveTrace(this.#window_ms), silent: undefined }
      if (!known) this.#series.set(value.series_id, series)
      if (Date.parse(value.at) >= Date.parse(series.value.at)) {
        changed ||= !known || series.silent !== undefined
        if (Date.parse(value.at) > Date.parse(series.value.at)) series.silent = undefined
        series.value = value
      }
      if (value.verdict !== 'invalid') series.trace.push(Date.parse(value.at), value.value)
      this.#dirty.add(value.series_id)
    }
    if (changed) this.#tellSeries()
  }

  takeNow(now: SiteMetrics['now']): void {
    this.#change({ now })
  }

  /** What lies before the first reading that came live. */
  takePast(series_id: number, points: readonly { at: string; mean: number | null }[]): void {
    const series = this.#series.get(series_id)
    if (!series) return
    for (const { at, mean } of points) if (mean !== null) series.trace.push(Date.parse(at), mean)
    this.#dirty.add(series_id)
  }

  #silence(silent: readonly SilentSeries[]): void {
    for (const each of silent) {
      const series = this.#series.get(each.series_id)
      if (series) series.silent = each
    }
    this.#tellSeries()
  }

  #tellSeries(): void {
    const all = [...this.#series.values()].sort(
      (a, b) => a.value.sensor_id.localeCompare(b.value.sensor_id) || a.value.measure.localeCompare(b.value.measure),
    )
    this.#change({
      series_ids: all.map(({ value }) => value.series_id),
      silent: new Set(all.filter(({ silent }) => silent).map(({ value }) => value.series_id)),
    })
  }

  #change(part: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...part }
    for (const listener of this.#listeners) listener()
  }
}
