import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import { realPulse, type Pulse } from './pulse.ts'

/** Any body has to be here within this. */
const ORDINARY_MS_MAX = 30_000
/** The longest that a large one may take, for which half a gigabyte needs about a megabit a second. */
export const ARRIVAL_MS_MAX = 3_600_000
/** What a large one brings at least over each window: less is a sender that only keeps the line busy. */
const WINDOW_MS = 30_000
const BYTES_A_SECOND_MIN = 8 * 1024
/** How often it is looked. */
const TICK_MS = 2_000

interface Arrival {
  request: IncomingMessage
  response: ServerResponse
  began_ms: number
  ms_max: number
  /** Set for those that have to bring so much in each window. */
  window: { began_ms: number; bytes: number } | undefined
}

/**
 * Bodies on their way. Each has half a minute; a form or a file, once its sender was let in, as long as it keeps coming. One
 * that takes longer is answered with 408 and its connection ends.
 */
export class Arrivals {
  readonly #pulse: Pulse
  readonly #underway = new Map<IncomingMessage, Arrival>()
  #endTicks: (() => void) | undefined

  constructor(pulse: Pulse = realPulse) {
    this.#pulse = pulse
  }

  /** Watches every request of a server, whatever its address. */
  watch(server: Server): void {
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      if (!hasBody(request)) return
      const now_ms = this.#pulse.now_ms()
      this.#underway.set(request, { request, response, began_ms: now_ms, ms_max: ORDINARY_MS_MAX, window: undefined })
      request.once('close', () => this.#forget(request))
      this.#endTicks ??= this.#pulse.every(TICK_MS, () => this.#tick())
    })
  }

  /** For a sender that was let in, of a route that takes what may be large. */
  letLong(request: IncomingMessage, { accepts, needs }: Pick<AnyRoute, 'accepts' | 'needs'>): void {
    const arrival = this.#underway.get(request)
    // Whoever need not say who they are has no hour of a connection of ours.
    if (arrival === undefined || accepts === undefined || accepts === 'json' || needs === 'public') return
    arrival.ms_max = ARRIVAL_MS_MAX
    arrival.window = { began_ms: this.#pulse.now_ms(), bytes: request.socket.bytesRead }
  }

  #tick(): void {
    const now_ms = this.#pulse.now_ms()
    for (const arrival of this.#underway.values()) {
      if (arrival.request.complete) this.#forget(arrival.request)
      else if (now_ms - arrival.began_ms > arrival.ms_max || isTooSlow(arrival, now_ms)) this.#end(arrival)
    }
  }

  #forget(request: IncomingMessage): void {
    this.#underway.delete(request)
    if (this.#underway.size > 0) return
    this.#endTicks?.()
    this.#endTicks = undefined
  }

  #end({ request, response }: Arrival): void {
    this.#forget(request)
    const { socket } = request
    if (response.headersSent || !socket.writable) return void socket.destroy()
    const body = JSON.stringify({ type: 'about:blank', title: 'Request Timeout', status: 408 })
    socket.end(
      `HTTP/1.1 408 Request Timeout\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    )
    // What is still sent is not waited for.
    socket.destroySoon()
  }
}

function isTooSlow(arrival: Arrival, now_ms: number): boolean {
  const { window, request } = arrival
  if (window === undefined || now_ms - window.began_ms < WINDOW_MS) return false
  const bytes = request.socket.bytesRead
  const wanted = (BYTES_A_SECOND_MIN * (now_ms - window.began_ms)) / 1000
  // What lies here unread is late on our side.
  const is_slow = bytes - window.bytes < wanted && request.readableLength === 0
  arrival.window = { began_ms: now_ms, bytes }
  return is_slow
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
