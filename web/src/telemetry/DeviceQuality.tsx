import type { deviceQuality } from '@tidemark/core/telemetry/device-quality-contract.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Empty, Row, Rows } from '../ui/Rows.tsx'
import { measureName, sensorUnit } from './names.ts'
import { qualityQuery } from './queries.ts'

type Answer = AnswerOf<typeof deviceQuality>
type Dimension = keyof Answer['weights']
const dimensions: readonly Dimension[] = ['accuracy', 'completeness', 'consistency', 'validity', 'timeliness']
const spans_days = [1, 7, 30] as const
/** From here on a dimension is as it should be; below the second it needs somebody. */
const [GOOD, FAIR] = [0.8, 0.5]
const GROUPS_SHOWN = 5

/** How far the device can be trusted, in what, and which of its readings were doubted. */
export function DeviceQuality({ device_id, site_id }: { device_id: string; site_id: string | null }) {
  const { t } = useWords()
  const [days, setDays] = useState<(typeof spans_days)[number]>(7)
  const asked = useQuery(qualityQuery(device_id, days))
  return (
    <>
      <Section title={t('telemetry.quality.title')} says={t('telemetry.quality.says')} id="quality">
        <div role="group" aria-label={t('telemetry.quality.span')} className="mb-5 flex flex-wrap gap-2">
          {spans_days.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === days}
              className={`button button-small ${each === days ? 'button-main' : 'button-plain'}`}
              onClick={() => setDays(each)}
            >
              {t('telemetry.quality.days', { count: each })}
            </button>
          ))}
        </div>
        {asked.isPending && <Loading />}
        {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
        {asked.data?.quality === null && <Empty>{t('telemetry.quality.none')}</Empty>}
        {asked.data?.quality && <Dimensions answer={asked.data} quality={asked.data.quality} />}
      </Section>
      {asked.data && asked.data.quality !== null && (
        <Section title={t('telemetry.doubted.title')} says={t('telemetry.doubted.says')} id="doubted">
          <Doubted answer={asked.data} device_id={device_id} site_id={site_id} />
        </Section>
      )}
    </>
  )
}

function Dimensions({ answer, quality }: { answer: Answer; quality: NonNullable<Answer['quality']> }) {
  const { t, format, language } = useWords()
  const { weights, assumed } = answer
  const { score, details, score_valid_readings, data_coverage, valid, suspect, invalid } = quality
  return (
    <div className="gap-8 lg:grid lg:grid-cols-[minmax(0,1fr)_minmax(0,1.7fr)]">
      <div className="mb-6">
        <p className="label">{t('telemetry.quality.score')}</p>
        <p className="figures font-display text-4xl font-semibold">{format.share(score)}</p>
        <p className="mt-1 text-[0.9375rem] text-soft">
          {t('telemetry.quality.asPublished', { score: format.share(score_valid_readings) })}
        </p>
        <p className="figures mt-3">
          {t('telemetry.quality.counts', {
            valid: format.number(valid),
            suspect: format.number(suspect),
            invalid: format.number(invalid),
            share: format.share(data_coverage),
          })}
        </p>
        {assumed.length > 0 && (
          <p className="mt-3 border-l-2 border-sand pl-3 text-[0.9375rem] text-soft">
            {t('telemetry.quality.assumed', {
              what: new Intl.ListFormat(language).format(assumed.map((each) => t(`telemetry.quality.unsaid.${each}`))),
            })}
          </p>
        )}
      </div>
      <ul aria-label={t('telemetry.quality.dimensions')} className="space-y-4">
        {dimensions.map((name) => (
          <li key={name}>
            <p className="flex flex-wrap items-baseline justify-between gap-x-3">
              <span className="font-semibold">{t(`telemetry.quality.of.${name}`)}</span>
              <span className="figures">
                <span className="font-semibold">{format.share(details[name])}</span>{' '}
                <span className="text-sm text-soft">
                  {t('telemetry.quality.weight', { share: format.share(weights[name]) })}
                </span>
              </span>
            </p>
            <Bar share={details[name]} />
            <p className="mt-1 text-sm text-soft">{t(`telemetry.quality.means.${name}`)}</p>
            {name === 'completeness' && answer.series.length > 1 && <Coverage series={answer.series} />}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** The figure beside it says the same. */
function Bar({ share }: { share: number }) {
  const tone = share >= GOOD ? 'fill-good' : share >= FAIR ? 'fill-sand' : 'fill-bad'
  return (
    <svg aria-hidden="true" viewBox="0 0 100 2" preserveAspectRatio="none" className="mt-1 block h-2 w-full rounded">
      <rect width="100" height="2" className="fill-rule" />
      <rect width={100 * share} height="2" className={tone} />
    </svg>
  )
}

/** Which measure is missing, where not all of them are there alike. */
function Coverage({ series }: { series: Answer['series'] }) {
  const { t, format, language } = useWords()
  return (
    <details className="mt-1">
      <summary className="text-sm font-semibold">{t('telemetry.quality.byMeasure')}</summary>
      <ul className="figures mt-1 space-y-0.5 text-sm">
        {series.map(({ series_id, measure, came, expected }) => (
          <li key={series_id}>
            {measureName(measure, language)}:{' '}
            {t('telemetry.quality.came', { came: format.number(came), expected: format.number(expected) })}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Readings of one instant that were doubted for the same reasons stand together. */
function Doubted({ answer, device_id, site_id }: { answer: Answer; device_id: string; site_id: string | null }) {
  const { t } = useWords()
  const [all, setAll] = useState(false)
  const groups = [...Map.groupBy(answer.flagged, ({ at, verdict, checks }) => `${at} ${verdict} ${checks.join(' ')}`)]
  if (groups.length === 0) return <Empty>{t('telemetry.doubted.none')}</Empty>
  const shown = all ? groups : groups.slice(0, GROUPS_SHOWN)
  return (
    <>
      <Rows label={t('telemetry.doubted.title')}>
        {shown.map(([key, values]) => (
          <DoubtedRow key={key} values={values} device_id={device_id} site_id={site_id} />
        ))}
      </Rows>
      {groups.length > shown.length && (
        <button type="button" className="button button-plain button-small mt-3" onClick={() => setAll(true)}>
          {t('telemetry.doubted.more', { count: groups.length })}
        </button>
      )}
    </>
  )
}

function DoubtedRow({
  values,
  device_id,
  site_id,
}: {
  values: Answer['flagged']
  device_id: string
  site_id: string | null
}) {
  const { t, format, language } = useWords()
  const [first] = values
  if (!first) return null
  const { at, received_at, verdict, checks } = first
  const said = values.map(
    ({ measure, value, unit }) => `${measureName(measure, language)} ${format.number(value)}\u00A0${sensorUnit(unit)}`,
  )
  return (
    <Row
      title={<span className="figures">{said.join(' · ')}</span>}
      says={
        <>
          <p className="figures">
            {t('telemetry.doubted.at', { at: format.instant(at), received: format.instant(received_at) })}
          </p>
          <p>{checks.map((check) => t(`telemetry.check.${check}`)).join(' ')}</p>
        </>
      }
    >
      <span
        className={`rounded px-2 py-0.5 text-sm font-semibold ${verdict === 'invalid' ? 'bg-bad-wash text-bad' : 'bg-sand-wash text-sand-ink'}`}
      >
        {t(`telemetry.verdict.${verdict}`)}
      </span>
      {site_id !== null && (
        <Link
          to={paths.site}
          params={{ id: site_id }}
          search={{
            part: 'data',
            show: values.map(({ series_id }) => `${device_id}~${series_id}`).join(','),
            ...around(at),
          }}
          className="link inline-flex min-h-6 items-center text-sm"
        >
          {t('telemetry.doubted.look')}
          <span className="sr-only"> {format.instant(at)}</span>
        </Link>
      )}
    </Row>
  )
}

const HALF_DAY_MS = 43_200_000

function around(at: string): { from: string; to: string } {
  const at_ms = Date.parse(at)
  return { from: new Date(at_ms - HALF_DAY_MS).toISOString(), to: new Date(at_ms + HALF_DAY_MS).toISOString() }
}
