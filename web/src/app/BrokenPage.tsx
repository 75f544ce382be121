import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Page } from '../ui/Page.tsx'

/** A bug of ours reached the person: say so, keep what they typed, and offer a way on. */
export function BrokenPage({ error }: { error: unknown }) {
  const { t } = useWords()
  return (
    <Page title={t('app.broken.title')} lead={t('app.broken.says')}>
      <div className="flex flex-wrap gap-3">
        <button type="button" className="button button-main" onClick={() => location.reload()}>
          {t('app.broken.reload')}
        </button>
        <a href={paths.home} className="button button-plain">
          {t('app.notFound.home')}
        </a>
      </div>
      <details className="mt-8">
        <summary className="text-soft">{t('app.broken.detail')}</summary>
        <pre className="mt-2 overflow-x-auto rounded bg-surface p-3 text-sm whitespace-pre-wrap">
          {error instanceof Error ? error.message : String(error)}
        </pre>
      </details>
    </Page>
  )
}
