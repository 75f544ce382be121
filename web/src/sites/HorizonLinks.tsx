import { Link } from '@tanstack/react-router'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'

/** A day or a week ahead. */
export function HorizonLinks({ id, part, horizon }: { id: string; part: string; horizon: '24h' | '7d' }) {
  const { t } = useWords()
  return (
    <ul aria-label={t('sites.horizon.label')} className="flex flex-wrap gap-2">
      {(['24h', '7d'] as const).map((each) => (
        <li key={each}>
          <Link
            to={paths.site}
            params={{ id }}
            search={{ part, ...(each === '7d' ? { span: '7d' } : {}) }}
            resetScroll={false}
            aria-current={each === horizon ? 'true' : undefined}
            className={`button button-small ${each === horizon ? 'button-main' : 'button-plain'}`}
          >
            {t(`sites.horizon.${each}`)}
          </Link>
        </li>
      ))}
    </ul>
  )
}
