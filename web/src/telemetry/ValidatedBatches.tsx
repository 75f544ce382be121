import { validate, type Device, type Validation } from '@tidemark/core/telemetry/contract.ts'
import type { OutputOf } from '@tidemark/core/lib/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { Notice } from '../ui/Notice.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { Empty, Row, Rows } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { validationsQuery } from './queries.ts'
import { readingsIn } from './readings-text.ts'

type Answer = OutputOf<typeof validate>
type Found = Answer['validation_results'][number]

/** How many readings that were not accepted are shown with their reasons. */
const DOUBTED_MAX = 10

/** Batches with readings of this device that were validated, each with its certificate; and a way to validate another. */
export function ValidatedBatches({ device }: { device: Device }) {
  const { t } = useWords()
  const asked = useQuery(validationsQuery(device.sensor_id))
  return (
    <Section title={t('telemetry.validated.title')} says={t('telemetry.validated.says')} id="validated">
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data?.validations.length === 0 && <Empty>{t('telemetry.validated.none')}</Empty>}
      {asked.data && asked.data.validations.length > 0 && (
        <Rows label={t('telemetry.validated.title')}>
          {asked.data.validations.map((each) => (
            <Batch key={each.validation_id} validation={each} />
          ))}
        </Rows>
      )}
      <Validate device={device} />
    </Section>
  )
}

function Batch({ validation }: { validation: Validation }) {
  const { t, format } = useWords()
  const { validated_at, valid_readings, total_readings, quality_score, certificate_id, readings_kept } = validation
  return (
    <Row
      title={format.instant(validated_at)}
      says={
        <>
          <p className="figures">
            {t('telemetry.validated.counted', {
              valid: format.number(valid_readings),
              total: format.number(total_readings),
              score: format.share(quality_score),
            })}
          </p>
          {!readings_kept && <p>{t('telemetry.validated.dropped')}</p>}
        </>
      }
    >
      <Link to={paths.certificate} params={{ id: certificate_id }} className="link">
        {t('telemetry.validated.certificate')}
      </Link>
    </Row>
  )
}

function Validate({ device }: { device: Device }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const allowed = allowedTo('telemetry.ingest', useMe(), language)
  const id = useId()
  const [text, setText] = useState('')
  const [unread, setUnread] = useState(false)
  const check = useMutation({
    mutationFn: (sensor_readings: unknown[]) =>
      call(validate, {
        sensor_readings,
        project_id: device.project_id ?? device.sensor_id,
        validation_level: 'standard',
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['telemetry', 'validations'] }),
  })
  const send = () => {
    const readings = readingsIn(text)
    setUnread(readings === undefined)
    if (readings && !check.isPending) check.mutate(readings)
  }
  return (
    <details className="mt-5">
      <summary className="text-tide">{t('telemetry.validated.another')}</summary>
      <label htmlFor={id} className="mt-3 mb-1 block font-semibold">
        {t('telemetry.validated.paste')}
      </label>
      <p id={`${id}-help`} className="mb-2 max-w-prose text-[0.9375rem] text-soft">
        {t('telemetry.validated.pasteSays')}
      </p>
      <textarea
        id={id}
        className="field h-36 font-mono text-sm"
        spellCheck={false}
        aria-describedby={unread ? `${id}-help ${id}-fault` : `${id}-help`}
        aria-invalid={unread}
        value={text}
        onChange={(event) => {
          check.reset()
          setUnread(false)
          setText(event.target.value)
        }}
      />
      {unread && (
        <p id={`${id}-fault`} role="alert" className="mt-1 font-semibold text-bad">
          {t('telemetry.validated.unread')}
        </p>
      )}
      <div className="mt-3">
        <GuardedButton allowed={allowed} onClick={send}>
          {t(check.isPending ? 'telemetry.validated.checking' : 'telemetry.validated.do')}
        </GuardedButton>
      </div>
      <ActionProblem action={check} />
      {check.data && <Outcome answer={check.data} />}
    </details>
  )
}

/** What was found: how many were accepted, why others were not, and the certificate or why there is none. */
function Outcome({ answer }: { answer: Answer }) {
  const { t, format, language } = useWords()
  const { quality_score, validation_results, certificate_id, not_certified } = answer
  const doubted = validation_results.flatMap((found, index) =>
    found.validation_result.is_valid ? [] : [{ found, number: index + 1 }],
  )
  return (
    <>
      <Notice tone={certificate_id === null ? 'note' : 'good'}>
        <p className="figures">
          {t('telemetry.validated.counted', {
            valid: format.number(quality_score.valid_readings),
            total: format.number(quality_score.total_readings),
            score: format.share(quality_score.score),
          })}
        </p>
        {not_certified && (
          <p className="mt-1">
            {t('telemetry.validated.notCertified')} {language === 'fr' ? not_certified.says_fr : not_certified.says_en}
          </p>
        )}
        {certificate_id !== null && (
          <p className="mt-1">
            <Link to={paths.certificate} params={{ id: certificate_id }} className="link">
              {t('telemetry.validated.certificate')}
            </Link>
          </p>
        )}
      </Notice>
      {doubted.length > 0 && (
        <ul className="mt-2 list-disc pl-5 text-[0.9375rem]" aria-label={t('telemetry.validated.doubted')}>
          {doubted.slice(0, DOUBTED_MAX).map(({ found, number }) => (
            <li key={number} className="wrap-anywhere">
              <span className="figures font-semibold">{number}</span> · {reasons(found).join(' ')}
            </li>
          ))}
          {doubted.length > DOUBTED_MAX && (
            <li>{t('telemetry.validated.more', { number: format.number(doubted.length - DOUBTED_MAX) })}</li>
          )}
        </ul>
      )}
    </>
  )
}

function reasons({ validation_result: { range_validation, trend_validation } }: Found): string[] {
  return [...range_validation.errors, ...trend_validation.warnings]
}
