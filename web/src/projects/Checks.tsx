import { integrityCaveats, type IntegrityCheck } from '@tidemark/core/projects/integrity-caveats.ts'
import type { IntegrityFinding } from '@tidemark/core/projects/measurement.ts'
import type { AnalysisReport } from '@tidemark/core/projects/report.ts'
import i18next from 'i18next'
import type { z } from 'zod'
import { useWords } from '../lib/i18n.ts'
import { shown, useSays } from './says.ts'

type Finding = z.infer<typeof IntegrityFinding>
const tones = {
  block: 'bg-bad-wash text-bad',
  flag: 'bg-sand-wash text-sand-ink',
  inform: 'bg-wash text-tide-deep',
} as const

/** What was checked about the pictures and the result: first what was found, then what passed. */
export function Checks({ report }: { report: AnalysisReport }) {
  const { t } = useWords()
  const { say } = useSays()
  const { measurement, plausibility } = report
  const found = measurement.integrity.filter((each) => each.found)
  const passed = measurement.integrity.filter((each) => !each.found)
  return (
    <div className="grid gap-8 lg:grid-cols-2" data-testid="checks">
      <div className="min-w-0">
        <h3 className="text-lg">{t('projects.checks.pictures')}</h3>
        {found.length === 0 && (
          <p className="mt-2 text-good">{t('projects.checks.nothing', { count: passed.length })}</p>
        )}
        <ul className="mt-2 space-y-3">
          {found.map((finding) => (
            <Check key={`${finding.check} ${finding.image}`} finding={finding} />
          ))}
        </ul>
        {passed.length > 0 && (
          <details className="mt-4">
            <summary className="font-semibold">{t('projects.checks.passed', { count: passed.length })}</summary>
            <ul className="mt-2 space-y-3">
              {passed.map((finding) => (
                <Check key={`${finding.check} ${finding.image}`} finding={finding} />
              ))}
            </ul>
          </details>
        )}
      </div>
      <div className="min-w-0">
        <h3 className="text-lg">{t('projects.checks.plausibility')}</h3>
        {plausibility.length === 0 && <p className="mt-2 text-good">{t('projects.checks.plausible')}</p>}
        <ul className="mt-2 space-y-3">
          {plausibility.map((each) => (
            <li key={`${each.guard} ${each.method_id ?? ''}`} className="card p-3">
              <Effect effect={each.effect} /> {say(each.says)}
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

function Effect({ effect }: { effect: Finding['effect'] }) {
  const { t } = useWords()
  return (
    <span className={`mr-1 rounded px-1.5 py-0.5 text-sm font-semibold ${tones[effect]}`}>
      {t(`projects.effect.${effect}`)}
    </span>
  )
}

function Check({ finding }: { finding: Finding }) {
  const { t, format, language } = useWords()
  const { check, found, value, threshold, effect, image } = finding
  const text = (of: Finding['value']) => (typeof of === 'number' ? format.factor(of) : (of ?? '–'))
  const caveat = Object.hasOwn(integrityCaveats, check)
    ? integrityCaveats[check as IntegrityCheck][language]
    : check === 'generated_scene'
      ? t('projects.generatedSays')
      : finding.caveat
  // A record of another version may hold a check that this page has no name for.
  const name = `projects.check.${check}`
  return (
    <li className="card p-3">
      <p className="font-semibold">
        {found && <Effect effect={effect} />}
        {i18next.exists(name) ? t(name as `projects.check.${IntegrityCheck}`) : check}
        {image !== 'pair' && <span className="font-normal text-soft"> · {t(`projects.type.${image}`)}</span>}
      </p>
      <p className="figures text-[0.9375rem] wrap-anywhere">
        {threshold === null
          ? text(value)
          : t('projects.checks.value', { value: text(value), threshold: text(threshold) })}
      </p>
      <p className="text-sm text-soft">{shown(caveat, language)}</p>
    </li>
  )
}
