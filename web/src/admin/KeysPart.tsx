import { useInfiniteQuery } from '@tanstack/react-query'
import { useWords } from '../lib/i18n.ts'
import { Row } from '../ui/Rows.tsx'
import { Tag } from '../ui/Tag.tsx'
import { keysQuery } from './queries.ts'
import { SearchedList, useSearched } from './SearchedList.tsx'

export function KeysPart() {
  const { t, format } = useWords()
  const asked = useInfiniteQuery(keysQuery(useSearched()))
  return (
    <SearchedList label={t('admin.part.keys')} asked={asked} itemsOf={(page) => page.keys}>
      {(key) => (
        <Row
          key={key.key_id}
          title={
            <>
              {key.name} <code className="ml-1 text-sm font-normal text-soft">{key.prefix}…</code>
              {key.state !== 'active' && <Tag>{t(`admin.keyIs.${key.state}`)}</Tag>}
            </>
          }
          says={
            <>
              <p>
                {key.answered_for_by} · {t('admin.until', { day: format.day(key.expires_at) })} ·{' '}
                {key.last_used_at === null
                  ? t('admin.unused')
                  : t('admin.used', { when: format.instant(key.last_used_at) })}
              </p>
              <p className="font-mono text-sm">{key.scopes.join(' · ')}</p>
            </>
          }
        />
      )}
    </SearchedList>
  )
}
