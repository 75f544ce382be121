import type { MeasurementProposal } from '@tidemark/core/footprint/measurement-contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { ActionButton } from '../ui/ActionButton.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Notice } from '../ui/Notice.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { coverageText } from './line-words.ts'
import { applyMeasurementOf, measurementQuery, type AskedMeasurement } from './meter-queries.ts'

/** What a line would come to, and the button that puts exactly this on record. */
export function MeasureProposal({ asked }: { asked: AskedMeasurement }) {
  const { t } = useWords()
  const navigate = useNavigate()
  const client = useQueryClient()
  const query = useQuery(measurementQuery(asked))
  const apply = useMutation({
    mutationFn: (proposal_digest: string) => applyMeasurementOf({ ...asked, proposal_digest }),
    onSuccess: async ({ calculation_id }) => {
      await client.invalidateQueries({ queryKey: ['calculations'] })
      await navigate({ to: paths.calculation, params: { id: calculation_id } })
    },
    // What was seen is not what is there: the new proposal is shown beside the refusal.
    onError: () => void query.refetch(),
  })
  if (query.isPending) return <Loading />
  if (query.error) return <ProblemPanel error={query.error} retry={() => void query.refetch()} />
  const { refused, proposal_digest } = query.data
  return (
    <div data-testid="proposal">
      <Figures proposal={query.data} />
      <Coverage proposal={query.data} />
      {apply.error && (
        <div className="mt-4">
          <ProblemPanel error={apply.error} />
        </div>
      )}
      {refused ? (
        <Notice tone="note">{t(`footprint.problem.${refused.type as 'footprint/simulated-meter'}`)}</Notice>
      ) : (
        <div className="mt-4">
          <ActionButton
            className="button button-main"
            busy={apply.isPending}
            onClick={() => apply.mutate(proposal_digest)}
          >
            {t(apply.isPending ? 'footprint.q.finishing' : 'footprint.measure.apply')}
          </ActionButton>
          <p className="mt-2 text-sm text-soft">{t('footprint.measure.applySays')}</p>
        </div>
      )}
    </div>
  )
}

function Figures({ proposal }: { proposal: MeasurementProposal }) {
  const { t, format } = useWords()
  const { estimated, measured, difference, unit } = proposal
  const rows: [name: string, before: string, after: string][] = [
    [t('footprint.measure.quantity'), format.quantity(estimated.quantity, unit), format.quantity(measured.quantity, unit)], // oxfmt-ignore
    [t('footprint.measure.emissions'), format.co2e(estimated.emissions_kg_co2e).text, format.co2e(measured.emissions_kg_co2e).text], // oxfmt-ignore
    [t('footprint.result.interval'), interval(estimated), interval(measured)],
    [t('footprint.result.score'), score(estimated), score(measured)],
    [t('footprint.measure.total'), format.co2e(estimated.total_kg_co2e).text, format.co2e(measured.total_kg_co2e).text],
  ]
  return (
    <>
      <table className="figures w-full text-sm sm:text-[0.9375rem]">
        <thead>
          <tr className="text-left align-bottom text-soft">
            <th scope="col" className="py-1 font-normal">
              <span className="sr-only">{t('footprint.measure.figure')}</span>
            </th>
            <th scope="col" className="py-1 pl-1 text-right sm:pl-2 font-normal">
              {t('footprint.measure.estimated')}
            </th>
            <th scope="col" className="py-1 pl-1 text-right sm:pl-2 font-normal">
              {t('footprint.measure.measured')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, before, after]) => (
            <tr key={name} className="border-t border-rule align-baseline">
              <th scope="row" className="py-1.5 text-left font-normal">
                {name}
              </th>
              <td className="py-1.5 pl-1 text-right sm:pl-2">{before}</td>
              <td className="py-1.5 pl-1 text-right sm:pl-2 font-semibold">{after}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-3 font-semibold" data-testid="difference">
        {t('footprint.measure.difference', {
          quantity: signed(difference.quantity, (value) => format.quantity(value, unit)),
          emissions: signed(difference.emissions_kg_co2e, (value) => format.co2e(value).text),
        })}
      </p>
    </>
  )

  function interval({ interval_95 }: MeasurementProposal['measured']): string {
    return `${format.co2e(interval_95.low).text} – ${format.co2e(interval_95.high).text}`
  }

  function score({ data_quality_score }: MeasurementProposal['measured']): string {
    return t('footprint.result.scoreOf', { score: format.number(Math.round(data_quality_score)) })
  }
}

function signed(value: number, text: (value: number) => string): string {
  return `${value < 0 ? '−' : '+'}${text(Math.abs(value))}`
}

const HOLES_SHOWN = 5

/** For how much of the time the meters speak, where they do not and why, and how good their readings are. */
function Coverage({ proposal }: { proposal: MeasurementProposal }): ReactNode {
  const { t, format } = useWords()
  const { line, unit, uncovered, uncovered_found, thinned_to_s } = proposal
  const { coverage_share, measured_quantity, estimated_quantity, quality, meters } = line.measured_by
  const shown = uncovered.slice(0, HOLES_SHOWN)
  return (
    <div className="mt-3 space-y-2 text-[0.9375rem]">
      <p>
        {estimated_quantity === 0
          ? t('footprint.measure.coversAll')
          : t('footprint.measure.covers', {
              share: coverageText(coverage_share, format),
              measured: format.quantity(measured_quantity, unit),
              kept: format.quantity(estimated_quantity, unit),
            })}
      </p>
      {shown.length > 0 && (
        <ul className="list-disc space-y-1 pl-5 text-soft">
          {shown.map(({ sensor_id, from, to, why }) => (
            <li key={`${sensor_id} ${from}`}>
              {meters.length > 1 && `${sensor_id} · `}
              {t('footprint.measure.hole', {
                from: format.instant(from),
                to: format.instant(to),
                why: t(`footprint.measure.why.${why}`),
              })}
            </li>
          ))}
          {uncovered_found > shown.length && (
            <li>{t('footprint.measure.more', { count: uncovered_found - shown.length })}</li>
          )}
        </ul>
      )}
      <p className="text-soft">
        {t('footprint.measure.quality', { score: format.share(quality.score) })}{' '}
        {(['completeness', 'accuracy', 'consistency', 'timeliness', 'validity'] as const)
          .map((each) => `${t(`footprint.measure.dimension.${each}`)} ${format.share(quality[each])}`)
          .join(' · ')}
      </p>
      {thinned_to_s !== null && (
        <p className="text-soft">{t('footprint.measure.thinned', { seconds: thinned_to_s })}</p>
      )}
    </div>
  )
}
