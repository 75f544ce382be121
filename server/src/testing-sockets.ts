import WebSocket from 'ws'
import type { Pulse } from './platform/pulse.ts'

/** A pulse that stands still until it is told to go on; then everything that has come due is done, in order. */
export class HandPulse implements Pulse {
  #now_ms = 0
  readonly #due = new Map<() => void, { interval_ms: number; next_ms: number }>()
  readonly now_ms = () => this.#now_ms

  /** Whether anything is done every so often. */
  get busy(): boolean {
    return this.#due.size > 0
  }

  readonly every = (interval_ms: number, act: () => void) => {
    this.#due.set(act, { interval_ms, next_ms: this.#now_ms + interval_ms })
    return () => void this.#due.delete(act)
  }

  pass(seconds: number): void {
    const end_ms = this.#now_ms + seconds * 1000
    for (;;) {
      const [next] = [...this.#due].sort(([, one], [, other]) => one.next_ms - other.next_ms)
      if (next === undefined || next[1].next_ms > end_ms) break
      const [act, when] = next
      this.#now_ms = when.next_ms
      when.next_ms += when.interval_ms
      act()
    }
    this.#now_ms = end_ms
  }
}

/** A client for tests that keeps what it hears, oldest first. */
export interface TestSocket {
  ws: WebSocket
  /** The next message that `fits`, heard already or still to come; those before it are let go. */
  next<T = Record<string, unknown>>(fits?: (message: Record<string, unknown>) => boolean): Promise<T>
  heard: Record<string, unknown>[]
  closed: Promise<number>
}

/** Opens a socket, or says with which status and problem it was refused. */
export async function openSocket(
  url: string,
  headers: Record<string, string> = {},
  options: { autoPong?: boolean } = {},
): Promise<TestSocket | { status: number; type: string }> {
  const ws = new WebSocket(url, { headers, perMessageDeflate: false, ...options })
  const heard: Record<string, unknown>[] = []
  const waiting: { fits: (message: Record<string, unknown>) => boolean; resolve: (message: never) => void }[] = []
  const offer = () => {
    for (const wait of waiting.slice()) {
      const at = heard.findIndex((message) => wait.fits(message))
      if (at < 0) continue
      waiting.splice(waiting.indexOf(wait), 1)
      wait.resolve(heard.splice(0, at + 1).at(-1) as never)
    }
  }
  ws.on('message', (data: Buffer) => {
    heard.push(JSON.parse(data.toString()) as Record<string, unknown>)
    offer()
  })
  const closed = new Promise<number>((resolve) => ws.on('close', resolve))
  const socket: TestSocket = {
    ws,
    heard,
    closed,
    next: (fits = () => true) =>
      new Promise((resolve) => {
        waiting.push({ fits, resolve })
        offer()
      }),
  }
  return new Promise((resolve, reject) => {
    ws.on('error', reject)
    ws.on('open', () => {
      ws.off('error', reject)
      ws.on('error', () => undefined)
      resolve(socket)
    })
    ws.on('unexpected-response', (_request, response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => {
        const { type = '' } = text === '' ? {} : (JSON.parse(text) as { type?: string })
        resolve({ status: response.statusCode ?? 0, type })
      })
    })
  })
}

/** The same where it must open. */
export async function mustOpen(
  url: string,
  headers: Record<string, string> = {},
  options: { autoPong?: boolean } = {},
): Promise<TestSocket> {
  const opened = await openSocket(url, headers, options)
  if ('status' in opened) throw new Error(`${url} was answered with ${opened.status} ${opened.type}`)
  return opened
}
