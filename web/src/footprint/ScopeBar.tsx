import type { FootprintResult } from '@tidemark/core/footprint/contract.ts'
import { useWords } from '../lib/i18n.ts'

const scopes = ['1', '2', '3'] as const
const fills = { '1': 'fill-scope1', '2': 'fill-scope2', '3': 'fill-scope3' } as const
const swatches = { '1': 'bg-scope1', '2': 'bg-scope2', '3': 'bg-scope3' } as const

export function scopeAmounts(
  result: Pick<FootprintResult, 'scopes'>,
  basis: 'location' | 'market',
): Record<(typeof scopes)[number], number> {
  return {
    '1': result.scopes['1'],
    '2': basis === 'market' ? result.scopes['2_market'] : result.scopes['2_location'],
    '3': result.scopes['3'],
  }
}

/** The three scopes as parts of one bar, and as a list that says the same in figures. */
export function ScopeBar({
  result,
  basis = 'location',
  says = false,
}: {
  result: Pick<FootprintResult, 'scopes'>
  basis?: 'location' | 'market'
  says?: boolean
}) {
  const { t, format } = useWords()
  const amounts = scopeAmounts(result, basis)
  const total = amounts['1'] + amounts['2'] + amounts['3']
  const start = { '1': 0, '2': amounts['1'], '3': amounts['1'] + amounts['2'] }
  const percent = (kg: number) => (total > 0 ? (kg / total) * 100 : 0)
  return (
    <div>
      <svg
        viewBox="0 0 100 6"
        preserveAspectRatio="none"
        className="h-3 w-full overflow-hidden rounded-sm"
        aria-hidden="true"
      >
        <rect width="100" height="6" className="fill-rule" />
        {scopes.map((scope) => {
          const width = percent(amounts[scope])
          // A hair of ground between neighbours, unless the bar itself is hardly wider.
          return (
            <rect
              key={scope}
              x={percent(start[scope])}
              width={Math.max(0, width > 1 ? width - 0.3 : width)}
              height="6"
              className={fills[scope]}
            />
          )
        })}
      </svg>
      <dl className={`figures mt-3 grid gap-x-6 gap-y-2 ${says ? 'sm:grid-cols-3' : ''}`}>
        {scopes.map((scope) => (
          <div key={scope} className={says ? '' : 'flex items-baseline justify-between gap-3'}>
            <dt className="flex items-baseline gap-2">
              <span
                className={`inline-block size-3 shrink-0 translate-y-px rounded-sm ${swatches[scope]}`}
                aria-hidden="true"
              />
              <span>
                {t(`footprint.result.scope.${scope}`)}
                {says && <span className="block text-sm text-soft">{t(`footprint.result.scopeSays.${scope}`)}</span>}
              </span>
            </dt>
            <dd className={says ? 'mt-1 pl-5' : 'text-right'}>
              <span className="font-semibold">{format.co2e(amounts[scope]).text}</span>
              <span className="ml-2 text-sm text-soft">{total > 0 ? format.share(amounts[scope] / total) : ''}</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
