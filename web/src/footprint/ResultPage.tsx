import type { Calculation, FootprintResult, InventoryLine, LineResult } from '@tidemark/core/footprint/contract.ts'
import { findQuestion } from '@tidemark/core/footprint/questionnaire.ts'
import { type Gap } from '@tidemark/core/footprint/questionnaire-answers.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useState, type ReactNode } from 'react'
import { unitSymbol } from '../lib/format.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { CopyableValue } from '../ui/Copyable.tsx'
import { saveFile } from '../lib/save-file.ts'
import { Loading } from '../ui/Loading.tsx'
import { Page, Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { TideGauge } from '../ui/Tide.tsx'
import { readGaps } from './answers.ts'
import { replay, type Replay } from './engine.ts'
import { categoryName } from '../lib/names.ts'
import { lineName } from './line-words.ts'
import { LineTrace } from './LineTrace.tsx'
import { BasedOn, MeasuredLine } from './Measured.tsx'
import { MeasureLine } from './MeasureLine.tsx'
import { calculationQuery, type TracedCalculation } from './queries.ts'
import { ScopeBar } from './ScopeBar.tsx'

const CategoryChart = lazy(() => import('./CategoryChart.tsx').then((module) => ({ default: module.CategoryChart })))
const route = getRouteApi(paths.calculation)
type Basis = 'location' | 'market'

export function ResultPage() {
  const { t } = useWords()
  return (
    <InOrganisation title={t('footprint.list.title')}>
      <Stored />
    </InOrganisation>
  )
}

function Stored() {
  const { id } = route.useParams()
  const { t } = useWords()
  const query = useQuery(calculationQuery(id))
  if (query.isPending) return <Loading />
  if (query.error) {
    return (
      <Page title={t('footprint.list.title')}>
        <ProblemPanel error={query.error} retry={() => void query.refetch()} />
        <p className="mt-6">
          <Link to={paths.calculations} className="link">
            {t('footprint.list.says')}
          </Link>
        </p>
      </Page>
    )
  }
  return <Result calculation={query.data} />
}

function Result({ calculation }: { calculation: TracedCalculation }) {
  const { t, format } = useWords()
  const { basis = 'location' } = route.useSearch()
  const { organisation, reporting_period } = calculation
  const total_kg = basis === 'market' ? calculation.emissions_market_kg_co2e : calculation.emissions_kg_co2e
  const total = format.co2e(total_kg)
  const gaps = useMemo(() => readGaps(calculation.calculation_id), [calculation.calculation_id])
  return (
    <Page
      wide
      title={t('footprint.result.title', { name: organisation.name })}
      lead={`${capital(t('footprint.result.period', { from: format.day(reporting_period.start_date), to: format.day(reporting_period.end_date) }))} · ${format.country(organisation.country)}`}
    >
      <BasedOn calculation={calculation} />
      <div className="card grid gap-8 p-5 sm:p-8 lg:grid-cols-[1fr_1.2fr]">
        <div>
          <p className="label">{t('footprint.result.total')}</p>
          <p
            className="figures mt-1 font-display text-5xl font-semibold tracking-tight sm:text-6xl"
            data-testid="total"
          >
            {total.value} <span className="text-2xl">{total.unit}</span>
          </p>
          {organisation.employees !== undefined && organisation.employees > 0 && (
            <p className="figures mt-1 text-soft">
              {t('footprint.result.perEmployee', { amount: format.co2e(total_kg / organisation.employees).text })}
            </p>
          )}
          <div className="mt-5">
            <p className="label">{t('footprint.result.interval')}</p>
            <TideGauge
              low_kg={calculation.interval_95.low}
              high_kg={calculation.interval_95.high}
              value_kg={calculation.emissions_kg_co2e}
              format={format}
              words={{
                title: t('footprint.result.interval'),
                low: t('footprint.result.low'),
                high: t('footprint.result.high'),
              }}
            />
            {basis === 'market' && <p className="mt-1 text-sm text-soft">{t('footprint.result.intervalLocation')}</p>}
          </div>
          {gaps && gaps.length > 0 && <GapsNear count={gaps.length} />}
        </div>
        <div>
          <BasisSwitch basis={basis} />
          <div className="mt-6">
            <ScopeBar result={calculation} basis={basis} says />
          </div>
          <Actions calculation={calculation} own={gaps !== undefined} />
        </div>
      </div>
      <Categories calculation={calculation} basis={basis} />
      <div className="grid gap-x-12 lg:grid-cols-2">
        <Best calculation={calculation} />
        {gaps && <Gaps gaps={gaps} />}
      </div>
      <Warnings calculation={calculation} />
      <Beside calculation={calculation} />
      <BrowserCheck calculation={calculation} />
      <FactorsUsed calculation={calculation} />
    </Page>
  )
}

function GapsNear({ count }: { count: number }) {
  const { t } = useWords()
  return (
    <p className="mt-4 border-l-2 border-sand pl-3 text-[0.9375rem]">
      <a href="#gaps" className="link">
        {t('footprint.result.gapsNear', { count })}
      </a>
    </p>
  )
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1)
}

function BasisSwitch({ basis }: { basis: Basis }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const { id } = route.useParams()
  return (
    <fieldset>
      <legend className="label">{t('footprint.result.basis')}</legend>
      <div className="mt-1 grid max-w-md grid-cols-2 overflow-hidden rounded-md border border-edge">
        {(['location', 'market'] as const).map((each) => (
          <label
            key={each}
            className="flex min-h-11 items-center justify-center px-2 py-1 text-center leading-tight has-checked:bg-tide has-checked:font-semibold has-checked:text-on-tide has-focus-visible:outline-3 has-focus-visible:-outline-offset-3 has-focus-visible:outline-sand"
          >
            <input
              type="radio"
              name="basis"
              className="sr-only"
              checked={basis === each}
              onChange={() =>
                void navigate({
                  to: paths.calculation,
                  params: { id },
                  search: each === 'market' ? { basis: each } : {},
                  replace: true,
                  resetScroll: false,
                })
              }
            />
            {t(`footprint.result.${each}`)}
          </label>
        ))}
      </div>
      <p className="mt-1 text-sm text-soft">{t('footprint.result.basisSays')}</p>
    </fieldset>
  )
}

/** `own`: the questionnaire that led here is in this browser. */
function Actions({ calculation, own }: { calculation: TracedCalculation; own: boolean }) {
  const { t, format } = useWords()
  return (
    <div className="mt-7 border-t border-rule pt-5">
      <div className="flex flex-wrap gap-3">
        <Link to={paths.certificate} params={{ id: calculation.certificate_id }} className="button button-main">
          {t('footprint.result.certificate')}
        </Link>
        <button
          type="button"
          className="button button-plain"
          onClick={() => saveFile(`${calculation.calculation_id}.json`, JSON.stringify(calculation, null, 2))}
        >
          {t('footprint.result.downloadJson')}
        </button>
        <Link to={paths.questionnaire} className="button button-plain">
          {own ? t('footprint.result.again') : t('footprint.home.way1Do')}
        </Link>
      </div>
      <p className="mt-4 text-sm text-soft">
        {t('footprint.result.calculatedAt', { when: format.instant(calculation.calculated_at) })} ·{' '}
        {t('footprint.result.engine', { version: calculation.engine_version, gwp: calculation.gwp_set })} ·{' '}
        {t('footprint.result.score')}{' '}
        {t('footprint.result.scoreOf', { score: format.number(Math.round(calculation.data_quality_score)) })}
        {calculation.inventory.lines.some((line) => line.activity === 'flight') && (
          <>
            {' '}
            ·{' '}
            {t('footprint.result.altitude', {
              counted: t(`footprint.result.${calculation.inventory.radiative_forcing}`),
            })}
          </>
        )}
      </p>
    </div>
  )
}

interface CategoryRow {
  id: string
  scope: '1' | '2' | '3'
  kg: number
  lines: { line: LineResult; kg: number }[]
}

/** Categories with what each line puts into them, largest first. */
export function categoryRows(result: FootprintResult, basis: Basis): CategoryRow[] {
  const rows = new Map<string, CategoryRow>()
  for (const line of result.lines) {
    const by_category = new Map<string, number>()
    for (const part of line.parts)
      by_category.set(part.category, (by_category.get(part.category) ?? 0) + part.emissions_kg_co2e)
    if (basis === 'market') {
      // A contract changes the bought energy of the line, and only that.
      const bought = [...by_category.keys()].find((category) => category.startsWith('2.'))
      if (bought)
        by_category.set(bought, (by_category.get(bought) ?? 0) + line.emissions_market_kg_co2e - line.emissions_kg_co2e)
    }
    for (const [id, kg] of by_category) {
      const row = rows.get(id) ?? { id, scope: id.charAt(0) as CategoryRow['scope'], kg: 0, lines: [] }
      row.lines.push({ line, kg })
      rows.set(id, row)
    }
  }
  for (const row of rows.values()) {
    const stated =
      basis === 'market' && row.id.startsWith('2.') ? result.categories_market[row.id] : result.categories[row.id]
    row.kg = stated ?? row.lines.reduce((sum, each) => sum + each.kg, 0)
    row.lines.sort((a, b) => b.kg - a.kg)
  }
  return [...rows.values()].sort((a, b) => b.kg - a.kg)
}

function Categories({ calculation, basis }: { calculation: TracedCalculation; basis: Basis }) {
  const { t, format, language } = useWords()
  const rows = useMemo(() => categoryRows(calculation, basis), [calculation, basis])
  const bars = useMemo(
    () => rows.map((row) => ({ id: row.id, name: categoryName(row.id, language), scope: row.scope, kg: row.kg })),
    [rows, language],
  )
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const top = rows[0]?.kg ?? 0
  const total = rows.reduce((sum, row) => sum + row.kg, 0)
  const stated = new Map(calculation.inventory.lines.map((line) => [line.id, line]))
  const toggle = (id: string, next: boolean) => {
    const all = new Set(open)
    if (next) all.add(id)
    else all.delete(id)
    setOpen(all)
  }
  return (
    <Section title={t('footprint.result.categories')} says={t('footprint.result.categoriesSays')} id="categories">
      <Suspense fallback={<div className="h-24" />}>
        <CategoryChart
          bars={bars}
          describe={t('footprint.result.chart')}
          onChoose={(id) => {
            toggle(id, true)
            document.getElementById(`category-${id}`)?.scrollIntoView({ block: 'start' })
          }}
        />
      </Suspense>
      <div className="mt-6">
        {rows.map((row) => (
          <details
            key={row.id}
            id={`category-${row.id}`}
            open={open.has(row.id)}
            onToggle={(event) => {
              if (event.currentTarget.open !== open.has(row.id)) toggle(row.id, event.currentTarget.open)
            }}
            className="group border-b border-rule first:border-t"
          >
            <summary className="grid min-h-12 grid-cols-[1fr_auto] items-baseline gap-x-4 py-2 hover:bg-wash sm:grid-cols-[minmax(0,22rem)_1fr_auto]">
              <span>
                <svg
                  viewBox="0 0 12 12"
                  className="mr-2 inline-block size-3 transition-transform group-open:rotate-90"
                  aria-hidden="true"
                >
                  <path d="M3.5 1.5 8.5 6l-5 4.5z" className="fill-tide" />
                </svg>
                <span className="figures mr-2 text-soft">{row.id}</span>
                {categoryName(row.id, language)}
              </span>
              <svg
                viewBox="0 0 100 4"
                preserveAspectRatio="none"
                className="order-3 col-span-2 h-2 w-full self-center sm:order-none sm:col-span-1"
                aria-hidden="true"
              >
                <rect
                  width={top > 0 ? Math.max(0.3, (row.kg / top) * 100) : 0}
                  height="4"
                  className={scopeFill[row.scope]}
                />
              </svg>
              <span className="figures text-right">
                <span className="font-semibold">{format.co2e(row.kg).text}</span>
                <span className="ml-2 inline-block min-w-11 text-sm text-soft">
                  {total > 0 ? format.share(row.kg / total) : ''}
                </span>
              </span>
            </summary>
            <ul className="space-y-4 pt-2 pb-6 sm:pl-8">
              {row.lines.map(({ line, kg }) => (
                <LineOf key={line.id} line={line} kg={kg} stated={stated.get(line.id)} calculation={calculation} />
              ))}
            </ul>
          </details>
        ))}
      </div>
    </Section>
  )
}

const scopeFill = { '1': 'fill-scope1', '2': 'fill-scope2', '3': 'fill-scope3' } as const

function LineOf({
  line,
  kg,
  stated,
  calculation,
}: {
  line: LineResult
  kg: number
  stated: InventoryLine | undefined
  calculation: TracedCalculation
}) {
  const { t, format, language } = useWords()
  const partial = Math.abs(kg - line.emissions_kg_co2e) > 1e-6 * Math.max(1, line.emissions_kg_co2e)
  return (
    <li className="card p-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h3 className="font-sans text-base font-semibold tracking-normal">
          {lineName(stated, line.id, language)}
          {line.site !== undefined && <span className="font-normal text-soft"> · {line.site}</span>}
        </h3>
        <span className="figures font-semibold">{format.co2e(kg).text}</span>
      </div>
      <p className="figures text-sm text-soft">
        {stated ? `${format.quantity(stated.quantity, stated.unit)} · ` : ''}
        {partial && `${t('footprint.result.whole')} ${format.co2e(line.emissions_kg_co2e).text} · `}
        {t('footprint.result.interval')} {format.co2e(line.interval_95.low).text} –{' '}
        {format.co2e(line.interval_95.high).text} ·{' '}
        {t('footprint.result.quality', { score: format.number(Math.round(line.data_quality_score)) })}
      </p>
      {stated && <MeasuredLine line={stated} />}
      <details className="mt-2">
        <summary className="text-tide">{t('footprint.result.trace')}</summary>
        <div className="mt-3">
          <LineTrace
            steps={line.trace}
            used={calculation.factors_used}
            factors={calculation.factors}
            stated={stated}
            inventory={calculation.inventory}
          />
        </div>
      </details>
      {stated && <MeasureLine line={stated} calculation={calculation} />}
    </li>
  )
}

function Best({ calculation }: { calculation: TracedCalculation }) {
  const { t, format, language } = useWords()
  const stated = new Map(calculation.inventory.lines.map((line) => [line.id, line]))
  const best = calculation.lines
    .filter((line) => line.uncertainty_share >= 0.01)
    .sort((a, b) => b.uncertainty_share - a.uncertainty_share)
    .slice(0, 5)
  return (
    <Section title={t('footprint.result.best')} says={t('footprint.result.bestSays')} id="best">
      <ol className="space-y-3">
        {best.map((line) => (
          <li key={line.id}>
            <div className="flex items-baseline justify-between gap-4">
              <span>{lineName(stated.get(line.id), line.id, language)}</span>
              <span className="figures font-semibold">{format.share(line.uncertainty_share)}</span>
            </div>
            <svg viewBox="0 0 100 4" preserveAspectRatio="none" className="mt-1 h-1.5 w-full" aria-hidden="true">
              <rect width="100" height="4" className="fill-rule" />
              <rect width={line.uncertainty_share * 100} height="4" className="fill-sand" />
            </svg>
          </li>
        ))}
      </ol>
    </Section>
  )
}

/** A calculation made by a program, or in another browser, has no questions to be open: then this is not shown. */
function Gaps({ gaps }: { gaps: readonly Gap[] }) {
  const { t, language } = useWords()
  return (
    <Section
      title={t('footprint.result.gaps')}
      {...(gaps.length > 0 ? { says: t('footprint.result.gapsSays') } : {})}
      id="gaps"
    >
      {gaps.length === 0 && <p>{t('footprint.result.noGaps')}</p>}
      <ul className="space-y-2">
        {gaps.map((gap) => (
          <li key={gap.question} className="flex flex-wrap items-baseline justify-between gap-x-4">
            <Link to={paths.questionnaire} search={{ q: gap.question }} className="link">
              {findQuestion(gap.question)?.text[language] ?? gap.question}
            </Link>
            <span className="text-sm text-soft">{t(`footprint.result.gapReason.${gap.reason}`)}</span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Warnings({ calculation }: { calculation: TracedCalculation }) {
  const { t, language } = useWords()
  const stated = new Map(calculation.inventory.lines.map((line) => [line.id, line]))
  const grouped = new Map<string, { messages: string[]; line_ids: Set<string> }>()
  for (const warning of calculation.warnings) {
    const group = grouped.get(warning.code) ?? { messages: [], line_ids: new Set() }
    group.messages.push(warning.message)
    for (const id of warning.line_ids) group.line_ids.add(id)
    grouped.set(warning.code, group)
  }
  return (
    <Section title={t('footprint.result.warnings')} id="warnings">
      {grouped.size === 0 && <p className="text-soft">{t('footprint.result.noWarnings')}</p>}
      <ul className="space-y-3">
        {[...grouped].map(([code, { messages, line_ids }]) => (
          <li key={code} className="border-l-2 border-sand pl-4">
            <p>{t(`footprint.warning.${code as 'factor-expired'}`, { defaultValue: messages[0] ?? code })}</p>
            {line_ids.size > 0 && (
              <p className="text-sm text-soft">
                {t('footprint.warningLines', {
                  lines: [...line_ids].map((id) => lineName(stated.get(id), id, language)).join(' · '),
                })}
              </p>
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Beside({ calculation }: { calculation: TracedCalculation }) {
  const { t, format } = useWords()
  const entries = [
    { key: 'biogenic', amount: format.co2(calculation.biogenic_kg_co2).text },
    { key: 'otherGases', amount: format.co2e(calculation.outside_scopes.other_gases_kg_co2e).text },
    { key: 'avoided', amount: format.co2e(calculation.outside_scopes.avoided_kg_co2e).text },
  ] as const
  const gases = Object.entries(calculation.gases).sort(([, a], [, b]) => b - a)
  return (
    <div className="grid gap-x-12 lg:grid-cols-2">
      <Section title={t('footprint.result.beside')} id="beside">
        <dl className="space-y-4">
          {entries.map(({ key, amount }) => (
            <div key={key} className="grid grid-cols-[1fr_auto] gap-x-4">
              <dt className="font-semibold">{t(`footprint.result.${key}`)}</dt>
              <dd className="figures font-semibold">{amount}</dd>
              <dd className="col-span-2 text-sm text-soft">{t(`footprint.result.${key}Says`)}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section title={t('footprint.result.gases')} id="gases">
        <table className="figures w-full">
          <tbody>
            {gases.map(([gas, kg]) => (
              <tr key={gas} className="border-b border-rule last:border-0">
                <th scope="row" className="py-1.5 text-left font-normal">
                  {t(`footprint.gas.${gas as 'co2'}`, { defaultValue: gas })}
                </th>
                <td className="py-1.5 text-right font-semibold">{format.co2e(kg).text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
    </div>
  )
}

/** The inventory, computed again by the engine in this browser and compared with what the server stored. */
function BrowserCheck({ calculation }: { calculation: TracedCalculation }) {
  const { t, language } = useWords()
  const [found, setFound] = useState<Replay>()
  useEffect(() => {
    let current = true
    // After the page is drawn: a large inventory takes a moment.
    const timer = setTimeout(() => {
      const again = replay(calculation, calculation.inventory, {
        factors: calculation.factors,
        airports: calculation.airports,
      })
      if (current) setFound(again)
    }, 50)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [calculation])
  const good = found?.outcome === 'same'
  const stated = new Map(calculation.inventory.lines.map((line) => [line.id, line]))
  return (
    <Section title={t('footprint.result.check')} id="check">
      <div
        role="status"
        className={`rounded-card p-4 ${found === undefined ? 'bg-wash' : good ? 'bg-good-wash' : 'bg-bad-wash'}`}
      >
        <p
          className={`font-semibold ${found === undefined ? '' : good ? 'text-good' : 'text-bad'}`}
          data-testid="browser-check"
        >
          {found === undefined
            ? t('footprint.result.checking')
            : found.outcome === 'same'
              ? t('footprint.result.same')
              : found.outcome === 'differs'
                ? t('footprint.result.differs')
                : t('footprint.result.cannot')}
        </p>
        {found?.outcome === 'same' && <p className="mt-1">{t('footprint.result.sameSays')}</p>}
        {found?.outcome === 'differs' && (
          <p className="mt-1">
            {t('footprint.result.differsSays', {
              line:
                found.line_id === undefined
                  ? t('footprint.result.differsNowhere')
                  : lineName(stated.get(found.line_id), found.line_id, language),
            })}
          </p>
        )}
        {found?.outcome === 'cannot' && <p className="mt-1">{found.reason}</p>}
      </div>
      <dl className="mt-3">
        <CopyableValue name={t('footprint.result.inputDigest')} value={calculation.input_digest} />
        <CopyableValue
          name={`${t('footprint.result.resultDigest')} · ${t('footprint.result.server')}`}
          value={calculation.result_digest}
        />
        {found && found.outcome !== 'cannot' && (
          <CopyableValue
            name={`${t('footprint.result.resultDigest')} · ${t('footprint.result.browser')}`}
            value={found.result.result_digest}
          />
        )}
      </dl>
    </Section>
  )
}

function FactorsUsed({ calculation }: { calculation: Calculation }): ReactNode {
  const { t, format, language } = useWords()
  return (
    <Section title={t('footprint.result.factors')} id="factors">
      <ul className="grid gap-x-10 gap-y-3 lg:grid-cols-2">
        {calculation.factors_used.map((factor) => (
          <li key={`${factor.id}@${factor.edition}`} className="border-t border-rule pt-3">
            <Link
              to={paths.factors}
              search={{ factor: factor.id, edition: factor.edition }}
              className="link font-semibold"
            >
              {factor.name[language]}
            </Link>
            <span className="figures block text-sm text-soft">
              {factor.publisher} · {factor.edition} · {factor.id} · {format.factor(factor.total_kg_co2e)} kg CO₂e /{' '}
              {unitSymbol(factor.unit, language)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
