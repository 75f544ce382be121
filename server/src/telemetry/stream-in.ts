import { closeCodes, type SocketInputOf } from '@tidemark/core/lib/socket.ts'
import { sendReadings } from '@tidemark/core/telemetry/stream-contract.ts'
import type { Context } from '../platform/context.ts'
import { bindSocket, messageBytes, type Peer } from '../platform/sockets.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { Gatherer } from './gather.ts'
import { readMessage } from './message.ts'

/** Messages that may wait for their answer at once. */
const WAITING_MAX = 100
const gatherer = new Gatherer('websocket')

async function openStream(
  ctx: Context,
  { sensor_id }: SocketInputOf<typeof sendReadings>,
): Promise<(peer: Peer) => void> {
  const organisation_id = organisationOf(ctx)
  return (peer) => {
    let waiting = 0
    let count = 0
    const answer = async (text: string): Promise<object> => {
      const message = readMessage(Buffer.from(text), sensor_id)
      if ('faults' in message) return { kind: 'refused', ...message }
      try {
        return { kind: 'taken', ...(await gatherer.take(ctx, organisation_id, message.readings)) }
      } catch (error) {
        ctx.log.warn({ err: error }, 'readings of a stream could not be stored')
        return { kind: 'not_stored' }
      }
    }
    const serve = async (text: string, message: number): Promise<void> => {
      const outcome = await answer(text)
      waiting -= 1
      // Whoever does not read answers does not get to send more either.
      if (!peer.send(messageBytes({ message, ...outcome })))
        peer.close(closeCodes.policy, 'Answers are not being read.')
    }
    peer.onMessage((text) => {
      if (waiting >= WAITING_MAX)
        return peer.close(closeCodes.policy, `At most ${WAITING_MAX} messages wait for an answer.`)
      waiting += 1
      void serve(text, count)
      count += 1
    })
  }
}

export const streamSockets = [bindSocket(sendReadings, openStream)]
