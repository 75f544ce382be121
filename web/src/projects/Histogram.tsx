import type { Histogram as Bars } from '@tidemark/core/projects/analysis-contract.ts'
import type { MeasuredPair } from '@tidemark/core/projects/measurement.ts'
import type { z } from 'zod'
import { useWords } from '../lib/i18n.ts'

const WIDTH = 720
const HEIGHT = 200
const FOOT = 26

/** How the index is spread over the pixels on both dates: filled before, a line after. */
export function Histogram({ bars, measured }: { bars: z.infer<typeof Bars>; measured: z.infer<typeof MeasuredPair> }) {
  const { t, format } = useWords()
  const seen = trimmed(bars)
  const [first, last] = [seen[0], seen.at(-1)]
  if (!first || !last) return null
  const most = Math.max(1, ...seen.map(({ before_px, after_px }) => Math.max(before_px, after_px)))
  const x = (value: number) => ((value - first.from) / (last.to - first.from)) * WIDTH
  const y = (count: number) => HEIGHT - (count / most) * (HEIGHT - 16)
  const outline = (side: 'before_px' | 'after_px') =>
    `M0 ${HEIGHT}${seen.map((bar) => `L${x(bar.from).toFixed(1)} ${y(bar[side]).toFixed(1)}L${x(bar.to).toFixed(1)} ${y(bar[side]).toFixed(1)}`).join('')}L${WIDTH} ${HEIGHT}Z`
  const { index } = measured
  const name = t(`projects.index.${index.kind}`)
  const says = t('projects.histogram.says', {
    index: name,
    before: format.number(index.median_before),
    after: format.number(index.median_after),
  })
  return (
    <figure className="mt-8">
      <h3 className="text-lg">{t('projects.histogram.title', { index: name })}</h3>
      <svg viewBox={`-16 0 ${WIDTH + 32} ${HEIGHT + FOOT}`} role="img" aria-label={says} className="mt-3 w-full">
        <path d={outline('before_px')} className="fill-sand opacity-60" />
        <path d={outline('after_px')} className="fill-none stroke-tide" strokeWidth="2.5" />
        <path d={`M0 ${HEIGHT}H${WIDTH}`} className="stroke-edge" />
        {ticksOf(first.from, last.to).map((tick) => (
          <g key={tick}>
            <path d={`M${x(tick).toFixed(1)} ${HEIGHT}v6`} className="stroke-edge" />
            <text x={x(tick)} y={HEIGHT + 21} textAnchor="middle" className="fill-soft text-[13px]">
              {format.number(tick)}
            </text>
          </g>
        ))}
      </svg>
      <figcaption className="flex flex-wrap gap-x-5 gap-y-1 text-[0.9375rem]">
        <span className="inline-flex items-center gap-2">
          <span className="size-4 rounded-sm bg-sand" /> {t('projects.type.before')}
        </span>
        <span className="inline-flex items-center gap-2">
          <span className="h-0.5 w-5 bg-tide" /> {t('projects.type.after')}
        </span>
        <span className="text-soft">{says}</span>
      </figcaption>
    </figure>
  )
}

/** Without the empty ends. */
function trimmed(bars: z.infer<typeof Bars>): z.infer<typeof Bars> {
  const is_seen = ({ before_px, after_px }: (typeof bars)[number]) => before_px > 0 || after_px > 0
  return bars.slice(bars.findIndex(is_seen), bars.findLastIndex(is_seen) + 1)
}

/** Round figures between both ends. */
function ticksOf(from: number, to: number): number[] {
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50].find((each) => (to - from) / each <= 9) ?? 100
  const ticks: number[] = []
  for (let at = Math.ceil(from / step); at * step <= to; at += 1) ticks.push(Number((at * step).toFixed(6)))
  return ticks
}
