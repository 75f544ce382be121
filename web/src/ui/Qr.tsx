import { useMemo } from 'react'
import { qrOf } from '../lib/qr.ts'

/** Four modules of light around a code, without which readers do not find it. */
const QUIET = 4

/** A QR code, drawn in this page. Dark on light in both themes: many readers know no other. */
export function Qr({ text, label }: { text: string; label: string }) {
  const matrix = useMemo(() => qrOf(text), [text])
  const size = matrix.length + 2 * QUIET
  const path = matrix
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : '')))
    .join('')
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
      className="size-56 max-w-full rounded-md"
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  )
}
