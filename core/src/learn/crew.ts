/**
 * A few threads that run the same function on the same data, each for its share of the work ("single program, multiple
 * data"). Alone is a crew of one. What is shared is taken from the crew in the same order by every member, so that the same
 * request finds the same memory; between writing it and reading what others wrote stands a barrier.
 */
export interface Crew {
  size: number
  /** From 0 to size - 1. */
  index: number
  /** Returns when every member has come here. Throws `CrewBroken` when one never will. */
  barrier(): void
  /** Shared numbers, 0 at first. */
  floats(count: number): Float64Array
  singles(count: number): Float32Array
  words(count: number): Uint32Array
}

/** A member of the crew has died or failed: the others stop as well. */
export class CrewBroken extends Error {
  override name = 'CrewBroken'
}

/** A crew of one, who waits for nobody. */
export function alone(): Crew {
  return {
    size: 1,
    index: 0,
    barrier: () => {},
    floats: (count) => new Float64Array(count),
    singles: (count) => new Float32Array(count),
    words: (count) => new Uint32Array(count),
  }
}

/** How large a buffer a crew needs that takes arrays of so many bytes each. */
export function crewBytes(takes: readonly number[]): number {
  return takes.reduce((sum, bytes) => sum + aligned(bytes), HEAD_BYTES)
}

/** One member of a crew whose members look at the same `buffer`, zeroed at first. */
export function crewOver(buffer: SharedArrayBuffer, size: number, index: number): Crew {
  const gate = new Int32Array(buffer, 0, HEAD_BYTES / 4)
  let taken = HEAD_BYTES
  const take = (bytes: number) => {
    const from = taken
    taken += aligned(bytes)
    return from
  }
  return {
    size,
    index,
    barrier: () => meet(gate, size),
    floats: (count) => new Float64Array(buffer, take(count * 8), count),
    singles: (count) => new Float32Array(buffer, take(count * 4), count),
    words: (count) => new Uint32Array(buffer, take(count * 4), count),
  }
}

/** Tells every member of the crew over `buffer` that one is gone: whoever waits, or comes to wait, throws `CrewBroken`. */
export function breakCrew(buffer: SharedArrayBuffer): void {
  const gate = new Int32Array(buffer, 0, HEAD_BYTES / 4)
  Atomics.store(gate, BROKEN, 1)
  Atomics.notify(gate, ROUND)
}

/** Members write to different cache lines; 64 bytes is one on every machine in use. */
const LINE_BYTES = 64
const HEAD_BYTES = 4 * LINE_BYTES
const ROUND = 0
const COME = 16
const BROKEN = 32
/** A split of a small node takes microseconds: sleeping at once would cost more than the wait. */
const SPINS = 4_000
/** A sleeper looks up now and then, so that a broken crew is noticed even if its call came just before the sleep. */
const SLEEP_MS = 50

function aligned(bytes: number): number {
  return Math.ceil(bytes / LINE_BYTES) * LINE_BYTES
}

function meet(gate: Int32Array, size: number): void {
  const round = Atomics.load(gate, ROUND)
  if (Atomics.load(gate, BROKEN) !== 0) throw new CrewBroken('A member of the crew is gone.')
  if (Atomics.add(gate, COME, 1) === size - 1) {
    Atomics.store(gate, COME, 0)
    Atomics.add(gate, ROUND, 1)
    Atomics.notify(gate, ROUND)
    return
  }
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(gate, ROUND) !== round) return
  while (Atomics.load(gate, ROUND) === round) {
    if (Atomics.load(gate, BROKEN) !== 0) throw new CrewBroken('A member of the crew is gone.')
    Atomics.wait(gate, ROUND, round, SLEEP_MS)
  }
}
