import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chainedFields, chainStart, endFaults, eventHash, ipPrefixOf, walkChain, type StoredEvent } from './chain.ts'
import { csvLine } from './export.ts'

function chainOf(length: number): StoredEvent[] {
  const events: StoredEvent[] = []
  let { hash: prev_hash } = chainStart
  for (let seq = 1; seq <= length; seq++) {
    const event = {
      seq,
      event_id: `aud_${seq}`,
      at: `2026-11-21T12:00:00.${String(seq).padStart(3, '0')}Z`,
      actor_kind: 'person',
      actor_ref: 'act_A',
      organisation_id: 'org_1',
      action: 'footprint.calculated',
      resource_type: 'calculation',
      resource_id: `calc_${seq}`,
      result: 'done',
      ip_prefix: '203.0.113.0/24',
      request_id: `r${seq}`,
      before_digest: null,
      after_digest: 'a'.repeat(64),
      prev_hash,
    }
    const hash = eventHash(event)
    events.push({ ...event, hash })
    prev_hash = hash
  }
  return events
}

const chain = chainOf(12)

describe('a chain', () => {
  test('as it was written has no fault, in pieces of any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), (size) => {
        let position = chainStart
        for (let i = 0; i < chain.length; i += size) {
          const walked = walkChain(chain.slice(i, i + size), position)
          expect(walked.faults).toEqual([])
          position = walked.position
        }
        expect(position).toEqual({ seq: 12, hash: chain.at(-1)!.hash })
      }),
    )
  })

  test.each([...chainedFields, 'hash' as const])('names the row whose %s was altered', (field) => {
    const altered = chain.map((event) =>
      event.seq === 5 ? { ...event, [field]: field === 'seq' ? 50 : `${String(event[field])}x` } : event,
    )
    const { faults } = walkChain(altered, chainStart)
    expect(faults.some((fault) => fault.kind === 'altered' && fault.event_id?.startsWith('aud_5'))).toBe(true)
  })

  test('names the row after one that was taken out, also when it was hashed anew', () => {
    const without = chain.filter(({ seq }) => seq !== 7)
    expect(walkChain(without, chainStart).faults).toEqual([{ kind: 'missing', seq: 8, event_id: 'aud_8' }])
    const forged = { ...chain[6]!, action: 'accounts.signed_out' }
    const replaced = chain.map((event) => (event.seq === 7 ? { ...forged, hash: eventHash(forged) } : event))
    expect(walkChain(replaced, chainStart).faults).toEqual([{ kind: 'unlinked', seq: 8, event_id: 'aud_8' }])
  })

  test('that lost its end is told by a note of where it ended', () => {
    const { hash } = chain.at(-1)!
    const { position } = walkChain(chain.slice(0, 9), chainStart)
    expect(endFaults(position, { seq: 12, hash })).toEqual([{ kind: 'cut_off', seq: 9 }])
    expect(endFaults({ seq: 12, hash }, { seq: 12, hash })).toEqual([])
    expect(endFaults({ seq: 12, hash }, { seq: 12, hash: 'b'.repeat(64) })).toEqual([{ kind: 'altered', seq: 12 }])
  })
})

test.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:db8::6', '2001:db8::/48'],
  ['::1', '::/48'],
  ['fe80::1%eth0', 'fe80::/48'],
  ['not an address', null],
  [undefined, null],
])('of the address %s the log keeps %s', (address, prefix) => {
  expect(ipPrefixOf(address)).toBe(prefix)
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '＋1', '－1', '＠1', '\u00a0=1'])(
  'a spreadsheet does not run the cell %j',
  (cell) => {
    expect(csvLine([cell, 'a"b', null, 3])).toBe(`"'${cell}","a""b",,3\r\n`)
  },
)
