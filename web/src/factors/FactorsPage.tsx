import type { ShownFactor } from '@tidemark/core/factors/contract.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useState } from 'react'
import { countriesIn } from '../lib/countries.ts'
import { unitSymbol } from '../lib/format.ts'
import { useWords } from '../lib/i18n.ts'
import { placeName } from '../lib/names.ts'
import { paths } from '../lib/paths.ts'
import { Loading } from '../ui/Loading.tsx'
import { Page } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Tag } from '../ui/Tag.tsx'
import { FactorDetail } from './FactorDetail.tsx'
import { factorsQuery } from './queries.ts'
import type { FactorSearch } from './routes.tsx'

const route = getRouteApi(paths.factors)

/** Places for which publishers state factors of their own, before the others. */
const places = ['FR', 'GB', 'US', 'EU', 'world']

/** Years that the editions at hand speak for. */
const years = Array.from({ length: 12 }, (_, index) => 2026 - index)

const dimensions = [
  'energy',
  'fuel_energy_gross',
  'fuel_energy_net',
  'mass',
  'volume',
  'vehicle_distance',
  'passenger_distance',
  'freight',
  'item',
  'area',
  'meal',
  'night',
] as const

export function FactorsPage() {
  const { t } = useWords()
  const search = route.useSearch()
  const navigate = useNavigate()
  const change = (next: Partial<FactorSearch>, replace = false) => {
    const merged = Object.fromEntries(
      Object.entries({ ...search, ...next }).filter(([, value]) => value !== undefined && value !== ''),
    )
    void navigate({ to: paths.factors, search: merged, replace, resetScroll: false })
  }
  return (
    <Page wide title={t('factors.title')} lead={t('factors.says')}>
      <SearchForm search={search} change={change} />
      <div className={search.factor === undefined ? '' : 'gap-8 lg:grid lg:grid-cols-[minmax(0,1fr)_minmax(0,26rem)]'}>
        {search.factor !== undefined && (
          <aside className="mb-8 lg:order-2 lg:mb-0">
            <FactorDetail
              id={search.factor}
              edition={search.edition}
              onClose={() => change({ factor: undefined, edition: undefined })}
            />
          </aside>
        )}
        <Results search={search} change={change} />
      </div>
    </Page>
  )
}

type Change = (next: Partial<FactorSearch>, replace?: boolean) => void

function SearchForm({ search, change }: { search: FactorSearch; change: Change }) {
  const { t, format, language } = useWords()
  const countries = countriesIn(language).filter(({ code }) => !places.includes(code))
  return (
    <form
      role="search"
      className="card mb-8 grid gap-4 p-5 sm:grid-cols-2 lg:grid-cols-6"
      onSubmit={(event) => event.preventDefault()}
    >
      <SearchText search={search} change={change} />
      <Filter
        label={t('factors.country')}
        value={search.geography}
        options={[
          ...places.map((place) => ({ value: place, text: placeName(place, format) })),
          ...countries.map(({ code, name }) => ({ value: code, text: name })),
        ]}
        onChange={(geography) => change({ geography })}
      />
      <Filter
        label={t('factors.unit')}
        value={search.dimension}
        options={dimensions.map((dimension) => ({ value: dimension, text: dimensionWords[dimension][language] }))}
        onChange={(dimension) => change({ dimension })}
      />
      <Filter
        label={t('factors.year')}
        value={search.year === undefined ? undefined : String(search.year)}
        options={years.map((year) => ({ value: String(year), text: String(year) }))}
        onChange={(year) => change({ year: year === undefined ? undefined : Number(year) })}
      />
      <Filter
        label={t('factors.status')}
        value={search.status}
        none={t('factors.valid')}
        options={[
          { value: 'archived', text: t('factors.archived') },
          { value: 'all', text: t('factors.any') },
        ]}
        onChange={(status) => change({ status })}
      />
    </form>
  )
}

/** What is typed is searched for when the typing rests. */
function SearchText({ search, change }: { search: FactorSearch; change: Change }) {
  const { t } = useWords()
  const [text, setText] = useState(search.q ?? '')
  const searchFor = useEffectEvent((q: string) => change({ q }, true))
  useEffect(() => {
    if (text === (search.q ?? '')) return
    const timer = setTimeout(() => searchFor(text), 250)
    return () => clearTimeout(timer)
  }, [text, search.q])
  return (
    <label className="sm:col-span-2">
      <span className="label">{t('factors.search')}</span>
      <input
        type="search"
        className="field"
        value={text}
        placeholder={t('factors.placeholder')}
        onChange={(event) => setText(event.target.value)}
      />
    </label>
  )
}

function Filter({
  label,
  value,
  none,
  options,
  onChange,
}: {
  label: string
  value: string | undefined
  /** What no choice means; "any" unless said. */
  none?: string
  options: readonly { value: string; text: string }[]
  onChange: (value: string | undefined) => void
}) {
  const { t } = useWords()
  return (
    <label>
      <span className="label">{label}</span>
      <select
        className="field"
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
      >
        <option value="">{none ?? t('factors.any')}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </label>
  )
}

const dimensionWords: Record<(typeof dimensions)[number], { en: string; fr: string }> = {
  energy: { en: 'Electricity and heat (kWh)', fr: 'Électricité et chaleur (kWh)' },
  fuel_energy_gross: { en: 'Fuel energy, gross', fr: 'Énergie de combustible, PCS' },
  fuel_energy_net: { en: 'Fuel energy, net', fr: 'Énergie de combustible, PCI' },
  mass: { en: 'Mass', fr: 'Masse' },
  volume: { en: 'Volume', fr: 'Volume' },
  vehicle_distance: { en: 'Vehicle-kilometres', fr: 'Véhicules-kilomètres' },
  passenger_distance: { en: 'Passenger-kilometres', fr: 'Passagers-kilomètres' },
  freight: { en: 'Tonne-kilometres', fr: 'Tonnes-kilomètres' },
  item: { en: 'Items', fr: 'Unités' },
  area: { en: 'Area', fr: 'Surface' },
  meal: { en: 'Meals', fr: 'Repas' },
  night: { en: 'Hotel nights', fr: 'Nuits d’hôtel' },
}

function Results({ search, change }: { search: FactorSearch; change: (next: Partial<FactorSearch>) => void }) {
  const { t, language } = useWords()
  const found = useInfiniteQuery(factorsQuery(search))
  if (found.isPending) return <Loading />
  if (found.error) return <ProblemPanel error={found.error} retry={() => void found.refetch()} />
  const factors = found.data.pages.flatMap((page) => page.factors)
  const total = found.data.pages[0]?.total ?? 0
  if (total === 0) {
    return (
      <div className="card p-8 text-center" role="status">
        <p className="text-lg font-semibold">{t('factors.none')}</p>
        <p className="mt-1 text-soft">{t('factors.noneSays')}</p>
        <button
          type="button"
          className="button button-plain mt-4"
          onClick={() => change({ geography: undefined, dimension: undefined, year: undefined, status: undefined })}
        >
          {t('factors.clear')}
        </button>
      </div>
    )
  }
  return (
    <div>
      <p role="status" className="figures mb-2 text-soft">
        {t('factors.count', { count: total })}
      </p>
      <ul>
        {factors.map((factor) => (
          <FactorRow
            key={`${factor.id}@${factor.edition}`}
            factor={factor}
            current={search.factor === factor.id}
            onOpen={() => change({ factor: factor.id, edition: factor.edition })}
            language={language}
          />
        ))}
      </ul>
      {found.hasNextPage && (
        <button
          type="button"
          className="button button-plain mt-5"
          disabled={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {t('factors.more')}
        </button>
      )}
    </div>
  )
}

function FactorRow({
  factor,
  current,
  onOpen,
  language,
}: {
  factor: Omit<ShownFactor, 'raw'>
  current: boolean
  onOpen: () => void
  language: 'en' | 'fr'
}) {
  const { t, format } = useWords()
  return (
    <li className="border-t border-rule last:border-b">
      <button
        type="button"
        aria-expanded={current}
        className={`grid w-full gap-x-4 px-2 py-3 text-left hover:bg-wash sm:grid-cols-[1fr_auto] ${current ? 'bg-wash' : ''}`}
        onClick={onOpen}
      >
        <span className="font-semibold">{factor.name[language]}</span>
        <span className="figures font-semibold sm:text-right">{format.factor(factor.total_kg_co2e)} kg CO₂e</span>
        <span className="text-sm text-soft">
          {factor.publisher} · {factor.edition} · {placeName(factor.geography, format)}
          {factor.expired && <Tag>{t('footprint.result.expired')}</Tag>}
          {factor.status === 'archived' && <Tag>{t('footprint.result.archived')}</Tag>}
        </span>
        <span className="figures text-sm text-soft sm:text-right">
          {t('factors.perUnit', { unit: unitSymbol(factor.unit, language) })}
        </span>
      </button>
    </li>
  )
}
