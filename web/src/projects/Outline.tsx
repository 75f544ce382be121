import { measureBoundary, polygonsOf, type Boundary } from '@tidemark/core/projects/boundary.ts'
import { useWords } from '../lib/i18n.ts'

const SIDE = 300
const MARGIN = 24
const FOOT = 22
const METRES_PER_DEGREE = 111_320

/** The shape of a project with its scale; north is up. */
export function Outline({ boundary }: { boundary: Boundary }) {
  const { t, format } = useWords()
  const { bounds, perimeter_m } = measureBoundary(boundary)
  const [west, south, east, north] = bounds
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const across_m = (east - west) * shrink * METRES_PER_DEGREE
  const down_m = (north - south) * METRES_PER_DEGREE
  const px_per_m = (SIDE - 2 * MARGIN) / Math.max(across_m, down_m)
  const left = (SIDE - across_m * px_per_m) / 2
  const top = (SIDE - down_m * px_per_m) / 2
  const at = ([x, y]: readonly [number, number]) =>
    `${(left + (x - west) * shrink * METRES_PER_DEGREE * px_per_m).toFixed(1)} ${(top + (north - y) * METRES_PER_DEGREE * px_per_m).toFixed(1)}`
  const path = polygonsOf(boundary)
    .flat()
    .map((ring) => `M${ring.map(at).join('L')}Z`)
    .join('')
  const scale_m = roundLength(90 / px_per_m)
  const middle = { latitude: format.factor((south + north) / 2), longitude: format.factor((west + east) / 2) }
  return (
    <figure className="card p-3">
      <svg
        viewBox={`0 0 ${SIDE} ${SIDE + FOOT}`}
        role="img"
        aria-label={t('projects.outline', middle)}
        className="w-full"
      >
        <path d={path} fillRule="evenodd" className="fill-wash stroke-tide" strokeWidth="2" />
        <path d={`M14 ${SIDE + FOOT - 8}v-5h${(scale_m * px_per_m).toFixed(1)}v5`} className="fill-none stroke-ink" />
        <text x="16" y={SIDE + FOOT - 17} className="fill-ink text-[11px]">
          {scale_m >= 1000 ? `${format.number(scale_m / 1000)} km` : `${format.number(scale_m)} m`}
        </text>
        <path d={`M${SIDE - 18} 30v-18m-5 7l5-7l5 7`} className="fill-none stroke-soft" />
        <text x={SIDE - 22} y="44" className="fill-soft text-[11px]">
          N
        </text>
      </svg>
      <figcaption className="figures text-sm text-soft">
        {middle.latitude}, {middle.longitude} · {t('projects.perimeter', { km: format.number(perimeter_m / 1000) })}
      </figcaption>
    </figure>
  )
}

/** The largest of 1, 2, 5 × 10ⁿ below. */
function roundLength(length_m: number): number {
  const power = 10 ** Math.floor(Math.log10(length_m))
  const digit = [5, 2, 1].find((each) => each * power <= length_m) ?? 1
  return digit * power
}
