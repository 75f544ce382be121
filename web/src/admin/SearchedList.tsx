import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useState, type ReactNode } from 'react'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { TextField } from '../ui/fields.tsx'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Empty, Rows } from '../ui/Rows.tsx'

const route = getRouteApi(paths.admin)

/** What is searched for, from the address. */
export function useSearched(): string {
  return route.useSearch().q ?? ''
}

/** A field to search with, what was found, and more of it when asked. */
export function SearchedList<P, Item>({
  label,
  asked,
  itemsOf,
  children,
}: {
  label: string
  asked: UseInfiniteQueryResult<InfiniteData<P>>
  itemsOf: (page: P) => readonly Item[]
  children: (item: Item) => ReactNode
}) {
  const { t } = useWords()
  const items = asked.data?.pages.flatMap(itemsOf) ?? []
  return (
    <>
      <SearchField />
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data && items.length === 0 && <Empty>{t('admin.nothing')}</Empty>}
      {items.length > 0 && <Rows label={label}>{items.map(children)}</Rows>}
      {asked.hasNextPage && (
        <button
          type="button"
          className="button button-plain mt-5"
          disabled={asked.isFetchingNextPage}
          onClick={() => void asked.fetchNextPage()}
        >
          {t('admin.more')}
        </button>
      )}
    </>
  )
}

/** What is typed is searched for when the typing rests. */
function SearchField() {
  const { t } = useWords()
  const search = route.useSearch()
  const navigate = useNavigate()
  const [text, setText] = useState(search.q ?? '')
  const searchFor = useEffectEvent((q: string) => {
    const { q: _, ...rest } = search
    void navigate({ to: paths.admin, search: q === '' ? rest : { ...rest, q }, replace: true, resetScroll: false })
  })
  useEffect(() => {
    if (text === (search.q ?? '')) return
    const timer = setTimeout(() => searchFor(text), 250)
    return () => clearTimeout(timer)
  }, [text, search.q])
  return (
    <form role="search" className="mb-5 max-w-md" onSubmit={(event) => event.preventDefault()}>
      <TextField label={t('admin.search')} type="search" maxLength={120} value={text} onChange={setText} />
    </form>
  )
}
