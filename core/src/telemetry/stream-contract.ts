import { z } from 'zod'
import { socket } from '../lib/socket.ts'
import { BatchSummary, ReadingOutcome } from './contract.ts'

const about = { message: z.number().int().describe('Which of your messages this answers, from 0.') }
const Faults = ReadingOutcome.shape.faults

export const sendReadings = socket({
  name: 'telemetry.stream',
  path: '/ws/readings',
  summary: 'Takes readings in as they are sent, and answers each message when it is stored',
  description:
    'A message is a reading, a list of readings, or {"readings": […]}. With ?sensor_id= readings need not name their sensor. At most a hundred messages may wait for their answer.',
  needs: 'telemetry.ingest',
  query: z.object({
    sensor_id: z.string().min(1).max(120).optional(),
    ticket: z.string().max(100).optional(),
  }),
  takes_bytes_max: 1024 * 1024,
  sends: z
    .discriminatedUnion('kind', [
      z.object({
        kind: z.literal('taken'),
        ...about,
        batch_id: BatchSummary.shape.batch_id,
        received: z.number().int(),
        readings: z.array(ReadingOutcome).describe('Those that are not simply valid and new.'),
      }),
      z.object({ kind: z.literal('refused'), ...about, faults: Faults }),
      z.object({ kind: z.literal('not_stored'), ...about }).describe('The database could not; send it again.'),
    ])
    .meta({ id: 'ReadingStreamMessage' }),
  problems: ['accounts/not-signed-in', 'accounts/not-allowed'],
  examples: [{ summary: 'Of one device', query: { sensor_id: 'mast-7' } }],
})
