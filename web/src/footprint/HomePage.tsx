import { Slider } from '@base-ui/react/slider'
import type { Factor } from '@tidemark/core/factors/contract.ts'
import type { FootprintResult, Inventory } from '@tidemark/core/footprint/contract.ts'
import { evidenceGrades } from '@tidemark/core/footprint/evidence.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useDeferredValue, useMemo, useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { unitSymbol } from '../lib/format.ts'
import { paths, serverPaths } from '../lib/paths.ts'
import { Command } from '../ui/Copyable.tsx'
import { useTitle } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { TideGauge, TideLines } from '../ui/Tide.tsx'
import { calculateLive, libraryOf, type LiveResult } from './engine.ts'
import { airportQuery, questionnaireQuery } from './queries.ts'
import { ScopeBar } from './ScopeBar.tsx'

const YEAR = 2024

/** The four figures one can move. The first values are those of an office of forty people; they stand there to be moved. */
const dials = [
  { key: 'electricity', first: 62_000, max: 200_000, step: 1000, unit: 'kWh' },
  { key: 'gas', first: 48_000, max: 200_000, step: 1000, unit: 'kWh_gross' },
  { key: 'cars', first: 3200, max: 12_000, step: 100, unit: 'L' },
  { key: 'flights', first: 4, max: 40, step: 1, unit: 'passenger' },
] as const
type DialKey = (typeof dials)[number]['key']
type Figures = Record<DialKey, number>

const lines: Record<DialKey, Pick<Inventory['lines'][number], 'activity' | 'category' | 'attributes' | 'ownership'>> = {
  electricity: { activity: 'electricity', category: '2.1' },
  gas: { activity: 'natural_gas', category: '1.1' },
  cars: { activity: 'diesel', category: '1.2' },
  flights: {
    activity: 'flight',
    category: '3.6',
    ownership: 'third_party',
    attributes: { from: 'CDG', to: 'JFK', round_trip: true, class: 'economy' },
  },
}

function inventoryFrom(figures: Figures): Inventory {
  return {
    organisation: { name: 'An office', country: 'FR' },
    reporting_period: { start_date: `${YEAR}-01-01`, end_date: `${YEAR}-12-31` },
    gwp_set: 'AR5-fossil-ch4',
    radiative_forcing: 'included',
    residual_mix: [],
    price_indices: [],
    lines: dials.flatMap(({ key, unit }) =>
      figures[key] > 0
        ? [{ id: key, quantity: figures[key], unit, ...lines[key], data_quality: { ...evidenceGrades.invoice } }]
        : [],
    ),
  }
}

export function HomePage() {
  const { t } = useWords()
  useTitle('Tidemark')
  return (
    <>
      <div className="relative overflow-hidden border-b border-rule bg-surface">
        <TideLines className="pointer-events-none absolute inset-x-0 bottom-0 h-28 w-full" />
        <div className="relative mx-auto max-w-6xl px-4 pt-10 pb-16 sm:px-6 sm:pt-16 sm:pb-20">
          <h1 className="max-w-3xl text-4xl sm:text-5xl">{t('footprint.home.title')}</h1>
          <p className="mt-5 max-w-2xl text-lg text-soft">{t('footprint.home.says')}</p>
          <Calculator />
        </div>
      </div>
      <Proof />
      <Ways />
    </>
  )
}

function Calculator() {
  const { t } = useWords()
  const [figures, setFigures] = useState<Figures>({ electricity: 62_000, gas: 48_000, cars: 3200, flights: 4 })
  const shown = useDeferredValue(figures)
  const factors = useQuery(questionnaireQuery('FR'))
  const paris = useQuery(airportQuery('CDG'))
  const newYork = useQuery(airportQuery('JFK'))
  const library = useMemo(
    () =>
      factors.data && paris.data && newYork.data
        ? libraryOf({ factors: factors.data.factors, airports: [paris.data, newYork.data] })
        : undefined,
    [factors.data, paris.data, newYork.data],
  )
  const inventory = useMemo(() => inventoryFrom(shown), [shown])
  const live = useMemo(() => (library ? calculateLive(inventory, library) : undefined), [library, inventory])
  const error = factors.error ?? paris.error ?? newYork.error
  return (
    <div className="card mt-10 grid shadow-sm lg:grid-cols-[1fr_1.15fr]">
      <div className="border-b border-rule p-5 sm:p-7 lg:border-r lg:border-b-0">
        <h2 className="font-sans text-base font-semibold tracking-normal">{t('footprint.home.try')}</h2>
        <div className="mt-5 space-y-6">
          {dials.map(({ key, max, step, unit }) => (
            <Dial
              key={key}
              name={key}
              value={figures[key]}
              max={max}
              step={step}
              unit={unit}
              onChange={(value) => setFigures({ ...figures, [key]: value })}
            />
          ))}
        </div>
      </div>
      <div className="p-5 sm:p-7">
        {error ? (
          <>
            <p className="mb-4 text-soft">{t('footprint.home.unavailable')}</p>
            <ProblemPanel
              error={error}
              retry={() => void Promise.all([factors.refetch(), paris.refetch(), newYork.refetch()])}
            />
          </>
        ) : (
          <Answer live={live} />
        )}
      </div>
      {live?.result && <Why inventory={inventory} result={live.result} factors={factors.data?.factors ?? []} />}
    </div>
  )
}

function Dial({
  name,
  value,
  max,
  step,
  unit,
  onChange,
}: {
  name: DialKey
  value: number
  max: number
  step: number
  unit: string
  onChange: (value: number) => void
}) {
  const { t, format, language } = useWords()
  const label = t(`footprint.home.${name}`)
  const shown =
    unit === 'passenger'
      ? `${format.number(value)}\u00A0${t('footprint.home.flightsUnit')}`
      : `${format.number(value)}\u00A0${unitSymbol(unit, language)}`
  return (
    <Slider.Root
      value={value}
      min={0}
      max={max}
      step={step}
      largeStep={step * 10}
      onValueChange={(next) => onChange(Array.isArray(next) ? (next[0] ?? 0) : next)}
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span>{label}</span>
        <span className="figures font-semibold">{shown}</span>
      </div>
      <Slider.Control className="flex h-9 touch-none items-center">
        <Slider.Track className="h-1.5 w-full rounded-full bg-rule">
          <Slider.Indicator className="rounded-full bg-tide" />
          <Slider.Thumb
            aria-label={label}
            getAriaValueText={() => shown}
            className="size-6 rounded-full border-2 border-surface bg-tide shadow has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-tide"
          />
        </Slider.Track>
      </Slider.Control>
    </Slider.Root>
  )
}

function Answer({ live }: { live: LiveResult | undefined }) {
  const { t, format } = useWords()
  const result = live?.result
  if (!live) return <div className="min-h-80 py-20 text-center text-soft">{t('app.loading')}</div>
  if (!result) return <p className="py-20 text-center text-soft">{t('footprint.home.nothing')}</p>
  const total = format.co2e(result.emissions_kg_co2e)
  const [low, high] = [format.co2e(result.interval_95.low).text, format.co2e(result.interval_95.high).text]
  return (
    <div>
      <p className="label">{t('footprint.home.total')}</p>
      <p className="figures mt-1 font-display text-5xl font-semibold tracking-tight" data-testid="home-total">
        {total.value} <span className="text-2xl">{total.unit}</span>
      </p>
      <div className="mt-4">
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
        <p className="sr-only" aria-live="polite">
          {`${total.text}. ${t('footprint.home.interval', { low, high })}`}
        </p>
        <p className="text-sm text-soft">{t('footprint.result.interval')}</p>
      </div>
      <div className="mt-5">
        <ScopeBar result={result} />
      </div>
    </div>
  )
}

/** Loaded when somebody asks why: most do not, and the number should not wait for it. */
const HomeTrace = lazy(() => import('./HomeTrace.tsx').then((module) => ({ default: module.HomeTrace })))

function Why(behind: { inventory: Inventory; result: FootprintResult; factors: readonly Factor[] }) {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  return (
    <details
      className="border-t border-rule p-5 sm:px-7 lg:col-span-2"
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary className="font-semibold text-tide">{t('footprint.home.why')}</summary>
      <p className="mt-2 text-soft">{t('footprint.home.whySays')}</p>
      {open && (
        <Suspense fallback={<p className="py-6 text-soft">{t('app.loading')}</p>}>
          <HomeTrace {...behind} />
        </Suspense>
      )}
    </details>
  )
}

function Proof() {
  const { t } = useWords()
  const steps = ['proof1', 'proof2', 'proof3'] as const
  return (
    <section className="mx-auto max-w-6xl px-4 pt-14 sm:px-6 sm:pt-20">
      <h2 className="text-3xl">{t('footprint.home.proofTitle')}</h2>
      <ol className="mt-8 grid gap-8 md:grid-cols-3">
        {steps.map((step, index) => (
          <li key={step} className="border-t-2 border-sand pt-4">
            <p className="font-display text-xl font-semibold">
              <span className="figures mr-2 text-sand-ink">{index + 1}</span>
              {t(`footprint.home.${step}`)}
            </p>
            <p className="mt-2 text-soft">{t(`footprint.home.${step}Says`)}</p>
          </li>
        ))}
      </ol>
      <p className="mt-6">
        <Link to={paths.verify} className="link">
          {t('footprint.home.proofLink')}
        </Link>
      </p>
    </section>
  )
}

function Ways() {
  const { t } = useWords()
  const curl = `curl -s ${location.origin}/api/v1/calculate \\
  -H 'content-type: application/json' \\
  -d '${JSON.stringify({
    organisation: { name: 'Atelier Marée', country: 'FR' },
    reporting_period: { start_date: `${YEAR}-01-01`, end_date: `${YEAR}-12-31` },
    lines: [{ id: 'elec', quantity: 62000, unit: 'kWh', activity: 'electricity' }],
  })}'`
  return (
    <section className="mx-auto max-w-6xl px-4 pt-14 sm:px-6 sm:pt-20">
      <h2 className="text-3xl">{t('footprint.home.waysTitle')}</h2>
      <div className="mt-8 grid gap-5 md:grid-cols-3">
        <Way title={t('footprint.home.way1')} says={t('footprint.home.way1Says')}>
          <Link to={paths.questionnaire} className="button button-main">
            {t('footprint.home.way1Do')}
          </Link>
        </Way>
        <Way title={t('footprint.home.way2')} says={t('footprint.home.way2Says')}>
          <Link to={paths.verify} className="button button-plain">
            {t('footprint.home.way2Do')}
          </Link>
        </Way>
        <Way title={t('footprint.home.way3')} says={t('footprint.home.way3Says')}>
          <a href={serverPaths.docs} className="button button-plain">
            {t('footprint.home.way3Do')}
          </a>
        </Way>
      </div>
      <div className="mt-6">
        <Command text={curl} label={t('footprint.home.curl')} />
      </div>
    </section>
  )
}

function Way({ title, says, children }: { title: string; says: string; children: React.ReactNode }) {
  return (
    <div className="card flex flex-col p-6">
      <h3 className="text-xl">{title}</h3>
      <p className="mt-2 mb-6 text-soft">{says}</p>
      <div className="mt-auto">{children}</div>
    </div>
  )
}
