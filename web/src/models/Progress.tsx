/** How far something has come. Without a `most` it is under way and nobody knows how far. */
export function Progress({ label, value, most }: { label: string; value: number; most: number | null }) {
  const known = most !== null && most > 0
  const share = known ? Math.min(1, value / most) : 1
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      {...(known ? { 'aria-valuemax': most, 'aria-valuenow': Math.min(value, most) } : {})}
    >
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" className="h-2.5 w-full rounded-full" aria-hidden="true">
        <rect width="100" height="10" className="fill-rule" />
        <rect width={100 * share} height="10" className={known ? 'fill-tide' : 'animate-pulse fill-tide'} />
      </svg>
    </div>
  )
}
