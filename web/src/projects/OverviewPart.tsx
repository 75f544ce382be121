import type { Analysis } from '@tidemark/core/projects/analysis-contract.ts'
import type { Project } from '@tidemark/core/projects/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Section } from '../ui/Page.tsx'
import { AreaVerdict } from './AreaVerdict.tsx'
import { BoundaryFile } from './BoundaryFile.tsx'
import { Decided } from './Decided.tsx'
import { MoveButtons } from './MoveButtons.tsx'
import { NextStep } from './NextStep.tsx'
import { Outline } from './Outline.tsx'
import { analysesQuery } from './queries.ts'
import { useSays } from './says.ts'
import { levelWords } from '@tidemark/core/projects/words-of-decisions.ts'

/** What to do next, what came out last, and what the project is. */
export function OverviewPart({ project }: { project: Project }) {
  const { t } = useWords()
  const analyses = useQuery(analysesQuery(project.id)).data?.analyses
  const latest = analyses?.[0]
  const decided = analyses?.find(({ decision }) => decision !== null)?.decision
  return (
    <div className="grid gap-8 lg:grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)]">
      <div className="min-w-0 space-y-6">
        <NextStep project={project} latest={latest} />
        {decided && <Decided decision={decided} />}
        {latest && (latest.state === 'measured' || latest.state === 'cannot_tell') && (
          <LatestResult project={project} analysis={latest} />
        )}
        {project.description !== null && (
          <section aria-labelledby="about">
            <h2 id="about" className="text-xl">
              {t('projects.about')}
            </h2>
            <p className="mt-2 max-w-prose whitespace-pre-line">{project.description}</p>
          </section>
        )}
        <MoveButtons project={project} />
      </div>
      <div className="min-w-0 space-y-4">
        {project.boundary && <Outline boundary={project.boundary} />}
        <AreaVerdict claimed_ha={project.area.claimed_ha} measured_ha={project.area.measured_ha} />
        <BoundaryFile project={project} />
      </div>
    </div>
  )
}

function LatestResult({ project, analysis }: { project: Project; analysis: Analysis }) {
  const { t, format } = useWords()
  const { word } = useSays()
  const { record, level, decision } = analysis
  return (
    <Section title={t('projects.latest.title')} id="latest">
      <dl className="figures grid gap-4 sm:grid-cols-3">
        <div className="card p-4">
          <dt className="label">{t('projects.latest.confidence')}</dt>
          <dd className="text-2xl font-semibold">
            {record.confidence_score === null ? '–' : format.number(record.confidence_score)}
          </dd>
          {level !== null && <dd className="text-sm text-soft">{word(levelWords[level].name)}</dd>}
        </div>
        <div className="card p-4">
          <dt className="label">{t('projects.latest.change')}</dt>
          <dd className="text-2xl font-semibold">
            {record.vegetation_change_percentage === null
              ? t('projects.latest.cannotTell')
              : t('projects.latest.points', { points: signed(record.vegetation_change_percentage, format.number) })}
          </dd>
          <dd className="text-sm text-soft">{t('projects.latest.changeSays')}</dd>
        </div>
        <div className="card p-4">
          <dt className="label">{t('projects.latest.tonnes')}</dt>
          <dd className="text-2xl font-semibold">{record.tco2e === null ? '–' : `${format.number(record.tco2e)} t`}</dd>
          <dd className="text-sm text-soft">
            {t(decision === null ? 'projects.latest.tonnesSays' : 'projects.latest.tonnesDecided')}
          </dd>
        </div>
      </dl>
      <Link
        to={paths.project}
        params={{ id: project.id }}
        search={{ part: 'result' }}
        className="button button-plain mt-4"
      >
        {t('projects.latest.open')}
      </Link>
    </Section>
  )
}

function signed(value: number, number: (value: number) => string): string {
  return value > 0 ? `+${number(value)}` : number(value)
}
