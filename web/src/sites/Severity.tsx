import type { SiteAnomaly } from '@tidemark/core/sites/anomalies-contract.ts'
import { useWords } from '../lib/i18n.ts'

const tones: Record<SiteAnomaly['severity'], string> = {
  low: 'bg-wash text-soft',
  medium: 'bg-sand-wash text-sand-ink',
  high: 'bg-bad-wash text-bad',
  critical: 'bg-bad text-surface',
}

export function Severity({ severity }: { severity: SiteAnomaly['severity'] }) {
  const { t } = useWords()
  return (
    <span className={`mr-1 inline-block rounded px-2 py-0.5 align-middle text-sm font-semibold ${tones[severity]}`}>
      {t(`sites.severity.${severity}`)}
    </span>
  )
}
