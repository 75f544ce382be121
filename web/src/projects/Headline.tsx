import type { AnalysisReport } from '@tidemark/core/projects/report.ts'
import { useWords } from '../lib/i18n.ts'
import { NextEvidence } from './NextEvidence.tsx'
import { useSays } from './says.ts'

/** The answer in a sentence and four figures, or why there is none. */
export function Headline({ report }: { report: AnalysisReport }) {
  const { t } = useWords()
  const { say } = useSays()
  const { measurement, proposal } = report
  return (
    <section aria-labelledby="answer" className="card p-5 sm:p-6" data-testid="answer" data-outcome={proposal.outcome}>
      <h2 id="answer" className="text-2xl">
        {t(`projects.outcome.${proposal.outcome}`)}
      </h2>
      <p className="mt-2 max-w-prose">{say(proposal.developer_sees)}</p>
      {measurement.outcome === 'cannot_tell' && (
        <>
          <ul className="mt-4 space-y-2">
            {measurement.reasons.map((reason) => (
              <li key={JSON.stringify(reason)} className="border-l-4 border-sand pl-3">
                {say(reason)}
              </li>
            ))}
          </ul>
          <p className="mt-3 max-w-prose text-soft">{t('projects.cannotTellSays')}</p>
          <div className="mt-5">
            <NextEvidence report={report} />
          </div>
        </>
      )}
      {measurement.outcome === 'measured' && <Figures report={report} />}
      {measurement.warnings.length > 0 && (
        <ul className="mt-4 list-disc space-y-1 pl-5 text-[0.9375rem] text-soft">
          {measurement.warnings.map((warning) => (
            <li key={JSON.stringify(warning)}>{say(warning)}</li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Figures({ report }: { report: AnalysisReport }) {
  const { t, format } = useWords()
  const { measurement, monitored, confidence } = report
  if (measurement.outcome !== 'measured') return null
  const { index, cover, area } = measurement
  const share = cover.share
  const figures: [string, string, string][] = [
    [
      t('projects.figure.cover'),
      share === null ? '–' : `${format.share(share.before)} → ${format.share(share.after)}`,
      t('projects.figure.coverSays', { index: t(`projects.index.${index.kind}`) }),
    ],
    [
      t(`projects.index.${index.kind}`),
      `${format.factor(round(index.mean_before))} → ${format.factor(round(index.mean_after))}`,
      t('projects.figure.indexSays', {
        delta: plus(index.delta, format.number),
        sigma: format.number(index.sigma),
        times: format.number(confidence.effect?.z ?? 0),
      }),
    ],
    [
      t('projects.figure.area'),
      area.polygon_ha === null ? '–' : t('projects.hectares', { ha: format.number(area.polygon_ha) }),
      t('projects.figure.areaSays', { pixels: format.number(measurement.pixels_compared) }),
    ],
    [
      t('projects.figure.time'),
      monitored.years === null ? '–' : t('projects.years', { years: format.number(monitored.years) }),
      monitored.before && monitored.after ? `${format.day(monitored.before)} – ${format.day(monitored.after)}` : '–',
    ],
  ]
  return (
    <dl className="figures mt-5 grid gap-x-6 gap-y-4 sm:grid-cols-2 lg:grid-cols-4">
      {figures.map(([label, value, says]) => (
        <div key={label}>
          <dt className="label">{label}</dt>
          <dd className="text-xl font-semibold">{value}</dd>
          <dd className="text-sm text-soft">{says}</dd>
        </div>
      ))}
    </dl>
  )
}

const round = (value: number) => Number(value.toFixed(3))

function plus(value: number, number: (value: number) => string): string {
  return value > 0 ? `+${number(value)}` : number(value)
}
