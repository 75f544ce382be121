import type { show } from '@tidemark/core/factors/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, type ReactNode } from 'react'
import type { AnswerOf } from '../lib/api.ts'
import { unitSymbol } from '../lib/format.ts'
import { useWords } from '../lib/i18n.ts'
import { categoryName, placeName } from '../lib/names.ts'
import { CopyButton } from '../ui/Copyable.tsx'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { factorQuery } from './queries.ts'

type Detailed = AnswerOf<typeof show>

/** A factor with everything needed to judge it. */
export function FactorDetail({
  id,
  edition,
  onClose,
}: {
  id: string
  edition: string | undefined
  onClose: () => void
}) {
  const { t, format, language } = useWords()
  const query = useQuery(factorQuery(id, edition))
  const heading = useRef<HTMLHeadingElement>(null)
  const factor = query.data
  const shown = factor?.id
  useEffect(() => {
    if (shown !== undefined) heading.current?.focus({ preventScroll: true })
  }, [shown])
  if (query.isPending) return <Loading />
  if (query.error) return <ProblemPanel error={query.error} retry={() => void query.refetch()} />
  if (!factor) return null
  return (
    <article
      className="card p-5 lg:sticky lg:top-6 lg:max-h-[calc(100dvh-3rem)] lg:overflow-y-auto"
      aria-labelledby="factor-title"
    >
      <div className="flex items-start justify-between gap-3">
        <h2 id="factor-title" ref={heading} tabIndex={-1} className="text-xl outline-none">
          {factor.name[language]}
        </h2>
        <button
          type="button"
          className="button button-plain button-small shrink-0"
          aria-label={t('factors.close')}
          onClick={onClose}
        >
          {t('app.close')}
        </button>
      </div>
      <p className="figures mt-3 font-display text-3xl font-semibold">
        {format.factor(factor.total_kg_co2e)}{' '}
        <span className="text-lg">kg CO₂e {t('factors.perUnit', { unit: unitSymbol(factor.unit, language) })}</span>
      </p>
      {factor.expired && factor.valid_to !== undefined && (
        <p className="mt-3 rounded-md bg-sand-wash px-3 py-2 text-sand-ink">
          <strong>{t('factors.expired', { day: format.day(factor.valid_to) })}.</strong> {t('factors.expiredSays')}
        </p>
      )}
      <Stages factor={factor} />
      <Gases factor={factor} />
      <Facts factor={factor} />
    </article>
  )
}

function Stages({ factor }: { factor: Detailed }) {
  const { t, format } = useWords()
  const top = Math.max(...factor.stages.map((stage) => Math.abs(stage.total_kg_co2e)), 0)
  return (
    <>
      <h3 className="mt-5 font-sans text-base font-semibold tracking-normal">{t('factors.stages')}</h3>
      <ul className="figures mt-1 text-[0.9375rem]">
        {factor.stages.map((stage, index) => (
          <li key={`${stage.stage}-${index}`} className="py-1">
            <div className="flex justify-between gap-3">
              <span>{t(`footprint.stage.${stage.stage}`)}</span>
              <span className="font-semibold">{format.factor(stage.total_kg_co2e)}</span>
            </div>
            <svg viewBox="0 0 100 3" preserveAspectRatio="none" className="h-1 w-full" aria-hidden="true">
              <rect width="100" height="3" className="fill-rule" />
              <rect
                width={top > 0 ? (Math.abs(stage.total_kg_co2e) / top) * 100 : 0}
                height="3"
                className="fill-tide"
              />
            </svg>
          </li>
        ))}
      </ul>
    </>
  )
}

function Gases({ factor }: { factor: Detailed }) {
  const { t, format } = useWords()
  const gases = new Map<string, number>()
  for (const stage of factor.stages) {
    for (const [gas, kg] of Object.entries(stage.gases_kg_co2e ?? {})) gases.set(gas, (gases.get(gas) ?? 0) + kg)
  }
  if (gases.size === 0) return null
  return (
    <>
      <h3 className="mt-4 font-sans text-base font-semibold tracking-normal">{t('factors.gases')}</h3>
      <ul className="figures mt-1 text-[0.9375rem]">
        {[...gases].map(([gas, kg]) => (
          <li key={gas} className="flex justify-between gap-3 py-0.5">
            <span>{t(`footprint.gas.${gas as 'co2'}`, { defaultValue: gas })}</span>
            <span>{format.factor(kg)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Facts({ factor }: { factor: Detailed }) {
  const { t, format, language } = useWords()
  const biogenic = factor.stages.reduce((sum, stage) => sum + Math.max(0, stage.co2_biogenic_kg ?? 0), 0)
  return (
    <dl className="mt-5 text-[0.9375rem]">
      {biogenic > 0 && <Row name={t('factors.biogenic')}>{format.factor(biogenic)} kg</Row>}
      <Row name={t('factors.publisher')}>{factor.publisher}</Row>
      <Row name={t('factors.edition')}>{factor.edition}</Row>
      <Row name={t('factors.row')}>{factor.row}</Row>
      <Row name={t('factors.geography')}>{factor.geography_name ?? placeName(factor.geography, format)}</Row>
      <Row name={t('factors.validity')}>
        <Validity from={factor.valid_from} to={factor.valid_to} />
      </Row>
      <Row name={t('factors.boundary')}>{t(`factors.boundaries.${factor.boundary}`)}</Row>
      <Row name={t('factors.gwp')}>{factor.gwp_set ?? t('factors.notSaid')}</Row>
      <Row name={t('factors.uncertainty')}>
        {factor.uncertainty_percent === undefined
          ? t('factors.notSaid')
          : t('factors.uncertaintyValue', { percent: format.number(factor.uncertainty_percent) })}
      </Row>
      {factor.category !== undefined && (
        <Row name={t('factors.category')}>
          {factor.category} {categoryName(factor.category, language)}
        </Row>
      )}
      {factor.note !== undefined && <Row name={t('factors.note')}>{factor.note}</Row>}
      <Row name={t('factors.source')}>
        {factor.source.url === '' ? (
          factor.source.title
        ) : (
          <a className="link" href={factor.source.url} rel="noreferrer" target="_blank">
            {factor.source.title}
          </a>
        )}
      </Row>
      <Row name={t('factors.licence')}>{factor.source.licence}</Row>
      <Row name={t('factors.id')}>
        <span className="flex flex-wrap items-center gap-2">
          <code className="break-all">{factor.id}</code>
          <CopyButton text={factor.id} label={t('factors.id')} />
        </span>
      </Row>
    </dl>
  )
}

function Validity({ from, to }: { from: string | undefined; to: string | undefined }) {
  const { t, format } = useWords()
  if (from !== undefined && to !== undefined) {
    return <>{t('factors.between', { from: format.day(from), to: format.day(to) })}</>
  }
  if (to !== undefined) return <>{t('factors.until', { day: format.day(to) })}</>
  return <>{from === undefined ? t('factors.notSaid') : t('factors.from', { day: format.day(from) })}</>
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[8.5rem_1fr] gap-3 border-t border-rule py-1.5">
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  )
}
