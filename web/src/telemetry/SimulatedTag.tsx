import { useWords } from '../lib/i18n.ts'

/** Stands beside everything whose readings a program plays. */
export function SimulatedTag() {
  const { t } = useWords()
  return (
    <span
      title={t('telemetry.simulatedSays')}
      className="ml-2 rounded border border-dashed border-sand bg-sand-wash px-1.5 py-0.5 align-middle font-sans text-sm font-semibold tracking-normal text-sand-ink"
    >
      {t('telemetry.simulated')}
    </span>
  )
}
