import './projects.css'
import type { WholeAnalysis } from '@tidemark/core/projects/analysis-contract.ts'
import type { MeasuredPair } from '@tidemark/core/projects/measurement.ts'
import { useEffect, useId, useRef, useState } from 'react'
import type { z } from 'zod'
import { useWords } from '../lib/i18n.ts'
import { recolour } from './change-colours.ts'
import { analysisPictureAddress } from './pictures.ts'

/** Where the index rose and fell, over the picture from after; in other colours and with hatching for whoever sees no red or green. */
export function ChangeMap({ analysis, measured }: { analysis: WholeAnalysis; measured: z.infer<typeof MeasuredPair> }) {
  const { t, format } = useWords()
  const [safe, setSafe] = useState(false)
  const id = useId()
  const picture = analysis.pictures.find(({ kind }) => kind === 'change')
  if (!picture) return <p className="text-soft">{t('projects.change.none')}</p>
  const address = analysisPictureAddress(analysis.analysis_id, 'change')
  const shares = measured.changes.find(({ threshold }) => threshold >= 0.1) ?? measured.changes[0]
  const says = shares
    ? t('projects.change.shares', {
        gain: format.share(shares.gain_fraction),
        loss: format.share(shares.loss_fraction),
        threshold: format.number(shares.threshold),
      })
    : t('projects.change.title')
  const frame = 'pixels absolute inset-0 size-full object-contain'
  return (
    <figure>
      <label htmlFor={id} className="mb-3 flex min-h-10 items-center gap-2">
        <input
          id={id}
          type="checkbox"
          className="size-4 accent-tide"
          checked={safe}
          onChange={({ target }) => setSafe(target.checked)}
        />
        {t('projects.change.safe')}
      </label>
      <div
        className="relative mx-auto max-h-[80vh] max-w-3xl overflow-hidden rounded-card bg-wash"
        style={{ aspectRatio: String(picture.width / picture.height) }}
      >
        <img
          src={analysisPictureAddress(analysis.analysis_id, 'view_after')}
          alt=""
          className={`${frame} opacity-60 grayscale`}
        />
        {safe ? (
          <Safe address={address} says={says} className={frame} />
        ) : (
          <img src={address} alt={says} className={frame} />
        )}
      </div>
      <figcaption className="mt-3">
        <Legend safe={safe} />
        <p className="mt-2 text-[0.9375rem] text-soft">{says}</p>
      </figcaption>
    </figure>
  )
}

/** The same picture in blue for gain and hatched orange for loss. */
function Safe({ address, says, className }: { address: string; says: string; className: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const picture = new Image()
    picture.addEventListener('load', () => {
      const element = canvas.current
      const context = element?.getContext('2d', { willReadFrequently: true })
      if (!element || !context) return
      element.width = picture.naturalWidth
      element.height = picture.naturalHeight
      context.drawImage(picture, 0, 0)
      const pixels = context.getImageData(0, 0, element.width, element.height)
      recolour(pixels.data, element.width)
      context.putImageData(pixels, 0, 0)
    })
    picture.src = address
  }, [address])
  return <canvas ref={canvas} role="img" aria-label={says} className={className} />
}

const colours = {
  plain: { gain: 'rgb(20 130 50)', loss: 'rgb(200 40 30)' },
  safe: { gain: 'rgb(0 92 190)', loss: 'repeating-linear-gradient(45deg, rgb(225 110 0) 0 3px, transparent 3px 6px)' },
} as const

function Legend({ safe }: { safe: boolean }) {
  const { t } = useWords()
  const { gain, loss } = colours[safe ? 'safe' : 'plain']
  const entries = [
    ['gain', gain],
    ['loss', loss],
    ['same', 'transparent'],
    ['masked', 'rgb(128 128 128)'],
    ['water', 'rgb(90 120 150)'],
  ] as const
  return (
    <ul aria-label={t('projects.change.legend')} className="flex flex-wrap gap-x-5 gap-y-1.5 text-[0.9375rem]">
      {entries.map(([name, background]) => (
        <li key={name} className="inline-flex items-center gap-2">
          <span className="size-4 rounded-sm border border-edge" style={{ background }} />
          {t(`projects.change.${name}`)}
        </li>
      ))}
    </ul>
  )
}
