import { setTimeout as sleep } from 'node:timers/promises'
import { callbackify } from 'node:util'
import type { IPublishPacket, MqttClient } from 'mqtt'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import type { Context } from '../platform/context.ts'
import { actingFor } from '../platform/tenancy.ts'
import { Gatherer } from './gather.ts'
import { readMessage, readTopic } from './message.ts'
import * as store from './store.ts'

const ATTEMPTS_MAX = 5

/**
 * Takes in what a broker elsewhere has under `tidemark/{organisation_id}/{sensor_id}`, each message acknowledged after the
 * commit. Who may publish there is that broker's to decide, so its administrator is trusted with every organisation.
 */
export async function followBroker(ctx: Context): Promise<{ close(): Promise<void> }> {
  const { mqtt_url } = ctx.config
  invariant(mqtt_url !== undefined, 'a broker is followed where an address is set')
  const { connect } = await import('mqtt')
  const gatherer = new Gatherer('mqtt')
  const client: MqttClient = connect(mqtt_url, {
    // The same name each time, so that the broker keeps what comes while nobody is here.
    clientId: `tidemark-${new URL(ctx.origin()).host.replaceAll(/[^\w.-]/g, '-')}`,
    clean: false,
    reconnectPeriod: 5_000,
    resubscribe: true,
  })
  client.on('error', (error) => ctx.log.warn({ reason: error.message }, 'the MQTT broker'))
  client.on('connect', () => {
    client.subscribe('tidemark/+/+', { qos: 1 }, (error) => {
      if (error) ctx.log.warn({ reason: error.message }, 'the MQTT broker lets nobody listen')
    })
  })
  client.handleMessage = callbackify(takeStubbornly)
  return {
    close: async () => {
      await client.endAsync(true)
      await gatherer.idle()
    },
  }

  async function takeStubbornly(packet: IPublishPacket): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await take(packet)
      } catch (error) {
        if (attempt >= ATTEMPTS_MAX) throw error
        ctx.log.warn({ err: error }, 'a message could not be stored; it is tried again')
        await sleep(1_000 * 2 ** attempt, undefined, { ref: false })
      }
    }
  }

  async function take({ topic: text, payload }: IPublishPacket): Promise<void> {
    const topic = readTopic(text)
    if (!topic) return
    const own = actingFor(ctx, topic.place)
    const message = readMessage(Buffer.from(payload), topic.sensor_id)
    const [device] = await store.findDevicesBySensor(own.db, topic.place, [topic.sensor_id])
    // Nobody is there to be told: it is written down, without what was sent.
    if (!device || 'faults' in message) {
      ctx.log.info(
        { topic: text, faults: 'faults' in message ? message.faults : undefined },
        'a message was not taken in',
      )
      return
    }
    await gatherer.take(own, topic.place, message.readings)
  }
}
