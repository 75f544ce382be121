import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Config } from './config.ts'
import type { Log } from './log.ts'

/** Something that has happened, told to whoever listens at the moment. What must not be lost is in a table. */
export interface LiveEvent {
  /** Names its place among the events of a topic, in every process alike. */
  cursor: string
  organisation_id: string
  /** `site/site_01…`: what it is about. Two organisations never share one, whatever they call it. */
  topic: string
  kind: string
  data: unknown
}

export type Listener = (event: LiveEvent) => void

/** The kind of the event that says: some may have been missed here, ask for the state anew. */
export const GAP = 'gap'

/**
 * What happens now, told within the process and, on PostgreSQL, between all processes. It is told after the commit of what
 * it speaks of, to whoever listens then; the latest of each topic are kept a while, so that one who was away goes on
 * where they stopped.
 */
export interface Events {
  /** After the commit, never before. Returns at once and never fails: who listens is not the business of who tells. */
  publish(event: Omit<LiveEvent, 'cursor'>): void
  /** @returns what ends it. */
  subscribe(organisation_id: string, topic: string, listener: Listener): () => void
  /** What came after the event that a cursor names, oldest first; undefined when that event is no longer known. */
  since(organisation_id: string, topic: string, cursor: string): LiveEvent[] | undefined
  /** The cursor of the latest event of a topic; null when there is none. */
  latest(organisation_id: string, topic: string): string | null
  /** Resolves when what was published so far is on its way. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** As many events of a topic are kept as a page that was away for a minute has missed, and so many bytes of all topics. */
const TOPIC_EVENTS_MAX = 256
const BYTES_MAX = 64 * 1024 * 1024

export function openEvents(config: Pick<Config, 'database_url'>, log: Log, in_memory = false): Events {
  const recent = new RecentEvents()
  return config.database_url === undefined || in_memory
    ? new OwnEvents(recent)
    : new SharedEvents(recent, config.database_url, log)
}

const keyOf = (organisation_id: string, topic: string) => `${organisation_id} ${topic}`

/** What was told lately, and who listens. */
class RecentEvents {
  readonly #topics = new Map<string, LiveEvent[]>()
  /** All events that are kept, oldest first, with their size. */
  readonly #sizes = new Map<LiveEvent, number>()
  readonly #listeners = new Map<string, Set<Listener>>()
  #bytes = 0

  deliver(event: LiveEvent, bytes: number): void {
    const key = keyOf(event.organisation_id, event.topic)
    const events = this.#topics.get(key) ?? []
    this.#topics.set(key, events)
    events.push(event)
    this.#sizes.set(event, bytes)
    this.#bytes += bytes
    if (events.length > TOPIC_EVENTS_MAX) this.#forget(events[0])
    while (this.#bytes > BYTES_MAX) this.#forget(this.#sizes.keys().next().value)
    for (const listener of this.#listeners.get(key) ?? []) listener(event)
  }

  /** Tells everybody that something may be missing: no cursor from before is known any more. */
  breakOff(cursorOf: () => string): void {
    this.#topics.clear()
    this.#sizes.clear()
    this.#bytes = 0
    for (const [key, listeners] of this.#listeners) {
      const [organisation_id = '', topic = ''] = key.split(/ (.*)/s)
      const event: LiveEvent = { cursor: cursorOf(), organisation_id, topic, kind: GAP, data: null }
      for (const listener of listeners) listener(event)
    }
  }

  subscribe(organisation_id: string, topic: string, listener: Listener): () => void {
    const key = keyOf(organisation_id, topic)
    const listeners = this.#listeners.get(key) ?? new Set()
    this.#listeners.set(key, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(key)
    }
  }

  since(organisation_id: string, topic: string, cursor: string): LiveEvent[] | undefined {
    const events = this.#topics.get(keyOf(organisation_id, topic)) ?? []
    const at = events.findLastIndex((event) => event.cursor === cursor)
    return at < 0 ? undefined : events.slice(at + 1)
  }

  latest(organisation_id: string, topic: string): string | null {
    return this.#topics.get(keyOf(organisation_id, topic))?.at(-1)?.cursor ?? null
  }

  /** Of all events, and of its own topic, it is the oldest. */
  #forget(event: LiveEvent | undefined): void {
    if (event === undefined) return
    const key = keyOf(event.organisation_id, event.topic)
    const events = this.#topics.get(key)
    events?.shift()
    if (events?.length === 0) this.#topics.delete(key)
    this.#bytes -= this.#sizes.get(event) ?? 0
    this.#sizes.delete(event)
  }
}

/** Cursors of one process: nobody else makes the same. */
function cursors(): () => string {
  const origin = randomBytes(5).toString('hex')
  let count = 0
  return () => `${origin}-${(count += 1)}`
}

/** For one process. */
class OwnEvents implements Events {
  readonly #recent: RecentEvents
  readonly #nextCursor = cursors()
  readonly subscribe: Events['subscribe']
  readonly since: Events['since']
  readonly latest: Events['latest']

  constructor(recent: RecentEvents) {
    this.#recent = recent
    this.subscribe = recent.subscribe.bind(recent)
    this.since = recent.since.bind(recent)
    this.latest = recent.latest.bind(recent)
  }

  publish(event: Omit<LiveEvent, 'cursor'>): void {
    const told = { ...event, cursor: this.#nextCursor() }
    this.#recent.deliver(told, JSON.stringify(told).length)
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}

const CHANNEL = 'tidemark_live'
/** PostgreSQL carries less than 8,000 bytes in one notification. */
const PIECE_CHARACTERS = 7_500
/** More than this on the way to a server that does not answer is told here alone. */
const WAITING_MAX = 10_000

/**
 * For any number of processes on one PostgreSQL: everybody hears everything in the same order, oneself included, so that a
 * cursor means the same everywhere. A connection of its own listens and tells; a notification costs no wait for the disk.
 */
class SharedEvents implements Events {
  readonly #recent: RecentEvents
  readonly #url: string
  readonly #log: Log
  readonly #nextCursor = cursors()
  readonly subscribe: Events['subscribe']
  readonly since: Events['since']
  readonly latest: Events['latest']
  #client: pg.Client | undefined
  readonly #waiting: LiveEvent[] = []
  #sending: Promise<void> | undefined
  #closed = false
  readonly #pieces = new Map<string, string[]>()
  /** Settles when the first attempt to connect is over, however it ended. */
  readonly #tried = Promise.withResolvers<void>()
  readonly #running: Promise<void>

  constructor(recent: RecentEvents, url: string, log: Log) {
    this.#recent = recent
    this.#url = url
    this.#log = log
    this.subscribe = recent.subscribe.bind(recent)
    this.since = recent.since.bind(recent)
    this.latest = recent.latest.bind(recent)
    this.#running = this.#stayConnected()
  }

  publish(event: Omit<LiveEvent, 'cursor'>): void {
    this.#waiting.push({ ...event, cursor: this.#nextCursor() })
    // Nobody waits for a server that does not answer: then it is told here alone, and others hear of a gap.
    if (this.#waiting.length > WAITING_MAX) this.#tellHere(this.#waiting.splice(0))
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined))
  }

  async flush(): Promise<void> {
    await this.#tried.promise
    while (this.#sending) await this.#sending
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#tried.promise
    await this.#client?.end().catch(() => undefined)
    await this.#running
  }

  async #send(): Promise<void> {
    await this.#tried.promise
    while (this.#waiting.length > 0) {
      const events = this.#waiting.splice(0, 500)
      try {
        if (!this.#client) throw new Error('There is no connection to tell them over.')
        await this.#client.query(
          'select pg_notify($1, piece) from unnest($2::text[]) with ordinality as p (piece, place) order by place',
          [CHANNEL, events.flatMap(piecesOf)],
        )
      } catch (error) {
        if (!this.#closed) this.#log.warn({ err: error }, 'live events are told in this process alone')
        this.#tellHere(events)
      }
    }
  }

  #tellHere(events: readonly LiveEvent[]): void {
    for (const event of events) this.#recent.deliver(event, JSON.stringify(event).length)
  }

  async #stayConnected(): Promise<void> {
    for (let attempt = 0; !this.#closed; attempt += 1) {
      const client = await this.#connect()
      // What others told in the meantime was not heard.
      if (client && attempt > 0) this.#recent.breakOff(this.#nextCursor)
      this.#client = client
      this.#tried.resolve()
      if (client) await new Promise<void>((resolve) => void client.once('end', resolve))
      this.#client = undefined
      this.#pieces.clear()
      if (!this.#closed) await sleep(1_000, undefined, { ref: false })
    }
  }

  async #connect(): Promise<pg.Client | undefined> {
    const client = new pg.Client({
      connectionString: this.#url,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      application_name: 'tidemark-live',
    })
    client.on('notification', ({ payload }) => this.#hear(payload ?? ''))
    client.on('error', () => undefined)
    try {
      await client.connect()
      // A notification is no record: it need not wait for the disk.
      await client.query('set synchronous_commit = off')
      await client.query(`listen ${CHANNEL}`)
      return client
    } catch (error) {
      this.#log.warn({ err: error }, 'live events of other processes cannot be heard')
      await client.end().catch(() => undefined)
      return undefined
    }
  }

  #hear(payload: string): void {
    const [, cursor = '', place = '', count = '', text = ''] = /^(\S+) (\d+)\/(\d+) (.*)$/s.exec(payload) ?? []
    const pieces = [...(this.#pieces.get(cursor) ?? []), text]
    if (Number(place) < Number(count)) return void this.#pieces.set(cursor, pieces)
    this.#pieces.delete(cursor)
    const whole = pieces.join('')
    try {
      this.#recent.deliver(JSON.parse(whole) as LiveEvent, whole.length)
    } catch (error) {
      this.#log.warn({ err: error }, 'a live event could not be read')
    }
  }
}

/** `cursor 1/3 …`: one event in as many notifications as it takes, in plain ASCII so that a character is a byte. */
function piecesOf(event: LiveEvent): string[] {
  const text = JSON.stringify(event).replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  const count = Math.ceil(text.length / PIECE_CHARACTERS)
  return Array.from(
    { length: count },
    (_, at) => `${event.cursor} ${at + 1}/${count} ${text.slice(at * PIECE_CHARACTERS, (at + 1) * PIECE_CHARACTERS)}`,
  )
}
