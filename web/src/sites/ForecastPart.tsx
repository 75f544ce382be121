import type { ForecastAnswer } from '@tidemark/core/sites/forecast-contract.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Legend } from '../telemetry/Legend.tsx'
import { SimulatedTag } from '../telemetry/SimulatedTag.tsx'
import { TimeChart } from '../telemetry/TimeChart.tsx'
import type { Colour } from '../telemetry/time-chart-option.ts'
import { Loading } from '../ui/Loading.tsx'
import { Notice } from '../ui/Notice.tsx'
import { instantIn, signedPower } from './figures.ts'
import { HorizonLinks } from './HorizonLinks.tsx'
import { NotEnough } from './NotEnough.tsx'
import { forecastQuery } from './queries.ts'
import type { SitePartProps } from './SitePage.tsx'

const route = getRouteApi(paths.site)
const targets = ['load', 'generation', 'net'] as const
type Target = (typeof targets)[number]
const colours: Record<Target, Colour> = { load: 'scope1', generation: 'sand', net: 'tide' }

/** What will be used and made, between which bounds, by which method, and how far such forecasts could be trusted so far. */
export function ForecastPart({ site }: SitePartProps) {
  const { t, format } = useWords()
  const horizon = route.useSearch().span === '7d' ? '7d' : '24h'
  const asked = useQuery(forecastQuery(site.id, horizon))
  if (asked.isPending) return <Loading />
  if (asked.error) {
    return <NotEnough error={asked.error} retry={() => void asked.refetch()} says={t('sites.forecast.notEnough')} />
  }
  const answer = asked.data
  const shown = targets.filter((target) => answer.targets[target] !== undefined)
  return (
    <>
      <HorizonLinks id={site.id} part="forecast" horizon={horizon} />
      <p className="mt-2 mb-4 text-sm text-soft">
        {t('sites.forecast.made', { when: instantIn(answer.made_at, site.time_zone, format), zone: site.time_zone })}
        {answer.simulated && <SimulatedTag />}
      </p>
      {answer.fallbackLevel !== 'full' && <Fallback answer={answer} />}
      {shown.map((target) => (
        <TargetChart key={target} target={target} answer={answer} time_zone={site.time_zone} />
      ))}
      {Object.entries(answer.not_known).map(([target, reason]) => (
        <p key={target} className="mt-4 border-l-2 border-sand pl-3">
          {t('sites.forecast.notKnown', { target: t(`sites.forecast.target.${target as Target}`) })}{' '}
          <span lang="en">{reason}</span>
        </p>
      ))}
      <Ranking answer={answer} />
    </>
  )
}

function Fallback({ answer }: { answer: ForecastAnswer }) {
  const { t, format } = useWords()
  return (
    <Notice tone="note">
      <p className="font-semibold">{t(`sites.forecast.level.${answer.fallbackLevel}`)}</p>
      {answer.classBasis?.map(({ component, sites, error }) => (
        <p key={component} className="figures mt-1 text-[0.9375rem]">
          {t('sites.forecast.classSites', {
            component: t(`sites.forecast.component.${component}`),
            count: sites,
            error: format.share(error),
          })}
        </p>
      ))}
      <ul className="mt-1 list-disc pl-5 text-[0.9375rem]">
        {answer.passed_over.map(({ level, reason }) => (
          <li key={`${level} ${reason}`}>
            {t(`sites.forecast.levelName.${level}`)}: <span lang="en">{reason}</span>
          </li>
        ))}
      </ul>
    </Notice>
  )
}

function TargetChart({ target, answer, time_zone }: { target: Target; answer: ForecastAnswer; time_zone: string }) {
  const { t, format } = useWords()
  const { data, step_s } = answer
  const at = data.map(({ timestamp }) => Date.parse(timestamp))
  const [first = 0, last = 0] = [at[0], at.at(-1)]
  const name = t(`sites.forecast.target.${target}`)
  const highest = Math.max(0, ...data.map((point) => point[`${target}_kw`] ?? 0))
  const sum_kwh = data.reduce((sum, point) => sum + ((point[`${target}_kw`] ?? 0) * step_s) / 3600, 0)
  return (
    <section className="mt-8" aria-labelledby={`forecast-${target}`}>
      <h2 id={`forecast-${target}`} className="text-xl">
        {name}
      </h2>
      <p className="figures text-soft">
        {t('sites.forecast.sum', { energy: `${format.number(sum_kwh)}\u00A0kWh`, peak: signedPower(highest, format) })}
      </p>
      <Legend lines={[{ name: t('sites.forecast.legend', { name }), colour: colours[target] }]} />
      <TimeChart
        describe={t('sites.forecast.chart', { name })}
        lines={[
          {
            name,
            colour: colours[target],
            points: data.map((point, i) => [at[i] ?? 0, point[`${target}_kw`]] as const),
          },
        ]}
        bands={[
          {
            name: '95 %',
            colour: colours[target],
            points: data.map(
              (point, i) => [at[i] ?? 0, point[`${target}_lower95_kw`], point[`${target}_upper95_kw`]] as const,
            ),
          },
        ]}
        unit="kW"
        time_zone={time_zone}
        from_ms={first}
        to_ms={last + step_s * 1000}
      />
      <Trust target={target} answer={answer} />
    </section>
  )
}

/** By which method, and how such forecasts fared. */
function Trust({ target, answer }: { target: Target; answer: ForecastAnswer }) {
  const { t, format } = useWords()
  const { modelName, modelVersion } = answer
  const info = answer.targets[target]
  const methods = [
    ...new Set(Object.values(info?.methods ?? {}).map((method) => method?.[answer.horizon === '7d' ? 'week' : 'day'])),
  ]
  const day = info?.backtest?.day
  const covered = info?.coverage_so_far
  return (
    <ul className="mt-2 space-y-0.5 text-[0.9375rem]">
      <li>
        {t('sites.forecast.by')}{' '}
        <code className="text-sm">{methods.filter((each) => each !== undefined).join(', ')}</code>
        {modelName !== null && modelVersion !== null && (
          <>
            {' · '}
            <Link to={paths.model} params={{ id: modelName }} className="link">
              {t('sites.forecast.model', { version: modelVersion })}
            </Link>
          </>
        )}
      </li>
      {day && (
        <li className="figures">
          {t('sites.forecast.tried', {
            count: info?.backtest?.origins ?? 0,
            mae: signedPower(day.mae_kw, format),
            naive: signedPower(day.naive_mae_kw, format),
          })}{' '}
          {day.skill !== null && (
            <strong className={day.skill > 0 ? 'text-good' : 'text-bad'}>
              {t(day.skill > 0 ? 'sites.forecast.better' : 'sites.forecast.worse', {
                share: format.share(Math.abs(day.skill)),
              })}
            </strong>
          )}
        </li>
      )}
      {typeof info?.backtest?.coverage95 === 'number' && (
        <li>{t('sites.forecast.coverage', { share: format.share(info.backtest.coverage95) })}</li>
      )}
      {typeof covered?.covered95 === 'number' && (
        <li>{t('sites.forecast.soFar', { share: format.share(covered.covered95), count: covered.forecasts })}</li>
      )}
    </ul>
  )
}

/** Everything that was tried, the best first. */
function Ranking({ answer }: { answer: ForecastAnswer }) {
  const { t, format } = useWords()
  const parts = Object.entries(answer.ranking)
  if (parts.length === 0) return null
  return (
    <details className="mt-8">
      <summary className="font-semibold">{t('sites.forecast.ranking')}</summary>
      <div className="mt-3 grid gap-6 sm:grid-cols-2 lg:grid-cols-3">
        {parts.map(([component, tried]) => (
          <div key={component}>
            <h3 className="text-lg">{t(`sites.forecast.component.${component as 'load'}`)}</h3>
            <ol className="figures mt-1 list-decimal pl-6 text-[0.9375rem]">
              {tried.map(({ name, mae_kw }) => (
                <li key={name}>
                  <code className="text-sm">{name}</code> · {signedPower(mae_kw, format)}
                </li>
              ))}
            </ol>
          </div>
        ))}
      </div>
      <ul className="mt-3 list-disc pl-5 text-[0.9375rem] text-soft" lang="en">
        {answer.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </details>
  )
}
