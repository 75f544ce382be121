import { findActivity } from '@tidemark/core/factors/activities.ts'
import type { Factor } from '@tidemark/core/factors/contract.ts'
import { yearDistance } from '@tidemark/core/footprint/choose-factor.ts'
import type { FootprintResult, Inventory, InventoryLine, TraceStep } from '@tidemark/core/footprint/contract.ts'
import { Link } from '@tanstack/react-router'
import { unitSymbol } from '../lib/format.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { categoryName, placeName } from '../lib/names.ts'
import { Tag } from '../ui/Tag.tsx'
import { sourceWords, valueWords } from './line-words.ts'

type Used = FootprintResult['factors_used'][number]

interface Context {
  used: readonly Used[]
  factors: readonly Factor[]
  /** The line as it was stated, for what the factor had to assume. */
  stated: InventoryLine | undefined
  inventory: Pick<Inventory, 'organisation' | 'reporting_period'>
}

/** Everything between the stated quantity and the emissions, step by step, each with the factor and source behind it. */
export function LineTrace({ steps, ...context }: Context & { steps: readonly TraceStep[] }) {
  return (
    <ol className="figures space-y-2 border-l-2 border-tide pl-4 text-[0.9375rem]">
      {steps.map((step, index) => (
        <li key={index}>
          <Step step={step} {...context} />
        </li>
      ))}
    </ol>
  )
}

function Step({ step, ...context }: Context & { step: TraceStep }) {
  const { t, format, language } = useWords()
  switch (step.step) {
    case 'quantity':
      return <>{t(quantityWords(context.stated), { amount: amountOf(step.value, step.unit) })}</>
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
          {t('footprint.step.convert', {
            from: amountOf(step.value, step.from),
            rate: format.factor(step.rate),
            to: amountOf(step.result, step.to),
          })}
          {step.source !== undefined && <span className="text-soft"> ({sourceWords(step.source, language)})</span>}
        </>
      )
    case 'factor':
      return <FactorStep step={step} {...context} />
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
    return `${format.factor(value)}\u00A0${unitSymbol(unit, language, value)}`
  }
}

function quantityWords(stated: InventoryLine | undefined) {
  return stated?.measured_by ? 'footprint.step.measured' : 'footprint.step.stated'
}

function FactorStep({
  step,
  used,
  factors,
  stated,
  inventory,
}: Context & { step: Extract<TraceStep, { step: 'factor' }> }) {
  const { t, format, language } = useWords()
  const summary = used.find((each) => each.id === step.factor && each.edition === step.edition)
  const full = factors.find((each) => each.id === step.factor && each.edition === step.edition)
  if (!summary) return <span>{step.says}</span>
  const expired = full?.valid_to !== undefined && full.valid_to < inventory.reporting_period.start_date
  return (
    <span className="block rounded-md bg-wash px-3 py-2">
      <span className="label block">{t('footprint.step.chosen')}</span>
      {step.factor.startsWith('inline:') ? (
        <span className="font-semibold">{summary.name[language]}</span>
      ) : (
        <Link
          to={paths.factors}
          search={{ factor: summary.id, edition: summary.edition }}
          className="link font-semibold"
        >
          {summary.name[language]}
        </Link>
      )}
      <span className="block text-soft">
        {[
          summary.publisher,
          t('footprint.step.edition', { edition: summary.edition }),
          ...(full ? [t('footprint.step.row', { row: full.row }), placeName(full.geography, format)] : []),
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
      {full && <span className="block text-soft">{reason(full)}</span>}
    </span>
  )

  /** Why this factor, in the reader's language; the engine's own sentence is in the JSON. */
  function reason(factor: Factor): string {
    if (stated?.factor !== undefined) return `${t('footprint.step.named')}.`
    const completed = /^completes (\S+),/.exec(step.reason)?.[1]
    if (completed !== undefined) return `${t('footprint.step.completes', { id: completed })}.`
    const country = String(stated?.attributes?.country ?? inventory.organisation.country)
    const place = placeName(factor.geography, format)
    const foreign = /^[A-Z]{2}$/.test(factor.geography) && factor.geography !== country && factor.geography !== 'EU'
    const { start_date, end_date } = inventory.reporting_period
    const distance = yearDistance(factor, [Number(start_date.slice(0, 4)), Number(end_date.slice(0, 4))])
    const activity = factor.activity === undefined ? undefined : findActivity(factor.activity)
    const assumed = Object.entries(factor.attributes ?? {}).flatMap(([name, value]) => {
      const attribute = activity?.attributes[name]
      return attribute && stated?.attributes?.[name] === undefined
        ? [`${attribute.name[language].toLocaleLowerCase(language)} ${valueWords(String(value), language)}`]
        : []
    })
    const parts = [
      foreign
        ? t('footprint.step.insteadOf', { country: format.country(country), place })
        : t('footprint.step.forPlace', { place }),
      ...(factor.valid_from || factor.valid_to
        ? [distance === 0 ? t('footprint.step.covers') : t('footprint.step.away', { count: distance })]
        : []),
      ...(assumed.length > 0 ? [t('footprint.step.assumes', { what: assumed.join(', ') })] : []),
    ]
    return `${parts.join(language === 'fr' ? ' ; ' : '; ')}.`
  }
}
