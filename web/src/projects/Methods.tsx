import type { MethodResult } from '@tidemark/core/projects/method-result.ts'
import type { AnalysisReport } from '@tidemark/core/projects/report.ts'
import { methodWords } from '@tidemark/core/projects/words-of-decisions.ts'
import { useWords } from '../lib/i18n.ts'
import { FormulaSheet } from './FormulaSheet.tsx'
import { shown, useSays } from './says.ts'

/** The methods side by side: what each comes to in its own unit, the tonnes beside, what would be proposed, and why not. */
export function Methods({ report }: { report: AnalysisReport }) {
  const { word } = useSays()
  return (
    <>
      <ul className="grid items-start gap-4 md:grid-cols-2" data-testid="methods">
        {report.methods.map((method) => (
          <li
            key={method.method_id}
            className={`card min-w-0 p-4 sm:p-5 ${method.method_id === report.proposal.method_id ? 'border-2 border-tide' : ''}`}
          >
            <h3 className="text-lg">{word(methodWords[method.method_id])}</h3>
            <p className="font-mono text-sm text-soft">
              {method.method_id}-{method.method_version}
            </p>
            <Came method={method} />
            <Proposed method={method} report={report} />
            <Notes method={method} />
          </li>
        ))}
      </ul>
      <div className="mt-6 space-y-3">
        {report.methods
          .filter(({ lines }) => lines.length > 0)
          .map((method) => (
            <FormulaSheet key={method.method_id} method={method} />
          ))}
      </div>
    </>
  )
}

function Came({ method }: { method: MethodResult }) {
  const { t, format, language } = useWords()
  const { say } = useSays()
  if (method.outcome === 'not_applicable') {
    return (
      <>
        <p className="mt-3 text-xl font-semibold">{t('projects.methods.notApplicable')}</p>
        <ul className="mt-1 list-disc space-y-1 pl-5 text-[0.9375rem]">
          {method.reasons.map((reason) => (
            <li key={JSON.stringify(reason)}>{say(reason)}</li>
          ))}
        </ul>
      </>
    )
  }
  const { value, unit, t_co2e, t_co2e_per_ha_yr } = method
  return (
    <div className="figures mt-3">
      <p className="text-2xl font-semibold">
        {value === null ? '–' : format.number(value)}{' '}
        <span className="text-base font-normal">{shown(t(`projects.unit.${unit}`), language)}</span>
      </p>
      <p className="text-soft">
        {t('projects.methods.tonnes', {
          t: t_co2e === null ? '–' : format.number(t_co2e),
          rate: t_co2e_per_ha_yr === null ? '–' : format.number(t_co2e_per_ha_yr),
        })}
      </p>
    </div>
  )
}

/** The gate: which part of it the confidence and the checks leave. */
function Proposed({ method, report }: { method: MethodResult; report: AnalysisReport }) {
  const { t, format } = useWords()
  const { say } = useSays()
  const proposed = report.proposal.methods.find(({ method_id }) => method_id === method.method_id)
  if (!proposed || method.outcome === 'not_applicable') return null
  return (
    <div className="figures mt-3 border-l-4 border-tide pl-3">
      <p className="font-semibold">
        {proposed.credits === null
          ? t('projects.methods.noneProposed')
          : t('projects.methods.proposed', {
              t: proposed.t_co2e === null ? '–' : format.number(proposed.t_co2e),
              share: proposed.fraction === null ? '' : format.share(proposed.fraction),
            })}
      </p>
      {proposed.because.map((because) => (
        <p key={JSON.stringify(because)} className="text-[0.9375rem] text-soft">
          {say(because)}
        </p>
      ))}
    </div>
  )
}

function Notes({ method: { warnings, uncertainty, unspecified } }: { method: MethodResult }) {
  const { t, format } = useWords()
  const { say } = useSays()
  return (
    <>
      {uncertainty && (
        <p className="mt-3 text-[0.9375rem] text-soft">
          {t('projects.methods.uncertainty', { share: format.share(uncertainty.relative_half_width_90) })}
        </p>
      )}
      {warnings.length > 0 && (
        <ul className="mt-3 list-disc space-y-1 pl-5 text-[0.9375rem] text-soft">
          {warnings.map((warning) => (
            <li key={JSON.stringify(warning)}>{say(warning)}</li>
          ))}
        </ul>
      )}
      {unspecified.length > 0 && (
        <details className="mt-3">
          <summary className="text-[0.9375rem] font-semibold">
            {t('projects.methods.unspecified', { count: unspecified.length })}
          </summary>
          <dl className="mt-2 space-y-1 text-[0.9375rem]">
            {unspecified.map(({ parameter, value }) => (
              <div key={parameter} className="flex flex-wrap justify-between gap-x-4">
                <dt lang="en" className="wrap-anywhere">
                  {parameter}
                </dt>
                <dd className="figures font-mono text-sm wrap-anywhere">{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  )
}
