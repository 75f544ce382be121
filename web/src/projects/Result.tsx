import type { WholeAnalysis } from '@tidemark/core/projects/analysis-contract.ts'
import type { AnalysisReport } from '@tidemark/core/projects/report.ts'
import { Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { saveFile } from '../lib/save-file.ts'
import { CopyableValue } from '../ui/Copyable.tsx'
import { Section } from '../ui/Page.tsx'
import { ChangeMap } from './ChangeMap.tsx'
import { Checks } from './Checks.tsx'
import { Compare } from './Compare.tsx'
import { ConfidenceTable } from './ConfidenceTable.tsx'
import { Headline } from './Headline.tsx'
import { Histogram } from './Histogram.tsx'
import { Methods } from './Methods.tsx'
import { analysisPictureAddress } from './pictures.ts'
import { GeneratedTag } from './ProjectTags.tsx'
import { Transitions } from './Transitions.tsx'

/** Everything that was found, the answer first; a reviewer reads the same. */
export function Result({ analysis, report }: { analysis: WholeAnalysis; report: AnalysisReport }) {
  const { t } = useWords()
  const { measurement } = report
  const measured = measurement.outcome === 'measured' ? measurement : undefined
  return (
    <div data-testid="result">
      {analysis.generated && (
        <p className="mb-4 flex flex-wrap items-center gap-2">
          <GeneratedTag /> <span className="text-soft">{t('projects.generatedSays')}</span>
        </p>
      )}
      <Headline report={report} />
      <Contents measured={measured !== undefined} />
      <Section title={t('projects.pictures.title')} says={t('projects.pictures.says')} id="pictures">
        <Compare analysis={analysis} report={report} />
      </Section>
      {measured && (
        <Section title={t('projects.change.title')} says={t('projects.change.says')} id="change">
          <ChangeMap analysis={analysis} measured={measured} />
        </Section>
      )}
      {measured && (
        <Section title={t('projects.classes.title')} says={t('projects.classes.says')} id="classes">
          <Transitions measured={measured} />
          {analysis.histogram && <Histogram bars={analysis.histogram} measured={measured} />}
        </Section>
      )}
      <Section title={t('projects.confidence.title')} says={t('projects.confidence.says')} id="confidence">
        <ConfidenceTable report={report} />
      </Section>
      <Section title={t('projects.methods.title')} says={t('projects.methods.says')} id="methods">
        <Methods report={report} />
      </Section>
      <Section title={t('projects.checks.title')} says={t('projects.checks.says')} id="checks">
        <Checks report={report} />
      </Section>
      <Record analysis={analysis} report={report} />
    </div>
  )
}

/** The way to each part of a long page. */
function Contents({ measured }: { measured: boolean }) {
  const { t } = useWords()
  const parts = [
    ['pictures', t('projects.pictures.title')],
    ...(measured
      ? [['change', t('projects.change.title')] as const, ['classes', t('projects.classes.title')] as const]
      : []),
    ['confidence', t('projects.confidence.title')],
    ['methods', t('projects.methods.title')],
    ['checks', t('projects.checks.title')],
    ['record', t('projects.record.title')],
  ] as const
  return (
    <nav aria-label={t('projects.contents')} className="mt-4">
      <ul className="flex flex-wrap gap-x-5 gap-y-1">
        {parts.map(([id, title]) => (
          <li key={id}>
            <a href={`#${id}`} className="link inline-flex min-h-8 items-center">
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** What is left for whoever checks: digest, certificate, files. */
function Record({ analysis, report }: { analysis: WholeAnalysis; report: AnalysisReport }) {
  const { t, language } = useWords()
  const { analysis_id, certificate_id, pictures } = analysis
  return (
    <Section title={t('projects.record.title')} says={report.statement[language]} id="record">
      <dl>
        <CopyableValue name={t('projects.record.digest')} value={report.report_digest} />
      </dl>
      <div className="mt-4 flex flex-wrap gap-3">
        {certificate_id !== null && (
          <Link to={paths.certificate} params={{ id: certificate_id }} className="button button-plain">
            {t('projects.record.certificate')}
          </Link>
        )}
        <button
          type="button"
          className="button button-plain"
          onClick={() => saveFile(`${analysis_id}.json`, JSON.stringify(report, null, 2))}
        >
          {t('projects.record.save')}
        </button>
        {pictures.some(({ kind }) => kind === 'delta') && (
          <a className="button button-plain" href={analysisPictureAddress(analysis_id, 'delta')} download>
            {t('projects.record.delta')}
          </a>
        )}
      </div>
    </Section>
  )
}
