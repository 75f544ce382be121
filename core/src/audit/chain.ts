import { canonicalize, sha256Hex } from '../certificates/canonical.ts'

/** One event as it is chained: no name, no address of mail, no content; those are kept elsewhere or not at all. */
export interface ChainedEvent {
  seq: number
  event_id: string
  /** RFC 3339, UTC, milliseconds. */
  at: string
  actor_kind: string
  /** A pseudonym; whom it stands for is kept apart and can be erased. */
  actor_ref: string | null
  organisation_id: string | null
  action: string
  resource_type: string | null
  resource_id: string | null
  result: string
  /** The network, never the whole address: /24 of IPv4, /48 of IPv6. */
  ip_prefix: string | null
  request_id: string
  /** Keyed digests of the resource before and after: equal digests are equal states, and nobody can guess from them. */
  before_digest: string | null
  after_digest: string | null
  prev_hash: string
}

export interface StoredEvent extends ChainedEvent {
  hash: string
}

/** What stands before the first event. */
export const GENESIS_HASH = '0'.repeat(64)

/** Everything that is hashed, in one list: a column that is added to the table without being added here is not protected. */
export const chainedFields = [
  'seq',
  'event_id',
  'at',
  'actor_kind',
  'actor_ref',
  'organisation_id',
  'action',
  'resource_type',
  'resource_id',
  'result',
  'ip_prefix',
  'request_id',
  'before_digest',
  'after_digest',
  'prev_hash',
] as const satisfies readonly (keyof ChainedEvent)[]

/** SHA-256 over the canonical JSON (RFC 8785) of the fields above, in lower-case hex. */
export function eventHash(event: ChainedEvent): string {
  return sha256Hex(canonicalize(Object.fromEntries(chainedFields.map((name) => [name, event[name]]))))
}

export interface ChainFault {
  /** `altered`: a field is not what was hashed. `missing`: rows before this one are gone. `unlinked`: it follows another row. `cut_off`: rows after the last are gone. */
  kind: 'altered' | 'missing' | 'unlinked' | 'cut_off'
  /** The row that does not fit; of `cut_off`, the last that is left. */
  seq: number
  event_id?: string
}

/** Where a walk along the chain stands. */
export interface ChainPosition {
  seq: number
  hash: string
}

export const chainStart: ChainPosition = { seq: 0, hash: GENESIS_HASH }

/**
 * Walks along some events in the order of their numbers and names each that does not fit.
 * @param from where the walk stood before the first of them.
 */
export function walkChain(
  events: readonly StoredEvent[],
  from: ChainPosition,
): { faults: ChainFault[]; position: ChainPosition } {
  const faults: ChainFault[] = []
  let position = from
  for (const event of events) {
    const { seq, event_id } = event
    if (eventHash(event) !== event.hash) faults.push({ kind: 'altered', seq, event_id })
    if (seq !== position.seq + 1) faults.push({ kind: 'missing', seq, event_id })
    else if (event.prev_hash !== position.hash) faults.push({ kind: 'unlinked', seq, event_id })
    position = { seq, hash: event.hash }
  }
  return { faults, position }
}

/** Compares where a walk ended with where the chain is known to end: by its own note, or by one kept elsewhere. */
export function endFaults(position: ChainPosition, known: ChainPosition): ChainFault[] {
  if (position.seq < known.seq) return [{ kind: 'cut_off', seq: position.seq }]
  if (position.seq === known.seq && position.hash !== known.hash) return [{ kind: 'altered', seq: position.seq }]
  return []
}

/** The network of an address: `203.0.113.0/24`, `2001:db8:1::/48`; null for what is no address. */
export function ipPrefixOf(address: string | undefined): string | null {
  if (address === undefined) return null
  const mapped = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/i.exec(address)
  if (mapped) return `${mapped[1]}.${mapped[2]}.${mapped[3]}.0/24`
  const bare = address.split('%')[0] ?? ''
  if (!/^[0-9a-f:]+$/i.test(bare) || !bare.includes(':')) return null
  const [head = '', tail] = bare.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, 3)
  if (groups.length < 3) return null
  const shown = groups.map((group) => Number.parseInt(group, 16).toString(16))
  while (shown.at(-1) === '0') shown.pop()
  return `${shown.join(':')}::/48`
}
