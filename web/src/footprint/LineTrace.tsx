import type { Factor } from '@tidemark/core/factors/contract.ts'
import type { FootprintResult, TraceStep } from '@tidemark/core/footprint/contract.ts'
import { Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { unitSymbol } from '../lib/format.ts'
import { paths } from '../lib/paths.ts'
import { categoryName } from './line-words.ts'

type Used = FootprintResult['factors_used'][number]

/** Everything between the stated quantity and the emissions, step by step, each with the factor and source behind it. */
export function LineTrace({
  steps,
  used,
  factors,
  period_start,
}: {
  steps: readonly TraceStep[]
  used: readonly Used[]
  factors: readonly Factor[]
  period_start?: string
}) {
  return (
    <ol className="figures space-y-2 border-l-2 border-tide pl-4 text-[0.9375rem]">
      {steps.map((step, index) => (
        <li key={index}>
          <Step step={step} used={used} factors={factors} {...(period_start === undefined ? {} : { period_start })} />
        </li>
      ))}
    </ol>
  )
}

function Step({ step, used, factors, period_start }: { step: TraceStep; used: readonly Used[]; factors: readonly Factor[]; period_start?: string }) {
  const { t, format, language } = useWords()
  switch (step.step) {
    case 'quantity':
      return <>{t('footprint.step.stated', { amount: amountOf(step.value, step.unit) })}</>
    case 'distance':
      return (
        <>
          {t('footprint.step.distance', {
            from: step.from,
            to: step.to,
            km: amountOf(step.great_circle_km, 'km'),
            legs: String(step.legs),
            passengers: format.exact(step.passengers),
            result: amountOf(step.value, step.unit),
          })}
        </>
      )
    case 'convert':
      return (
        <>
          {t('footprint.step.converts')}
          {language === 'fr' ? ' : ' : ': '}
          {t('footprint.step.convert', { from: amountOf(step.value, step.from), rate: format.factor(step.rate), to: amountOf(step.result, step.to) })}
          {step.source !== undefined && <span className="text-soft"> ({step.source})</span>}
        </>
      )
    case 'factor': {
      const summary = used.find((each) => each.id === step.factor && each.edition === step.edition)
      const full = factors.find((each) => each.id === step.factor && each.edition === step.edition)
      return <FactorStep step={step} summary={summary} full={full} {...(period_start === undefined ? {} : { period_start })} />
    }
    case 'emit':
      return (
        <>
          <span className="font-semibold">{t(`footprint.stage.${step.stage}`)}</span>
          {language === 'fr' ? ' : ' : ': '}
          {t('footprint.step.emit', {
            quantity: amountOf(step.quantity, step.unit),
            factor: format.factor(step.kg_co2e_per_unit),
            result: format.co2e(step.emissions_kg_co2e).text,
          })}
          <span className="text-soft">
            {', '}
            {t('footprint.step.goesTo', { category: `${step.category} ${categoryName(step.category, language)}` })}
          </span>
        </>
      )
    case 'market':
      return (
        <>
          {t('footprint.step.market', {
            share: format.share(step.share),
            kwh: amountOf(step.kwh, 'kWh'),
            factor: format.factor(step.kg_co2e_per_kwh),
            rest: format.co2e(step.remainder_kg_co2e).text,
            result: format.co2e(step.emissions_kg_co2e).text,
          })}
        </>
      )
    case 'sum':
      return <strong>{t('footprint.step.sum', { amount: format.co2e(step.emissions_kg_co2e).text })}</strong>
  }

  function amountOf(value: number, unit: string): string {
    return `${format.factor(value)}\u00A0${unitSymbol(unit, language)}`
  }
}

function FactorStep({
  step,
  summary,
  full,
  period_start,
}: {
  step: Extract<TraceStep, { step: 'factor' }>
  summary: Used | undefined
  full: Factor | undefined
  period_start?: string
}) {
  const { t, format, language } = useWords()
  if (!summary) return <span>{step.says}</span>
  const expired = full?.valid_to !== undefined && period_start !== undefined && full.valid_to < period_start
  return (
    <span className="block rounded-md bg-wash px-3 py-2">
      <span className="label block">{t('footprint.step.chosen')}</span>
      {step.factor.startsWith('inline:') ? (
        <span className="font-semibold">{summary.name[language]}</span>
      ) : (
        <Link to={paths.factors} search={{ factor: summary.id, edition: summary.edition }} className="link font-semibold">
          {summary.name[language]}
        </Link>
      )}
      <span className="block text-soft">
        {[
          summary.publisher,
          t('footprint.step.edition', { edition: summary.edition }),
          ...(full ? [t('footprint.step.row', { row: full.row }), format.country(full.geography)] : []),
          `${format.factor(summary.total_kg_co2e)} kg CO₂e / ${unitSymbol(summary.unit, language)}`,
        ].join(' · ')}
        {expired && <Tag>{t('footprint.result.expired')}</Tag>}
        {full?.status === 'archived' && <Tag>{t('footprint.result.archived')}</Tag>}
      </span>
      {summary.source.url !== '' && (
        <span className="block text-soft">
          {t('footprint.result.source')}
          {language === 'fr' ? ' : ' : ': '}
          <a className="link" href={summary.source.url} rel="noreferrer" target="_blank">
            {summary.source.title}
          </a>
          {summary.source.licence !== '' && ` (${summary.source.licence})`}
        </span>
      )}
      {language === 'en' && <span className="block text-soft">{step.reason.charAt(0).toUpperCase() + step.reason.slice(1)}</span>}
    </span>
  )
}

export function Tag({ children }: { children: string }) {
  return <span className="ml-2 rounded bg-sand-wash px-1.5 py-0.5 text-sm font-semibold text-sand-ink">{children}</span>
}
