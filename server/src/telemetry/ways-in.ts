import type { Door } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import type { Events } from '../platform/events.ts'

interface WaysIn {
  /** The port of our own broker, for those who had a free one taken. */
  mqtt_port: number | undefined
  closing: (() => Promise<void>)[]
}

/** What is open beside HTTP, for each application in this process. */
const open = new WeakMap<Events, WaysIn>()

/** Opens the ways in that are configured. Their libraries are loaded only then. */
export async function openWaysIn(ctx: Context, door: Door): Promise<void> {
  const ways: WaysIn = { mqtt_port: undefined, closing: [] }
  open.set(ctx.events, ways)
  if (ctx.config.mqtt) {
    const { openMqttBroker } = await import('./mqtt-broker.ts')
    const broker = await openMqttBroker(ctx, door)
    ways.mqtt_port = broker.port
    ways.closing.push(() => broker.close())
  }
  if (ctx.config.mqtt_url !== undefined) {
    const { followBroker } = await import('./mqtt-elsewhere.ts')
    const followed = await followBroker(ctx)
    ways.closing.push(() => followed.close())
  }
}

export async function closeWaysIn(ctx: Context): Promise<void> {
  for (const close of open.get(ctx.events)?.closing ?? []) await close()
  open.delete(ctx.events)
}

/** The port on which devices may send by MQTT; undefined where none is open. */
export function mqttPort(ctx: Context): number | undefined {
  return open.get(ctx.events)?.mqtt_port
}
