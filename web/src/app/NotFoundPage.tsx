import { Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Page } from '../ui/Page.tsx'

export function NotFoundPage() {
  const { t } = useWords()
  return (
    <Page title={t('app.notFound.title')} lead={t('app.notFound.says')}>
      <div className="flex flex-wrap gap-3">
        <Link to={paths.home} className="button button-main">
          {t('app.notFound.home')}
        </Link>
        <Link to={paths.questionnaire} className="button button-plain">
          {t('footprint.home.way1Do')}
        </Link>
      </div>
    </Page>
  )
}
