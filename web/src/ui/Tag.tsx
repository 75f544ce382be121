/** A word about the state of a thing, beside it: expired, withdrawn. */
export function Tag({ children }: { children: string }) {
  return <span className="ml-2 rounded bg-sand-wash px-1.5 py-0.5 text-sm font-semibold text-sand-ink">{children}</span>
}
