import type { AnalysisReport } from '@tidemark/core/projects/report.ts'
import { levelWords } from '@tidemark/core/projects/words-of-decisions.ts'
import { factWords } from '@tidemark/core/projects/words-of-facts.ts'
import { useWords } from '../lib/i18n.ts'
import { capital, useSays } from './says.ts'

/** What the confidence is made of: each part with its weight, its value and a sentence; then the caps. */
export function ConfidenceTable({ report }: { report: AnalysisReport }) {
  const { t, format } = useWords()
  const { say, word } = useSays()
  const { confidence, proposal } = report
  const { name, action } = levelWords[proposal.level]
  return (
    <>
      <div className="flex flex-wrap items-baseline gap-x-6 gap-y-1">
        <p className="figures text-4xl font-semibold" data-testid="score">
          {format.number(confidence.score)}
          <span className="text-lg font-normal text-soft"> / 100</span>
        </p>
        <p>
          <strong>{word(name)}</strong>
          <span className="text-soft"> · {word(action)}</span>
        </p>
      </div>
      <p className="mt-2 max-w-prose border-l-2 border-sand pl-3">
        {confidence.calibration === 'uncalibrated'
          ? t('projects.confidence.uncalibrated')
          : t('projects.confidence.calibrated', {
              version: confidence.calibration,
              raw: format.number(confidence.raw_score),
            })}
      </p>
      <ul className="mt-5 border-b border-rule" data-testid="components">
        {confidence.components.map(({ component, weight, value, counted, says }) => (
          <li
            key={component}
            className={`grid items-baseline gap-x-5 gap-y-1 border-t border-rule py-3 sm:grid-cols-[minmax(0,15rem)_9rem_minmax(0,1fr)] ${counted ? '' : 'text-soft'}`}
          >
            <p className="font-semibold">
              {capital(word(factWords.component?.[component] ?? [component, component]))}
              <span className="figures ml-2 text-sm font-normal text-soft">
                {t('projects.confidence.weight', { weight: format.share(weight) })}
              </span>
            </p>
            <p className="figures flex items-center gap-2">
              <span aria-hidden="true" className="block h-2 flex-1 overflow-hidden rounded-full bg-wash">
                <span className="block h-full bg-tide" style={{ width: `${value * 100}%` }} />
              </span>
              <span className="w-12 text-right">{format.share(value)}</span>
            </p>
            <p className="text-[0.9375rem]">
              {say(says)}
              {!counted && ` ${t('projects.confidence.notCounted')}`}
            </p>
          </li>
        ))}
      </ul>
      {confidence.gates.length > 0 && (
        <>
          <h3 className="mt-6 text-lg">{t('projects.confidence.caps')}</h3>
          <ul className="mt-2 space-y-2" data-testid="gates">
            {confidence.gates.map(({ gate, says }) => (
              <li key={gate} className="border-l-4 border-sand pl-3">
                {say(says)}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}
