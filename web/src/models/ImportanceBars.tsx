import { useWords } from '../lib/i18n.ts'

export interface ImportanceBar {
  name: string
  value: number
  deviation?: number
}

/** Features by how much they count, largest first, as bars drawn beside their figures. */
export function ImportanceBars({ bars }: { bars: readonly ImportanceBar[] }) {
  const { format } = useWords()
  const sorted = [...bars].sort((a, b) => b.value - a.value).slice(0, 20)
  const most = Math.max(...sorted.map(({ value }) => value), Number.MIN_VALUE)
  return (
    <ul className="mt-3 space-y-1.5">
      {sorted.map(({ name, value, deviation }) => (
        <li key={name} className="grid grid-cols-[minmax(5rem,12rem)_minmax(0,1fr)_auto] items-center gap-3">
          <span className="truncate font-mono text-sm" title={name}>
            {name}
          </span>
          <svg viewBox="0 0 100 10" preserveAspectRatio="none" className="h-3 w-full" aria-hidden="true">
            <rect width="100" height="10" className="fill-wash" />
            <rect width={Math.max(0, (100 * value) / most)} height="10" className="fill-tide" />
          </svg>
          <span className="figures text-sm">
            {format.number(value)}
            {deviation !== undefined && <span className="text-soft"> ± {format.number(deviation)}</span>}
          </span>
        </li>
      ))}
    </ul>
  )
}
