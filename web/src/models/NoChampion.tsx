import { Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Empty } from '../ui/Rows.tsx'
import type { ModelInFull } from './queries.ts'

/** Said where there is nothing to see before a version answers, with the way to one. */
export function NoChampion({ model }: { model: ModelInFull }) {
  const { t } = useWords()
  const trained = model.versions > 0
  return (
    <Empty>
      <p className="text-lg text-ink">{t('models.nobodyAnswers')}</p>
      <p className="mt-1">
        {t(
          trained
            ? 'models.next.promoteFirst'
            : model.kept !== null
              ? 'models.kept.noVersion'
              : 'models.next.trainFirst',
        )}
      </p>
      {trained && (
        <Link
          to={paths.modelPart}
          params={{ id: model.model_id, part: 'versions' }}
          className="button button-main mt-4"
        >
          {t('models.next.toVersions')}
        </Link>
      )}
    </Empty>
  )
}
