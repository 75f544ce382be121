import type { AnalysisReport } from '@tidemark/core/projects/report.ts'
import { useWords } from '../lib/i18n.ts'
import { useSays } from './says.ts'

/** What to send next, what gains most first. */
export function NextEvidence({ report }: { report: AnalysisReport }) {
  const { t, format } = useWords()
  const { say } = useSays()
  const { next_evidence } = report
  const most = Math.max(1, ...next_evidence.map(({ raw_gain_points }) => raw_gain_points))
  if (next_evidence.length === 0) return <p className="text-soft">{t('projects.nextEvidence.none')}</p>
  return (
    <>
      <h3 className="text-base">{t('projects.nextEvidence.title')}</h3>
      <ol className="mt-2 space-y-3" data-testid="next-evidence">
        {next_evidence.map(({ remedy, raw_gain_points, gain_points, says }) => (
          <li key={remedy} className="grid grid-cols-[5.5rem_minmax(0,1fr)] items-baseline gap-3">
            <span className="figures text-right">
              <span className="font-semibold">+{format.number(gain_points)}</span>
              <span
                aria-hidden="true"
                className="mt-1 ml-auto block h-1.5 rounded-full bg-tide"
                style={{ width: `${Math.max(4, (raw_gain_points / most) * 100)}%` }}
              />
            </span>
            <span>
              {say(says)}
              {gain_points === 0 && raw_gain_points > 0 && (
                <span className="block text-sm text-soft">{t('projects.nextEvidence.underCap')}</span>
              )}
            </span>
          </li>
        ))}
      </ol>
    </>
  )
}
