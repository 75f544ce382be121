import { useWords } from '../lib/i18n.ts'
import { TideGauge } from '../ui/Tide.tsx'
import { lineName } from './line-words.ts'
import type { Live } from './live.ts'
import { ScopeBar } from './ScopeBar.tsx'

/** What the answers come to so far. Everything that is left out of it is said. */
export function LiveTotal({ live }: { live: Live }) {
  const { t, format, language } = useWords()
  if (live.state === 'no-country') return <Hint text={t('footprint.q.liveNoCountry')} />
  if (live.state === 'empty') return <Hint text={t('footprint.q.liveEmpty')} />
  if (live.state === 'loading') return <Hint text={t('footprint.q.liveLoading')} />
  if (live.state === 'failed') {
    return (
      <div>
        <Hint text={t('footprint.q.liveFailed')} />
        <button type="button" className="button button-plain button-small mt-2" onClick={live.retry}>
          {t('app.retry')}
        </button>
      </div>
    )
  }
  const { result, left_out, factor_places, country, inventory } = live
  const places = [...new Set([...factor_places.values()].flat())]
  return (
    <div>
      {result && (
        <>
          <p className="figures mt-1 font-display text-4xl font-semibold tracking-tight" data-testid="live-total">
            {format.co2e(result.emissions_kg_co2e).value}{' '}
            <span className="text-xl">{format.co2e(result.emissions_kg_co2e).unit}</span>
          </p>
          <div className="mt-3">
            <TideGauge
              low_kg={result.interval_95.low}
              high_kg={result.interval_95.high}
              value_kg={result.emissions_kg_co2e}
              format={format}
              words={{
                title: t('footprint.result.interval'),
                low: t('footprint.result.low'),
                high: t('footprint.result.high'),
              }}
            />
          </div>
          <div className="mt-4">
            <ScopeBar result={result} />
          </div>
        </>
      )}
      {places.length > 0 && (
        <p className="mt-4 border-l-2 border-sand pl-3 text-[0.9375rem]">
          {t('footprint.q.elsewhere', { count: factor_places.size, country: format.country(country) })}{' '}
          <span className="text-soft">
            {t('footprint.q.elsewhereFrom', { places: places.map((place) => format.country(place)).join(', ') })}
          </span>
        </p>
      )}
      {left_out.length > 0 && (
        <div className="mt-4 border-l-2 border-bad pl-3 text-[0.9375rem]">
          <p className="font-semibold">{t('footprint.q.leftOut')}</p>
          <ul className="mt-1 space-y-1">
            {left_out.map(({ line_id, fault }) => (
              <li key={line_id}>
                {lineName(
                  inventory.lines.find((line) => line.id === line_id),
                  line_id,
                  language,
                )}
                <span className="block text-soft" lang="en">
                  {fault.message}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}

function Hint({ text }: { text: string }) {
  return <p className="mt-1 text-soft">{text}</p>
}
