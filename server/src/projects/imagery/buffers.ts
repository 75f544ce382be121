import type { SampleKind } from '@tidemark/core/projects/file-facts.ts'
import { samplesOf, type Samples } from './raster.ts'

/** More of one kind and length than this are left to the collector. */
const KEPT = 10

/**
 * Arrays that are used again. A large picture is thousands of windows of a dozen arrays each; made anew every time they would
 * pile up faster than they are collected, since they lie outside the heap that the collector watches.
 */
export class Buffers {
  readonly #free = new Map<string, Samples[]>()

  /** An array whose values are left over from whoever had it before. */
  take(kind: SampleKind, length: number): Samples {
    return this.#free.get(`${kind} ${length}`)?.pop() ?? samplesOf(kind, length)
  }

  float32(length: number): Float32Array<ArrayBuffer> {
    return this.take('float32', length) as Float32Array<ArrayBuffer>
  }

  /** All zero. */
  mask(length: number): Uint8Array<ArrayBuffer> {
    return (this.take('uint8', length) as Uint8Array<ArrayBuffer>).fill(0)
  }

  /** Nobody reads these any more. */
  give(arrays: Iterable<ArrayBufferView>): void {
    for (const array of arrays) {
      const key = `${kindOf(array)} ${(array as Samples).length}`
      const free = this.#free.get(key) ?? []
      if (free.length === 0) this.#free.set(key, free)
      if (free.length < KEPT) free.push(array as Samples)
    }
  }

  /** Everything is let go: what comes next needs arrays of other lengths. */
  clear(): void {
    this.#free.clear()
  }
}

function kindOf(array: ArrayBufferView): SampleKind {
  return array.constructor.name.replace('Array', '').toLowerCase() as SampleKind
}

/** Shared by everything that reads in this process, which does one thing at a time. */
export const buffers = new Buffers()

/** How many windows are read before they are asked for: the threads that unpack have something to do meanwhile. */
const READ_AHEAD = 2

/** What `read` gives for each of the windows, in their order, the next ones already under way. */
export async function* readAhead<W, T>(windows: readonly W[], read: (window: W) => Promise<T>): AsyncGenerator<[W, T]> {
  const coming: Promise<T>[] = []
  let asked = 0
  for (const window of windows) {
    while (asked < windows.length && coming.length < READ_AHEAD) {
      const next = read(windows[asked] as W)
      // A failure is met when its turn comes; until then nobody waits for it.
      next.catch(() => undefined)
      coming.push(next)
      asked += 1
    }
    yield [window, await (coming.shift() as Promise<T>)]
  }
}
