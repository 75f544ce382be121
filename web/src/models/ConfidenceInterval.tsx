import type { Experiment } from '@tidemark/core/models/serving-contract.ts'
import { useWords } from '../lib/i18n.ts'

/**
 * The confidence sequence as it stands: where the true gain lies, at every look at once. Right of zero the challenger is
 * better; while zero lies inside, nothing is decided.
 */
export function ConfidenceInterval({ experiment }: { experiment: Experiment }) {
  const { t, format } = useWords()
  const { gain, gain_low, gain_high, plan } = experiment
  if (gain === null || gain_low === null || gain_high === null) {
    return <p className="mt-3 text-soft">{t('models.experiments.noInterval')}</p>
  }
  const reach = 1.15 * Math.max(Math.abs(gain_low), Math.abs(gain_high), Number.MIN_VALUE)
  const at = (value: number) => 50 + (50 * value) / reach
  const describe = t('models.experiments.interval', {
    level: format.share(1 - plan.alpha),
    low: format.number(gain_low),
    high: format.number(gain_high),
    gain: format.number(gain),
    loss: experiment.loss,
  })
  const tone = gain_low > 0 ? 'fill-good' : gain_high < 0 ? 'fill-bad' : 'fill-sand'
  return (
    <figure className="mt-4 max-w-xl">
      <svg viewBox="0 0 100 12" preserveAspectRatio="none" className="h-10 w-full" role="img" aria-label={describe}>
        <rect y="5.4" width="100" height="1.2" className="fill-rule" />
        <rect x={at(gain_low)} y="4" width={Math.max(0.4, at(gain_high) - at(gain_low))} height="4" className={tone} />
        <rect x={at(gain) - 0.4} y="2.5" width="0.8" height="7" className="fill-ink" />
        <rect x="49.85" width="0.3" height="12" className="fill-edge" />
      </svg>
      <div aria-hidden="true" className="grid grid-cols-[1fr_auto_1fr] gap-x-3 text-sm text-soft">
        <span>{t('models.experiments.championBetter')}</span>
        <span>0</span>
        <span className="text-right">{t('models.experiments.challengerBetter')}</span>
      </div>
      <figcaption className="figures mt-1 text-[0.9375rem]">{describe}</figcaption>
    </figure>
  )
}
