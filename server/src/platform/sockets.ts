import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { closeCodes, type AnySocket, type SocketInputOf, type SocketRoute } from '@tidemark/core/lib/socket.ts'
import type { z } from 'zod'
import type { Context } from './context.ts'
import { readInput } from './input.ts'
import { realPulse, type Pulse } from './pulse.ts'

/** A declared socket together with what serves it. */
export interface SocketBinding {
  socket: AnySocket
  /** Runs before the upgrade: what it throws is answered over HTTP. What it returns serves the peer from then on. */
  open: (ctx: Context, input: never) => Promise<(peer: Peer) => void>
}

/** Says which function serves a socket, as `bind` does for routes. */
export function bindSocket<P extends z.ZodType, Q extends z.ZodType, M extends z.ZodType>(
  socket: SocketRoute<P, Q, M>,
  open: (ctx: Context, input: SocketInputOf<SocketRoute<P, Q, M>>) => Promise<(peer: Peer) => void>,
): SocketBinding {
  return { socket, open: open as SocketBinding['open'] }
}

/** The other end of an open socket, as a capability sees it. */
export interface Peer {
  /**
   * Sends one message, unless too much is on its way to this peer already.
   * @param text prepared once for all peers by `messageBytes`.
   * @returns false when it was not sent: then `onRoom` is called once there is room again.
   */
  send(text: Uint8Array): boolean
  onRoom(listener: () => void): void
  onMessage(listener: (text: string) => void): void
  /** Nothing was sent for `HEARTBEAT_S`: time for a sign of life that a page can see. */
  onQuiet(listener: () => void): void
  onClose(listener: () => void): void
  close(code: number, reason: string): void
}

/** A message as it goes over every socket: framed once, then written ten thousand times. */
export function messageBytes(message: unknown): Uint8Array {
  const text = Buffer.from(JSON.stringify(message))
  const head =
    text.length < 126
      ? Buffer.from([FINAL_TEXT, text.length])
      : text.length < 65_536
        ? Buffer.from([FINAL_TEXT, 126, text.length >> 8, text.length & 255])
        : Buffer.from([FINAL_TEXT, 127, 0, 0, 0, 0, ...uint32(text.length)])
  return Buffer.concat([head, text])
}

/** RFC 6455, 5.2: the last frame of a message, of text. A server masks nothing. */
const FINAL_TEXT = 0x81
const uint32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]

export const HEARTBEAT_S = 20
const TICK_MS = 5_000
/** Whether whoever opened it still may is asked this often. */
const RECHECK_MS = 60_000
/** A ticket cannot be asked again, so what it opened ends like an access token does. */
const TICKET_MS = 600_000
/** What waits for a slow peer at most. */
const WAITING_BYTES_MAX = 256 * 1024
const ROOM_CHECK_MS = 100
const MESSAGE_BYTES_MAX = 1024 * 1024
const SOCKETS_MAX = 20_000
/** Those who do not answer that the server stops are not waited for. */
const STOP_MS = 500

export interface SocketsOptions {
  sockets: readonly SocketBinding[]
  /** Who asks and whether they may, before anything is upgraded. */
  admit: (request: FastifyRequest, reply: FastifyReply, socket: AnySocket) => Promise<Admitted>
  /** How time passes; as it does for everybody unless said. */
  pulse?: Pulse | undefined
  /** Counts those that are open. */
  onCount?: (open: number) => void
}

export interface Admitted {
  ctx: Context
  /** What proved who asks: one question serves all sockets with the same proof. Undefined for a ticket. */
  proof: string | undefined
  /** Asks again. */
  recheck: () => Promise<unknown>
}

/** Whether a request may be upgraded at all: everything else stays an ordinary request. */
export function upgradesTo(sockets: readonly SocketBinding[]): (request: IncomingMessage) => boolean {
  const patterns = sockets.map(({ socket }) => new RegExp(`^${socket.path.replaceAll(/\{\w+\}/g, '[^/]+')}/?(?:\\?|$)`))
  return ({ method, headers, url = '' }) =>
    method === 'GET' && /^websocket$/i.test(headers.upgrade ?? '') && patterns.some((pattern) => pattern.test(url))
}

/** Binds sockets the way routes are bound: who asks, how often, from where and whether they may is settled before. */
export async function registerSockets(app: FastifyInstance, options: SocketsOptions): Promise<void> {
  if (options.sockets.length === 0) return
  const peers = new Peers(options.pulse ?? realPulse, options.onCount)
  await app.register(async (child) => {
    await child.register(websocket, {
      options: { maxPayload: MESSAGE_BYTES_MAX, perMessageDeflate: false, clientTracking: false },
      preClose: (done: () => void) => peers.stop(done),
    })
    for (const { socket, open } of options.sockets) {
      const opened = new WeakMap<FastifyRequest, Opened>()
      child.route({
        method: 'GET',
        url: socket.path.replaceAll(/\{(\w+)\}/g, ':$1'),
        exposeHeadRoute: false,
        config: { route_name: socket.name },
        onRequest: async (request, reply) => {
          opened.set(request, { ...(await options.admit(request, reply, socket)), serve: undefined })
        },
        preHandler: async (request) => {
          const admitted = opened.get(request)
          invariant(admitted, `${socket.name} was reached without being admitted.`)
          if (!request.ws) throw upgradeRequired(socket)
          peers.refuseMore()
          const input = await readInput(socket, { params: request.params, query: request.query, body: undefined })
          opened.set(request, { ...admitted, serve: await open(admitted.ctx, input as never) })
        },
        handler: () => {
          throw upgradeRequired(socket)
        },
        wsHandler: (ws: WebSocket, request) => {
          const admitted = opened.get(request)
          invariant(admitted?.serve, `${socket.name} was upgraded without being opened.`)
          admitted.serve(peers.add({ ws, wire: request.raw.socket }, socket, admitted))
        },
      })
    }
  })
}

/** A socket as the library speaks it, and the connection below. */
interface Socketed {
  ws: WebSocket
  wire: Socket
}

type Opened = Admitted & { serve: ((peer: Peer) => void) | undefined }

function upgradeRequired({ path }: AnySocket): Problem {
  return new Problem('request/upgrade-required', {
    detail: `${path} is opened as a WebSocket (ws:// or wss://), not fetched.`,
  })
}

/** Every open socket of this process: its pulse, its rights, its room. One timer serves them all. */
class Peers {
  readonly #open = new Set<OpenPeer>()
  readonly #full = new Set<OpenPeer>()
  readonly #pulse: Pulse
  readonly #onCount: (open: number) => void
  #endTicks: (() => void) | undefined
  #room: NodeJS.Timeout | undefined
  #stopped = false
  #added = 0

  constructor(pulse: Pulse, onCount: (open: number) => void = () => undefined) {
    this.#pulse = pulse
    this.#onCount = onCount
  }

  /** @throws Problem `server/unavailable` when there are as many as one process bears. */
  refuseMore(): void {
    if (this.#open.size < SOCKETS_MAX && !this.#stopped) return
    throw new Problem('server/unavailable', { detail: 'As many live connections are open as this server bears.' })
  }

  add({ ws, wire }: Socketed, socket: AnySocket, admitted: Admitted): Peer {
    const peer = new OpenPeer({ ws, wire }, socket, admitted, {
      pulse: this.#pulse,
      place: (this.#added += 1),
      onFull: (full) => this.#waitForRoom(full),
    })
    this.#open.add(peer)
    ws.once('close', () => {
      this.#open.delete(peer)
      this.#full.delete(peer)
      this.#onCount(this.#open.size)
      if (this.#open.size === 0) this.#rest()
    })
    this.#onCount(this.#open.size)
    this.#endTicks ??= this.#pulse.every(TICK_MS, () => this.#tick())
    if (this.#stopped) peer.close(closeCodes.going_away, 'The server stops.')
    return peer
  }

  stop(done: () => void): void {
    this.#stopped = true
    for (const peer of this.#open) peer.close(closeCodes.going_away, 'The server stops.')
    if (this.#open.size === 0) return done()
    setTimeout(() => {
      for (const peer of this.#open) peer.cut()
      this.#rest()
      done()
    }, STOP_MS)
  }

  #rest(): void {
    this.#endTicks?.()
    clearInterval(this.#room)
    this.#endTicks = undefined
    this.#room = undefined
  }

  #tick(): void {
    const now_ms = this.#pulse.now_ms()
    const due = new Map<string, OpenPeer[]>()
    for (const peer of this.#open) {
      peer.beat(now_ms)
      if (!peer.isDueForCheck(now_ms)) continue
      const proof = peer.admitted.proof
      if (proof === undefined) peer.close(closeCodes.ticket_over, 'Take another ticket and go on from the cursor.')
      else due.set(`${peer.socket.needs} ${proof}`, [...(due.get(`${peer.socket.needs} ${proof}`) ?? []), peer])
    }
    for (const peers of due.values()) void this.#recheck(peers)
  }

  async #recheck(peers: readonly OpenPeer[]): Promise<void> {
    try {
      await peers[0]?.admitted.recheck()
    } catch (error) {
      // A database that does not answer just now takes nobody's rights away.
      if (!(error instanceof Problem) || error.type === 'server/unavailable') return
      for (const peer of peers) peer.close(closeCodes.no_longer_allowed, 'You may no longer listen here.')
    }
  }

  #waitForRoom(peer: OpenPeer): void {
    this.#full.add(peer)
    this.#room ??= setInterval(() => {
      for (const each of [...this.#full].filter((full) => full.hasRoom())) {
        this.#full.delete(each)
        each.tellRoom()
      }
      if (this.#full.size > 0) return
      clearInterval(this.#room)
      this.#room = undefined
    }, ROOM_CHECK_MS).unref()
  }
}

/** What a peer shares with all others. */
interface Among {
  pulse: Pulse
  /** How many came before it. */
  place: number
  onFull: (peer: OpenPeer) => void
}

/** From 0 to 1 and never twice in the same place: steps of the golden section fill a circle evenly, however many there are. */
function spread(place: number): number {
  return (place * 0.618033988749895) % 1
}

class OpenPeer implements Peer {
  readonly admitted: Admitted
  readonly socket: AnySocket
  readonly #ws: WebSocket
  readonly #wire: Socket
  readonly #among: Among
  #roomListener: (() => void) | undefined
  #messageListener: ((text: string) => void) | undefined
  #quietListener: (() => void) | undefined
  #is_full = false
  #answered = true
  #pinged_ms: number
  #sent_ms: number
  #checked_ms: number

  constructor(opened: Socketed, socket: AnySocket, admitted: Admitted, among: Among) {
    const { ws, wire } = opened
    this.#ws = ws
    this.#wire = wire
    this.socket = socket
    this.admitted = admitted
    this.#among = among
    const now_ms = among.pulse.now_ms()
    // Ten thousand that came in one second are not all asked in one second.
    this.#pinged_ms = now_ms - spread(among.place) * HEARTBEAT_S * 500
    this.#sent_ms = now_ms
    this.#checked_ms = now_ms
    ws.on('pong', () => (this.#answered = true))
    ws.on('message', (data: Buffer, is_binary) => this.#hear(data, is_binary))
    ws.on('error', () => undefined)
  }

  send(text: Uint8Array): boolean {
    if (this.#is_full) return false
    if (this.#ws.bufferedAmount + text.byteLength > WAITING_BYTES_MAX && this.#ws.bufferedAmount > 0) {
      this.#is_full = true
      this.#among.onFull(this)
      return false
    }
    // Nothing is compressed, so the library writes its own frames at once too, and none comes between.
    if (this.#ws.readyState === this.#ws.OPEN) this.#wire.write(text)
    this.#sent_ms = this.#among.pulse.now_ms()
    return true
  }

  onRoom(listener: () => void): void {
    this.#roomListener = listener
  }

  onMessage(listener: (text: string) => void): void {
    this.#messageListener = listener
  }

  onQuiet(listener: () => void): void {
    this.#quietListener = listener
  }

  onClose(listener: () => void): void {
    this.#ws.once('close', listener)
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason)
  }

  cut(): void {
    this.#ws.terminate()
  }

  hasRoom(): boolean {
    return this.#ws.bufferedAmount <= WAITING_BYTES_MAX / 4
  }

  tellRoom(): void {
    this.#is_full = false
    this.#roomListener?.()
  }

  /** Whoever did not answer the last ping is gone. */
  beat(now_ms: number): void {
    if (now_ms - this.#sent_ms >= HEARTBEAT_S * 1000) this.#quietListener?.()
    if (now_ms - this.#pinged_ms < HEARTBEAT_S * 1000) return
    if (!this.#answered) return this.cut()
    this.#answered = false
    this.#pinged_ms = now_ms
    this.#ws.ping()
  }

  isDueForCheck(now_ms: number): boolean {
    const every_ms = this.admitted.proof === undefined ? TICKET_MS : RECHECK_MS
    if (now_ms - this.#checked_ms < every_ms) return false
    this.#checked_ms = now_ms
    return true
  }

  #hear(data: Buffer, is_binary: boolean): void {
    const { takes_bytes_max } = this.socket
    if (takes_bytes_max === undefined || is_binary) {
      return this.close(closeCodes.policy, 'This stream takes no such messages.')
    }
    if (data.byteLength > takes_bytes_max) {
      return this.close(closeCodes.too_large, `A message has at most ${takes_bytes_max} bytes.`)
    }
    this.#messageListener?.(data.toString('utf8'))
  }
}
