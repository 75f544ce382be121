import './projects.css'
import type { WholeAnalysis } from '@tidemark/core/projects/analysis-contract.ts'
import type { AnalysisReport } from '@tidemark/core/projects/report.ts'
import { useId, useState, type CSSProperties } from 'react'
import { useWords } from '../lib/i18n.ts'
import { pictureScale } from './picture-scale.ts'
import { analysisPictureAddress, pictureAddress } from './pictures.ts'

const layers = ['view', 'index', 'mask'] as const
type Layer = (typeof layers)[number]

/** Before and after on each other, with a divider that a hand or the arrow keys move. */
export function Compare({ analysis, report }: { analysis: WholeAnalysis; report: AnalysisReport }) {
  const { t, format } = useWords()
  const [layer, setLayer] = useState<Layer>('view')
  const { before, after, outcome } = report.measurement
  const drawn = layers.filter((each) => analysis.pictures.some(({ kind }) => kind === `${each}_before`))
  const has_layers = drawn.length > 0
  const day = (on: string | null) => (on === null ? t('projects.evidence.noDate') : format.day(on))
  const address = (side: 'before' | 'after') =>
    has_layers
      ? analysisPictureAddress(analysis.analysis_id, `${layer}_${side}`)
      : pictureAddress(side === 'before' ? analysis.before_evidence_id : analysis.after_evidence_id, 1_024)
  const view = analysis.pictures.find(({ kind }) => kind === `${layer}_before`)
  const scale = view && pictureScale(view)
  return (
    <figure>
      {drawn.length > 1 && <Layers drawn={drawn} chosen={layer} onChoose={setLayer} />}
      <Divided
        before={{ address: address('before'), says: t('projects.pictures.before', { when: day(before.captured_on) }) }}
        after={{ address: address('after'), says: t('projects.pictures.after', { when: day(after.captured_on) }) }}
        ratio={view ? view.width / view.height : 4 / 3}
        // Under a mask shows what it hides.
        behind={layer === 'mask' && has_layers ? analysis : undefined}
      />
      <figcaption className="mt-2 text-sm text-soft">
        {has_layers ? t(`projects.pictures.layer.${layer}Says`) : t('projects.pictures.unaligned')}
        {scale &&
          ` ${t('projects.pictures.scale', { width: format.number(scale.width_m / 1000), pixel: format.number(scale.pixel_m) })}`}
        {outcome === 'measured' && layer === 'mask' && <MaskLegend report={report} />}
      </figcaption>
    </figure>
  )
}

function Layers({
  drawn,
  chosen,
  onChoose,
}: {
  drawn: readonly Layer[]
  chosen: Layer
  onChoose: (layer: Layer) => void
}) {
  const { t } = useWords()
  const name = useId()
  return (
    <fieldset className="mb-3 flex flex-wrap gap-x-5">
      <legend className="sr-only">{t('projects.pictures.layers')}</legend>
      {drawn.map((each) => (
        <label key={each} className="flex min-h-10 items-center gap-2">
          <input
            type="radio"
            name={name}
            className="size-4 accent-tide"
            checked={chosen === each}
            onChange={() => onChoose(each)}
          />
          {t(`projects.pictures.layer.${each}`)}
        </label>
      ))}
    </fieldset>
  )
}

interface Side {
  address: string
  says: string
}

function Divided({
  before,
  after,
  ratio,
  behind,
}: {
  before: Side
  after: Side
  ratio: number
  behind: WholeAnalysis | undefined
}) {
  const { t, format } = useWords()
  const [at, setAt] = useState(50)
  const style = { aspectRatio: String(ratio), '--compare-at': `${at}%` } as CSSProperties
  const picture = 'pixels absolute inset-0 size-full object-contain'
  const under = (side: 'before' | 'after') =>
    behind && (
      <img
        src={analysisPictureAddress(behind.analysis_id, `view_${side}`)}
        alt=""
        className={`${picture} opacity-40 grayscale`}
      />
    )
  return (
    <div className="relative mx-auto max-h-[80vh] max-w-3xl overflow-hidden rounded-card bg-wash" style={style}>
      {under('after')}
      <img src={after.address} alt={after.says} className={picture} />
      <div className="compare-top absolute inset-0">
        <div className="absolute inset-0 bg-wash">
          {under('before')}
          <img src={before.address} alt={before.says} className={picture} />
        </div>
      </div>
      <div
        aria-hidden="true"
        className="compare-line pointer-events-none absolute inset-y-0 w-0.5 -translate-x-1/2 bg-on-tide shadow-[0_0_0_1px_var(--tide)]"
      />
      <span aria-hidden="true" className="absolute top-2 left-2 rounded bg-surface px-2 py-0.5 text-sm font-semibold">
        {before.says}
      </span>
      <span
        aria-hidden="true"
        className="absolute right-2 bottom-2 rounded bg-surface px-2 py-0.5 text-sm font-semibold"
      >
        {after.says}
      </span>
      <input
        type="range"
        min={0}
        max={100}
        value={at}
        aria-label={t('projects.pictures.divider')}
        aria-valuetext={t('projects.pictures.dividerAt', { share: format.share(at / 100) })}
        className="compare-range absolute inset-x-0 top-1/2 w-full -translate-y-1/2"
        onChange={({ target }) => setAt(Number(target.value))}
      />
    </div>
  )
}

/** What hides the ground, in the colours of the picture. */
export const maskColours: Readonly<Record<string, string>> = {
  nodata: 'rgb(60 60 60)',
  saturated: 'rgb(255 0 170)',
  shadow: 'rgb(80 60 110)',
  cloud: 'rgb(235 235 235)',
  cirrus: 'rgb(190 205 225)',
  snow: 'rgb(150 225 255)',
  water: 'rgb(40 110 200)',
  doubtful: 'rgb(230 160 40)',
}

function MaskLegend({ report }: { report: AnalysisReport }) {
  const { t, format } = useWords()
  const { before, after } = report.measurement
  const names = Object.keys(maskColours).filter(
    (name) => (before.masked_fractions[name] ?? 0) > 0 || (after.masked_fractions[name] ?? 0) > 0,
  )
  if (names.length === 0) return <span> {t('projects.pictures.nothingMasked')}</span>
  return (
    <span className="mt-2 flex flex-wrap gap-x-5 gap-y-1">
      {names.map((name) => (
        <span key={name} className="inline-flex items-center gap-2">
          <span className="size-3.5 rounded-sm border border-edge" style={{ background: maskColours[name] }} />
          {t(`projects.mask.${name as 'cloud'}`)} {format.share(before.masked_fractions[name] ?? 0)} →{' '}
          {format.share(after.masked_fractions[name] ?? 0)}
        </span>
      ))}
    </span>
  )
}
