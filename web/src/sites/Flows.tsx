import type { SiteMetrics } from '@tidemark/core/sites/metrics-contract.ts'
import { useWords } from '../lib/i18n.ts'
import { signedPower } from './figures.ts'

/** Less than this is drawn as nothing flowing. */
const FLOW_KW_MIN = 0.05

/**
 * Where power comes from and where it goes, now: generation, grid and battery around what is used. A line is as thick as its
 * share of the largest flow, and its arrow says which way.
 */
export function Flows({ now }: { now: SiteMetrics['now'] }) {
  const { t, format } = useWords()
  const power = (kw: number | null) => (kw === null ? '–' : signedPower(shownPower(kw), format))
  const { generation_kw, load_kw, grid_kw, battery_kw, state_of_charge_percent } = now
  const largest_kw = Math.max(1e-9, ...[generation_kw, load_kw, grid_kw, battery_kw].map((kw) => Math.abs(kw ?? 0)))
  const charge = state_of_charge_percent === null ? '' : format.share(state_of_charge_percent / 100)
  const corners = [
    { key: 'generation', x: 70, y: 52, kw: generation_kw, inwards: true, says: t('sites.now.generation'), word: '' },
    {
      key: 'grid',
      x: 290,
      y: 52,
      kw: grid_kw,
      inwards: (grid_kw ?? 0) >= 0,
      says: t('sites.now.grid'),
      word: wordOf(grid_kw, t('sites.now.importing'), t('sites.now.exporting')),
    },
    {
      key: 'battery',
      x: 70,
      y: 208,
      kw: battery_kw,
      inwards: (battery_kw ?? 0) >= 0,
      says: t('sites.now.battery'),
      word: [wordOf(battery_kw, t('sites.now.discharging'), t('sites.now.charging')), charge]
        .filter(Boolean)
        .join(' · '),
    },
    { key: 'load', x: 290, y: 208, kw: load_kw, inwards: false, says: t('sites.now.load'), word: '' },
  ] as const
  const shown = corners.filter(({ key, kw }) => kw !== null || key !== 'battery')
  const sentence = shown.map(({ says, kw, word }) => `${says} ${power(kw)}${word ? ` (${word})` : ''}`).join(', ')
  return (
    <div className="card px-2 py-4">
      <svg viewBox="0 0 360 260" role="img" aria-label={sentence} className="mx-auto block w-full max-w-lg">
        {shown.map(({ key, x, y, kw, inwards }) => (
          <Flow
            key={key}
            x={x}
            y={y}
            share={Math.abs(kw ?? 0) < FLOW_KW_MIN ? 0 : Math.abs(kw ?? 0) / largest_kw}
            inwards={inwards}
          />
        ))}
        <circle cx="180" cy="130" r="9" className="fill-ink" />
        {shown.map(({ key, x, y, kw, says, word }) => (
          <g key={key}>
            <rect
              x={x - 66}
              y={y - 44}
              width="132"
              height={word ? 88 : 72}
              rx="9"
              className="fill-raised stroke-edge"
            />
            <text x={x} y={y - 22} textAnchor="middle" className="fill-soft text-[14.5px]">
              {says}
            </text>
            <text
              x={x}
              y={y + 6}
              textAnchor="middle"
              className="figures fill-ink font-display text-[23px] font-semibold"
            >
              {power(kw)}
            </text>
            {word && (
              <text x={x} y={y + 30} textAnchor="middle" className="fill-soft text-[14px]">
                {word}
              </text>
            )}
          </g>
        ))}
      </svg>
    </div>
  )
}

/** Meters are never still: what is drawn as nothing is written as nothing, and the rest to a tenth of a kilowatt. */
function shownPower(kw: number): number {
  return Math.abs(kw) < FLOW_KW_MIN ? 0 : Math.round(10 * Math.abs(kw)) / 10
}

function wordOf(kw: number | null, positive: string, negative: string): string {
  if (kw === null || Math.abs(kw) < FLOW_KW_MIN) return ''
  return kw > 0 ? positive : negative
}

function Flow({ x, y, share, inwards }: { x: number; y: number; share: number; inwards: boolean }) {
  const angle = (Math.atan2(130 - y, 180 - x) * 180) / Math.PI + (inwards ? 0 : 180)
  // The arrow stands where the line leaves its box.
  const at = { x: x + (180 - x) * 0.76, y: y + (130 - y) * 0.76 }
  return (
    <g className={share === 0 ? 'stroke-rule' : inwards ? 'fill-tide stroke-tide' : 'fill-sand stroke-sand'}>
      <line
        x1={x}
        y1={y}
        x2="180"
        y2="130"
        strokeWidth={share === 0 ? 2 : 2 + 7 * share}
        strokeDasharray={share === 0 ? '4 5' : undefined}
      />
      {share > 0 && <path d="M -8 -9 L 9 0 L -8 9 Z" transform={`translate(${at.x} ${at.y}) rotate(${angle})`} />}
    </g>
  )
}
