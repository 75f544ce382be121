import { Problem, pointer, type Fault } from '@tidemark/core/lib/problem.ts'
import { READINGS_MAX } from '@tidemark/core/telemetry/contract.ts'
import { readJsonBody } from '../platform/json-body.ts'

/** `tidemark/{organisation, site or -}/{sensor_id}` */
const TOPIC = /^tidemark\/([^/+#]{1,120})\/([^/+#]{1,120})$/

export interface Topic {
  /** The id of an organisation or a site; `-` stands for the sender’s own organisation. */
  place: string
  sensor_id: string
}

export function readTopic(topic: string): Topic | undefined {
  const [, place, sensor_id] = TOPIC.exec(topic) ?? []
  return place === undefined || sensor_id === undefined ? undefined : { place, sensor_id }
}

/**
 * The readings of one message: a reading, a list of them, or `{"readings": […]}`. A reading that does not name its sensor
 * is of the one that the message came from, where that is known; one that names another is refused.
 */
export function readMessage(
  payload: Uint8Array,
  sensor_id: string | undefined,
): { readings: unknown[] } | { faults: Fault[] } {
  let sent: unknown
  try {
    sent = readJsonBody(Buffer.from(payload))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const fault = { path: '', code: 'malformed-json', message: error.details.detail ?? 'The message is not JSON.' }
    return { faults: [fault] }
  }
  const list = Array.isArray(sent) ? sent : isRecord(sent) && Array.isArray(sent.readings) ? sent.readings : [sent]
  if (list.length === 0 || list.length > READINGS_MAX) {
    const message = `A message holds 1 to ${READINGS_MAX} readings.`
    return { faults: [{ path: '/readings', code: 'invalid-count', message }] }
  }
  if (sensor_id === undefined) return { readings: list }
  const strange = list.findIndex((each) => isRecord(each) && (each.sensor_id ?? sensor_id) !== sensor_id)
  if (strange >= 0) {
    const message = `This came as ${sensor_id}.`
    return { faults: [{ path: pointer(['readings', strange, 'sensor_id']), code: 'other-sensor', message }] }
  }
  return { readings: list.map((each: unknown) => (isRecord(each) && each.sensor_id === undefined ? { ...each, sensor_id } : each)) } // oxfmt-ignore
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
