import type { Format } from '../lib/format.ts'

/** The mark: a high-water line over two waves. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg
      viewBox="0 0 32 24"
      className={className}
      aria-hidden="true"
      fill="none"
      strokeWidth="2.4"
      strokeLinecap="round"
    >
      <path d="M3 4h26" className="stroke-sand" />
      <path d="M3 13c3.2-3.4 5.9-3.4 9.1 0s5.9 3.4 9.1 0 5.4-3 7.8-.8" className="stroke-tide" />
      <path d="M3 20.5c3.2-3.4 5.9-3.4 9.1 0s5.9 3.4 9.1 0 5.4-3 7.8-.8" className="stroke-tide" opacity=".55" />
    </svg>
  )
}

/** Lines that the sea leaves on a beach: the ornament of the site, never information. */
export function TideLines({ className }: { className?: string }) {
  const lines = Array.from({ length: 7 }, (_, i) => i)
  return (
    <svg viewBox="0 0 1200 160" preserveAspectRatio="none" className={className} aria-hidden="true" fill="none">
      {lines.map((i) => (
        <path
          key={i}
          d={`M0 ${30 + i * 18} C 150 ${6 + i * 19}, 260 ${56 + i * 15}, 420 ${32 + i * 18} S 700 ${8 + i * 20}, 860 ${36 + i * 16} S 1080 ${52 + i * 14}, 1200 ${24 + i * 18}`}
          className={i === 0 ? 'stroke-sand' : 'stroke-tide'}
          strokeWidth={i === 0 ? 2 : 1.25}
          opacity={i === 0 ? 0.9 : 0.42 - i * 0.05}
          vectorEffect="non-scaling-stroke"
        />
      ))}
    </svg>
  )
}

/**
 * The interval as a tide gauge: low water and high water at the ends of the band, the estimate as the level between
 * them. Drawn on a scale from zero, so that a wide interval looks wide.
 */
export function TideGauge({
  low_kg,
  high_kg,
  value_kg,
  format,
  words,
}: {
  low_kg: number
  high_kg: number
  value_kg: number
  format: Format
  words: { title: string; low: string; high: string }
}) {
  const top = high_kg > 0 ? high_kg * 1.04 : 1
  const x = (kg: number) => (Math.max(0, kg) / top) * 100
  const low = format.co2e(low_kg).text
  const high = format.co2e(high_kg).text
  return (
    <figure className="figures" aria-label={`${words.title}: ${low} – ${high}`}>
      <svg viewBox="0 0 100 14" preserveAspectRatio="none" className="h-8 w-full overflow-visible" aria-hidden="true">
        <rect x="0" y="6" width="100" height="2" className="fill-rule" />
        <rect
          x={x(low_kg)}
          y="3"
          width={Math.max(0.6, x(high_kg) - x(low_kg))}
          height="8"
          className="fill-tide"
          opacity=".28"
        />
        <rect x={x(low_kg)} y="1" width="0.5" height="12" className="fill-tide" />
        <rect x={x(high_kg) - 0.5} y="1" width="0.5" height="12" className="fill-sand" />
        <rect x={x(value_kg) - 0.4} y="0" width="0.8" height="14" className="fill-ink" />
      </svg>
      <figcaption className="flex flex-wrap justify-between gap-x-4 text-sm text-soft">
        <span>
          <span className="font-semibold text-ink">{low}</span> {words.low}
        </span>
        <span>
          {words.high} <span className="font-semibold text-ink">{high}</span>
        </span>
      </figcaption>
    </figure>
  )
}
