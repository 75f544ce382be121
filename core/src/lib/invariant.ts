/** A state that cannot be. Crashes the request; outsiders see only a request id. */
export class InvariantError extends Error {
  override name = 'InvariantError'
}

/** States what must hold here. A failure is a bug of ours, never a mistake of the caller: that would be a `Problem`. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}
