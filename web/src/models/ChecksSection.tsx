import {
  validate,
  type Expectation,
  type ExpectationResult,
  type ValidationReport,
} from '@tidemark/core/models/data-contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Section } from '../ui/Page.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { Row, Rows } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { CheckForm } from './CheckForm.tsx'
import { columnsOf, expectationsFrom, figuresOf } from './expectations.ts'
import { Pill, type Tone } from './Health.tsx'
import { profileQuery, type DatasetInFull } from './queries.ts'
import { Scrolled } from './Scrolled.tsx'
import { useRight } from './use-right.ts'

const tones: Record<ExpectationResult['outcome'], Tone> = { passed: 'good', failed: 'bad', not_assessable: 'note' }

/** What the data are expected to keep to, and whether they do: a report that names the rows that do not. */
export function ChecksSection({ dataset, version }: { dataset: DatasetInFull; version: number }) {
  const { t } = useWords()
  const client = useQueryClient()
  const allowed = useRight('data.ingest')
  const profile = useQuery(profileQuery(dataset.dataset_id, version))
  const kept = dataset.expectations
  const check = useMutation({
    mutationFn: (expectations: readonly Expectation[] | undefined) =>
      call(validate, {
        dataset: dataset.dataset_id,
        version,
        failing_max: 5,
        ...(expectations ? { expectations: [...expectations], keep: true } : {}),
      }),
    onSuccess: (_report, expectations) =>
      expectations && client.invalidateQueries({ queryKey: ['datasets', 'one', dataset.dataset_id] }),
  })
  const run = (expectations?: readonly Expectation[]) => {
    if (!check.isPending) check.mutate(expectations)
  }
  const known = profile.data
  return (
    <Section title={t('models.checks.title')} id="checks" says={t('models.checks.says')}>
      {kept.length > 0 && !check.data && <Kept expectations={kept} />}
      {check.data && <Report report={check.data} />}
      {kept.length === 0 && <p className="mb-4">{t('models.checks.none')}</p>}
      <div className="mt-4 flex flex-wrap gap-3">
        {kept.length > 0 && (
          <GuardedButton allowed={allowed} kind="main" onClick={() => run()}>
            {t(check.isPending ? 'app.sending' : 'models.checks.do')}
          </GuardedButton>
        )}
        {kept.length === 0 && known && (
          <GuardedButton
            allowed={allowed}
            kind="main"
            onClick={() => run(expectationsFrom(known.columns, known.row_count))}
          >
            {t(check.isPending ? 'app.sending' : 'models.checks.suggest')}
          </GuardedButton>
        )}
      </div>
      <ActionProblem action={check} />
      {allowed.allowed && known && (
        <CheckForm
          columns={known.columns.map(({ column }) => column)}
          busy={check.isPending}
          onAdd={(expectation) => run([...kept, expectation])}
        />
      )}
    </Section>
  )
}

function Kept({ expectations }: { expectations: readonly Expectation[] }) {
  const { t } = useWords()
  return (
    <Rows label={t('models.checks.title')}>
      {expectations.map((expectation) => (
        <Row
          key={JSON.stringify(expectation)}
          title={<Name expectation={expectation} />}
          says={figuresOf(expectation) === '' ? undefined : figuresOf(expectation)}
        />
      ))}
    </Rows>
  )
}

function Name({ expectation }: { expectation: Expectation }) {
  const { t } = useWords()
  const columns = columnsOf(expectation)
  return (
    <>
      {t(`models.checks.kind.${expectation.kind}`)}
      {columns !== '' && <span className="ml-2 font-mono text-sm">{columns}</span>}
    </>
  )
}

function Report({ report }: { report: ValidationReport }) {
  const { t, format } = useWords()
  const [all, setAll] = useState(false)
  const failing = report.results.filter(({ outcome }) => outcome !== 'passed')
  const shown = all ? report.results : failing
  return (
    <div data-testid="validation" data-passed={report.passed}>
      <p role="status" className="flex flex-wrap items-center gap-3 text-lg">
        <Pill tone={report.passed ? 'good' : 'bad'}>
          {t(report.passed ? 'models.checks.passed' : 'models.checks.failed')}
        </Pill>
        {t('models.checks.sum', {
          passed: report.results.length - failing.length,
          count: report.results.length,
          rows: format.number(report.row_count),
        })}
      </p>
      <Rows label={t('models.checks.title')}>
        {shown.map((result) => (
          <ResultRow key={JSON.stringify(result.expectation)} result={result} />
        ))}
      </Rows>
      {failing.length < report.results.length && (
        <button
          type="button"
          className="button button-plain button-small mt-3"
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {t(all ? 'models.checks.failingOnly' : 'models.checks.all')}
        </button>
      )}
    </div>
  )
}

function ResultRow({ result }: { result: ExpectationResult }) {
  const { t, format } = useWords()
  const { expectation, outcome, says, rows_checked, rows_failing, failing } = result
  const columns = [...new Set(failing.flatMap(({ values }) => Object.keys(values)))]
  return (
    <Row
      title={
        <span className="flex flex-wrap items-center gap-2">
          <Pill tone={tones[outcome]}>{t(`models.checks.outcome.${outcome}`)}</Pill>
          <span>
            <Name expectation={expectation} />
          </span>
        </span>
      }
      says={
        <>
          <p className="figures">
            {figuresOf(expectation)}{' '}
            {rows_failing > 0 &&
              t('models.checks.failing', {
                count: rows_failing,
                number: format.number(rows_failing),
                of: format.number(rows_checked),
              })}
          </p>
          {outcome !== 'passed' && <p lang="en">{says}</p>}
        </>
      }
      below={
        failing.length > 0 ? (
          <Scrolled label={t('models.checks.rows')}>
            <thead>
              <tr>
                <th scope="col">{t('models.checks.row')}</th>
                {columns.map((name) => (
                  <th key={name} scope="col" className="font-mono">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {failing.map(({ row, values }) => (
                <tr key={row}>
                  <th scope="row" className="figures">
                    {row}
                  </th>
                  {columns.map((name) => (
                    <td key={name}>{String(values[name] ?? '–')}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </Scrolled>
        ) : undefined
      }
    />
  )
}
