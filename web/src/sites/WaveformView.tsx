import type { Site } from '@tidemark/core/sites/contract.ts'
import type { waveformSpectrum, WaveformRecord } from '@tidemark/core/sites/maintenance-contract.ts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { isProblem, type AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Legend } from '../telemetry/Legend.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Empty } from '../ui/Rows.tsx'
import { instantIn } from './figures.ts'
import { spectrumQuery } from './queries.ts'
import { peaksOf, scientific } from './spectrum-option.ts'
import { SpectrumChart } from './SpectrumChart.tsx'
import {
  bearingMarks,
  bearingParts,
  envelopeEnd_hz,
  inWords,
  partColours,
  shaftMarks,
  standingOut,
} from './vibration.ts'

type Answer = AnswerOf<typeof waveformSpectrum>

/** One recording: what was found in it in words and figures, then its spectrum and that of its envelope. */
export function WaveformView({
  site,
  waveform,
  has_bearing,
}: {
  site: Site
  waveform: WaveformRecord
  has_bearing: boolean
}) {
  const { t, format } = useWords()
  return (
    <Section
      title={t('sites.vibration.found', { when: instantIn(waveform.captured_at, site.time_zone, format) })}
      id="found"
    >
      <Verdict waveform={waveform} has_bearing={has_bearing} />
      <Features waveform={waveform} />
      {waveform.has_samples ? (
        <Spectra site={site} waveform={waveform} />
      ) : (
        <div className="mt-6">
          <Empty>{t('sites.vibration.letGo')}</Empty>
        </div>
      )}
    </Section>
  )
}

/** The answer before the figures: does a part of the bearing show, or why that cannot be said. */
function Verdict({ waveform, has_bearing }: { waveform: WaveformRecord; has_bearing: boolean }) {
  const { t, format, language } = useWords()
  const loud = standingOut(waveform)
  const [first] = loud
  if (first) {
    const parts = loud.map(({ part }) => t(`sites.vibration.part.${part}`))
    return (
      <div className="rounded-card border border-bad bg-bad-wash p-4" data-testid="verdict">
        <p className="font-semibold text-bad">{t('sites.vibration.stands', { parts: inWords(parts, language) })}</p>
        <p className="mt-1 max-w-prose">
          {t('sites.vibration.standsSays', {
            hz: format.number(first.hz),
            times: format.number(first.times_noise),
          })}
        </p>
      </div>
    )
  }
  const reason = waveform.features.bearing !== null ? 'quiet' : !has_bearing ? 'noBearing' : 'noSpeed'
  return (
    <p className="max-w-prose rounded-card border border-rule bg-surface p-4" data-testid="verdict">
      {t(`sites.vibration.verdict.${reason}`)}
    </p>
  )
}

function Features({ waveform }: { waveform: WaveformRecord }) {
  const { t, format } = useWords()
  const { features, unit } = waveform
  const { rms, peak, crest_factor, kurtosis, speed_rms_mm_per_s: speed, bearing } = features
  const short = t(`sites.vibration.unitShort.${unit}`)
  const figures = [
    { key: 'rms', text: `${format.number(rms)}\u00A0${short}` },
    { key: 'peak', text: `${format.number(peak)}\u00A0${short}` },
    { key: 'crest', text: format.number(crest_factor) },
    { key: 'kurtosis', text: format.number(kurtosis) },
    ...(speed === null ? [] : [{ key: 'speed' as const, text: `${format.number(speed)}\u00A0mm/s` }]),
  ] as const
  return (
    <>
      <dl className="mt-5 grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-5">
        {figures.map(({ key, text }) => (
          <div key={key} className="card p-3">
            <dt className="label">{t(`sites.vibration.${key}`)}</dt>
            <dd>
              <span className="figures block font-display text-xl font-semibold">{text}</span>
              <span className="block text-sm text-soft">{t(`sites.vibration.says.${key}`)}</span>
            </dd>
          </div>
        ))}
      </dl>
      {bearing && (
        <div className="mt-5 overflow-x-auto">
          <table className="w-full max-w-2xl text-left">
            <caption className="sr-only">{t('sites.vibration.signs')}</caption>
            <thead className="label">
              <tr>
                <th scope="col" className="py-1.5 pr-4 font-normal">
                  {t('sites.vibration.partOf')}
                </th>
                <th scope="col" className="py-1.5 pr-4 text-right font-normal">
                  {t('sites.vibration.at')}
                </th>
                <th scope="col" className="py-1.5 text-right font-normal">
                  {t('sites.vibration.timesNoise')}
                </th>
              </tr>
            </thead>
            <tbody className="figures">
              {bearingParts.map((part) => (
                <tr key={part} className="border-t border-rule">
                  <th scope="row" className="py-1.5 pr-4 font-semibold">
                    {t(`sites.vibration.part.${part}`)}
                  </th>
                  <td className="py-1.5 pr-4 text-right">{format.number(bearing[part].hz)}&nbsp;Hz</td>
                  <td
                    className={`py-1.5 text-right ${standingOut(waveform).some((each) => each.part === part) ? 'font-semibold text-bad' : ''}`}
                  >
                    {format.number(bearing[part].times_noise)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}

function Spectra({ site, waveform }: { site: Site; waveform: WaveformRecord }) {
  const { t } = useWords()
  const asked = useQuery(spectrumQuery(site.id, waveform.asset_id, waveform.id))
  if (asked.isPending) return <Loading />
  if (isProblem(asked.error, 'sites/waveform-let-go')) return <Empty>{t('sites.vibration.letGo')}</Empty>
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  return (
    <div className="mt-8 space-y-10">
      <EnvelopeChart answer={asked.data} />
      <WholeSpectrum answer={asked.data} />
    </div>
  )
}

function EnvelopeChart({ answer }: { answer: Answer }) {
  const { t, format } = useWords()
  const { envelope, frequencies, waveform } = answer
  const last_hz = envelope.step_hz * (envelope.values.length - 1)
  const ends = [...new Set([envelopeEnd_hz(frequencies, last_hz), last_hz])]
  return (
    <Zoomable title={t('sites.vibration.envelope')} ends_hz={ends}>
      {(to_hz) => (
        <>
          <p className="max-w-prose text-[0.9375rem] text-soft">
            {t('sites.vibration.envelopeSays', {
              from: format.number(envelope.from_hz),
              to: format.number(envelope.to_hz),
            })}{' '}
            {frequencies && t('sites.vibration.envelopeLines')}
          </p>
          {frequencies && (
            <Legend
              lines={bearingParts.map((part) => ({
                name: t(`sites.vibration.part.${part}`),
                colour: partColours[part],
              }))}
            />
          )}
          <SpectrumChart
            describe={t('sites.vibration.envelopeChart')}
            values={envelope.values}
            step_hz={envelope.step_hz}
            unit={t(`sites.vibration.unitShort.${waveform.unit}`)}
            to_hz={to_hz}
            marks={bearingMarks(waveform, frequencies, (part) => t(`sites.vibration.part.${part}`))}
          />
          <Peaks values={envelope.values} step_hz={envelope.step_hz} />
        </>
      )}
    </Zoomable>
  )
}

function WholeSpectrum({ answer }: { answer: Answer }) {
  const { t } = useWords()
  const { spectrum, waveform } = answer
  const last_hz = spectrum.step_hz * (spectrum.values.length - 1)
  const short = t(`sites.vibration.unitShort.${waveform.unit}`)
  return (
    <Zoomable title={t('sites.vibration.spectrum')} ends_hz={[last_hz, ...[1_000, 200].filter((hz) => hz < last_hz)]}>
      {(to_hz) => (
        <>
          <p className="max-w-prose text-[0.9375rem] text-soft">{t('sites.vibration.spectrumSays')}</p>
          <SpectrumChart
            describe={t('sites.vibration.spectrumChart')}
            values={spectrum.values}
            step_hz={spectrum.step_hz}
            unit={short.includes('/') ? `(${short})²/Hz` : `${short}²/Hz`}
            to_hz={to_hz}
            by_tens
            // Over the whole width the shaft's lines would be one.
            marks={to_hz > 2_000 ? [] : shaftMarks(waveform.rpm, (times) => t('sites.vibration.shaft', { times }))}
          />
          <Peaks values={spectrum.values} step_hz={spectrum.step_hz} />
        </>
      )}
    </Zoomable>
  )
}

/** A chart over frequency, and up to where it goes. */
function Zoomable({
  title,
  ends_hz,
  children,
}: {
  title: string
  ends_hz: readonly number[]
  children: (to_hz: number) => React.ReactNode
}) {
  const { t, format } = useWords()
  const [to_hz, setTo] = useState(ends_hz[0] ?? 0)
  return (
    <div>
      <div className="mb-1 flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-lg">{title}</h3>
        {ends_hz.length > 1 && (
          <div role="group" aria-label={t('sites.vibration.upTo', { title })} className="flex flex-wrap gap-2">
            {ends_hz.map((hz) => (
              <button
                key={hz}
                type="button"
                aria-pressed={hz === to_hz}
                className={`button button-small ${hz === to_hz ? 'button-main' : 'button-plain'}`}
                onClick={() => setTo(hz)}
              >
                {t('sites.vibration.to', { hz: format.number(Math.round(hz)) })}
              </button>
            ))}
          </div>
        )}
      </div>
      {children(to_hz)}
    </div>
  )
}

const PEAKS = 5

/** The picture in words, for whoever does not see it and for whoever copies figures. */
function Peaks({ values, step_hz }: { values: readonly number[]; step_hz: number }) {
  const { t, format } = useWords()
  const peaks = peaksOf(values, step_hz, PEAKS)
  if (peaks.length === 0) return null
  return (
    <p className="figures mt-1 text-[0.9375rem]">
      {t('sites.vibration.peaks')}{' '}
      {peaks.map(({ hz, height }) => `${format.number(hz)}\u00A0Hz (${scientific(height, format)})`).join(', ')}
    </p>
  )
}
