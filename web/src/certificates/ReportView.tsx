import type { Check, Report } from '@tidemark/core/certificates/contract.ts'
import { useWords } from '../lib/i18n.ts'

const tones = {
  passed: 'text-good',
  failed: 'text-bad',
  skipped: 'text-soft',
} as const
const marks = { passed: '✓', failed: '✗', skipped: '–' } as const

/** One outcome in plain words, and below it each check with its own answer. */
export function ReportView({ report }: { report: Report }) {
  const { t, language } = useWords()
  // What was to be computed again and was not is no green mark, however well it is signed.
  const outcome = report.outcome === 'valid' && report.not_replayed ? 'not_replayed' : report.outcome
  const good = outcome === 'valid'
  const unsure = outcome === 'untrusted_key' || outcome === 'unreadable' || outcome === 'not_replayed'
  return (
    <div>
      <div
        role="status"
        className={`rounded-card border p-5 ${good ? 'border-good bg-good-wash' : unsure ? 'border-sand bg-sand-wash' : 'border-bad bg-bad-wash'}`}
      >
        <p
          className={`font-display text-2xl font-semibold ${good ? 'text-good' : unsure ? 'text-sand-ink' : 'text-bad'}`}
          data-testid="outcome"
          data-outcome={report.outcome}
        >
          <span aria-hidden="true">{good ? '✓ ' : unsure ? '? ' : '✗ '}</span>
          {t(`certificates.page.outcome.${outcome}`)}
        </p>
        <p className="mt-1">{language === 'fr' ? report.says_fr : report.says_en}</p>
      </div>
      <h3 className="mt-8 font-sans text-base font-semibold tracking-normal">{t('certificates.page.checks')}</h3>
      <ol className="mt-2">
        {report.checks.map((check, index) => (
          <CheckRow key={`${check.name}-${index}`} check={check} />
        ))}
      </ol>
    </div>
  )
}

function CheckRow({ check }: { check: Check }) {
  const { t, language } = useWords()
  // A replay compares what the file states with what this browser computed; the other checks compare with what was signed.
  const names =
    check.name === 'replay'
      ? ({ expected: 'found', found: 'computed' } as const)
      : ({ expected: 'expected', found: 'found' } as const)
  return (
    <li className="flex gap-3 border-t border-rule py-2.5" data-check={check.name} data-status={check.status}>
      <span className={`w-5 shrink-0 text-center font-bold ${tones[check.status]}`} aria-hidden="true">
        {marks[check.status]}
      </span>
      <div className="min-w-0 flex-1">
        <p>
          <span className="sr-only">{t(`certificates.page.check.${check.status}`)}: </span>
          {language === 'fr' ? check.says_fr : check.says_en}
        </p>
        {(check.path !== undefined || check.line_id !== undefined || check.expected !== undefined) && (
          <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-[0.9375rem]">
            {check.line_id !== undefined && <Fact name={t('certificates.page.line')} value={check.line_id} />}
            {check.path !== undefined && <Fact name={t('certificates.page.at')} value={check.path} />}
            {check.expected !== undefined && (
              <Fact name={t(`certificates.page.${names.expected}`)} value={check.expected} />
            )}
            {check.found !== undefined && <Fact name={t(`certificates.page.${names.found}`)} value={check.found} />}
          </dl>
        )}
      </div>
    </li>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0">
        <code className="break-all">{value}</code>
      </dd>
    </>
  )
}
