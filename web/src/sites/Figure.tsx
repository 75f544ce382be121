import i18next from 'i18next'
import { useWords } from '../lib/i18n.ts'

export interface FigureValue {
  value: number | null
  coverage: number
  reason?: string | undefined
}

/** Below this share of the time the coverage is said in a colour of its own. */
const COVERAGE_GOOD = 0.95

/** A figure with the share of the time that it speaks for, or the reason why there is none. */
export function Figure({
  name,
  says,
  figure,
  say,
  of_daylight = false,
}: {
  name: string
  says?: string | undefined
  figure: FigureValue
  say: (value: number) => string
  /** It speaks of daylight only: its share of the whole time is no measure of what is missing. */
  of_daylight?: boolean
}) {
  const { t, format } = useWords()
  const { value, coverage, reason } = figure
  const thin = !of_daylight && coverage < COVERAGE_GOOD
  return (
    <div className="card flex min-w-0 flex-col p-3 sm:p-4">
      <dt className="label">{name}</dt>
      <dd className="mt-1">
        {value === null ? (
          <span className="text-soft">
            {t('sites.figure.none')} {reason !== undefined && <Reason reason={reason} />}
          </span>
        ) : (
          <span className="figures block font-display text-lg font-semibold sm:text-2xl">{say(value)}</span>
        )}
        {value !== null && (
          <span className={`block text-sm ${thin ? 'font-semibold text-sand-ink' : 'text-soft'}`}>
            {t(of_daylight ? 'sites.figure.daylight' : 'sites.figure.coverage', { share: format.share(coverage) })}
          </span>
        )}
        {says !== undefined && <span className="mt-1 block text-sm text-soft">{says}</span>}
      </dd>
    </div>
  )
}

/** Why there is no value, in the reader's language where we have words for it. */
export function Reason({ reason }: { reason: string }) {
  const { t, language } = useWords()
  const key = `sites.reason.${reason.replaceAll(/[.’']/g, '')}`
  if (language === 'en' || !i18next.exists(key)) return <>{reason}</>
  return <>{t(key as 'sites.figure.none')}</>
}
