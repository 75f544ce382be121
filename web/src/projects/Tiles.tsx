import './projects.css'
import type { WholeAnalysis } from '@tidemark/core/projects/analysis-contract.ts'
import { useWords } from '../lib/i18n.ts'
import { analysisPictureAddress } from './pictures.ts'
import { tilesOf } from './tile-draw.ts'

/** Three tiles drawn by the report's own digest, so that nobody chooses them and everybody gets the same. */
export function Tiles({ analysis, digest }: { analysis: WholeAnalysis; digest: string }) {
  const { t } = useWords()
  const picture = analysis.pictures.find(({ kind }) => kind === 'view_before')
  if (!picture) return <p className="text-soft">{t('projects.tiles.none')}</p>
  const { width, height } = picture
  const kinds = (['view_before', 'view_after', 'change'] as const).filter((kind) =>
    analysis.pictures.some((each) => each.kind === kind),
  )
  return (
    <ol className="grid gap-6 md:grid-cols-3" data-testid="tiles">
      {tilesOf(digest, width, height).map(({ x, y, side }, index) => (
        <li key={`${x} ${y}`}>
          <p className="mb-2 font-semibold">{t('projects.tiles.one', { number: index + 1 })}</p>
          <div className="grid grid-cols-3 gap-1.5">
            {kinds.map((kind) => (
              <figure key={kind}>
                <svg
                  viewBox={`${x} ${y} ${side} ${side}`}
                  role="img"
                  aria-label={t('projects.tiles.alt', { number: index + 1, kind: t(`projects.tiles.${kind}`) })}
                  className="w-full rounded border border-rule bg-wash"
                >
                  <image
                    href={analysisPictureAddress(analysis.analysis_id, kind)}
                    width={width}
                    height={height}
                    className="pixels"
                  />
                </svg>
                <figcaption className="text-sm text-soft">{t(`projects.tiles.${kind}`)}</figcaption>
              </figure>
            ))}
          </div>
        </li>
      ))}
    </ol>
  )
}
