import type { Gate, Verdict } from '@tidemark/core/models/contract.ts'
import { useWords } from '../lib/i18n.ts'
import { Pill, type Tone } from './Health.tsx'

export const verdictTones: Record<Verdict['outcome'], Tone> = { passed: 'good', rejected: 'bad' }
const gateTones: Record<Gate['outcome'], Tone> = {
  passed: 'good',
  failed: 'bad',
  warned: 'note',
  'not-assessable': 'plain',
}

/** By how much a version beat what it was compared with, with what chance could do to that figure. */
export function Gain({ verdict }: { verdict: Verdict }) {
  const { t } = useWords()
  const percent = useSignedPercent()
  const { gain, gain_lower, gain_upper, rows } = verdict
  const champion = /^version (\d+)$/.exec(verdict.against)?.[1]
  const against = champion === undefined ? t('models.verdict.baseline') : t('models.versionIn', { version: champion })
  if (gain === null || gain_lower === null || gain_upper === null) {
    return <p>{t('models.verdict.noFigure', { against })}</p>
  }
  return (
    <p className="figures">
      {t('models.verdict.gain', {
        gain: percent(gain),
        low: percent(gain_lower),
        high: percent(gain_upper),
        against,
        count: rows,
      })}
    </p>
  )
}

/** `+12.3 %`: of a gain, where the sign is what matters. */
export function useSignedPercent(): (share: number) => string {
  const { format } = useWords()
  const made = new Intl.NumberFormat(format.locale, {
    style: 'percent',
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  })
  return (share) => made.format(share)
}

/** Every gate with its outcome. What each found is said by the server, in English. */
export function Gates({ gates }: { gates: readonly Gate[] }) {
  const { t } = useWords()
  return (
    <ul className="mt-2 space-y-2">
      {gates.map(({ gate, outcome, says }) => (
        <li
          key={gate}
          className="grid grid-cols-[8.5rem_minmax(0,1fr)] items-baseline gap-x-3 sm:grid-cols-[8.5rem_7rem_minmax(0,1fr)]"
        >
          <span>
            <Pill tone={gateTones[outcome]}>{t(`models.gate.outcome.${outcome}`)}</Pill>
          </span>
          <span className="font-semibold">{t(`models.gate.name.${gate}`)}</span>
          <span lang="en" className="col-span-2 min-w-0 text-[0.9375rem] text-soft wrap-anywhere sm:col-span-1">
            {says}
          </span>
        </li>
      ))}
    </ul>
  )
}
