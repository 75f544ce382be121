import type { ColumnProfile } from '@tidemark/core/models/data-contract.ts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Pill } from './Health.tsx'
import { profileQuery } from './queries.ts'

const SHOWN_AT_FIRST = 24

/** Every column with what it holds: a histogram, the most frequent words, the span of times. */
export function ColumnProfiles({ dataset_id, version }: { dataset_id: string; version: number }) {
  const { t } = useWords()
  const [all, setAll] = useState(false)
  const asked = useQuery(profileQuery(dataset_id, version))
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const { columns } = asked.data
  const shown = all ? columns : columns.slice(0, SHOWN_AT_FIRST)
  return (
    <>
      <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {shown.map((profile) => (
          <Profile key={profile.column.name} profile={profile} />
        ))}
      </ul>
      {shown.length < columns.length && (
        <button type="button" className="button button-plain mt-4" onClick={() => setAll(true)}>
          {t('models.profile.all', { count: columns.length })}
        </button>
      )}
    </>
  )
}

function Profile({ profile }: { profile: ColumnProfile }) {
  const { t, format } = useWords()
  const { column, missing_share, missing_count, distinct_count } = profile
  return (
    <li className="card min-w-0 p-4">
      <h3 className="flex flex-wrap items-baseline justify-between gap-x-2 font-mono text-base wrap-anywhere">
        {column.name}
        <span className="font-sans text-sm font-normal text-soft">
          {t(`models.profile.type.${column.type}`)}
          {column.unit !== undefined && ` · ${column.unit}`}
        </span>
      </h3>
      <p className="figures mb-2 flex flex-wrap items-center gap-x-2 text-sm text-soft">
        {t('models.profile.distinct', { count: distinct_count, number: format.number(distinct_count) })}
        {missing_count > 0 ? (
          <Pill tone="note">{t('models.profile.missing', { share: format.share(missing_share) })}</Pill>
        ) : (
          ` · ${t('models.profile.complete')}`
        )}
        {column.target && <Pill tone="tide">{t('models.target')}</Pill>}
      </p>
      <Contents profile={profile} />
    </li>
  )
}

function Contents({ profile }: { profile: ColumnProfile }) {
  const { t, format } = useWords()
  const { numbers, top, times, truths, lengths, count } = profile
  if (numbers) return <Histogram name={profile.column.name} numbers={numbers} />
  if (truths) {
    return (
      <Shares
        count={count}
        parts={[
          { value: t('models.profile.true'), count: truths.true_count },
          { value: t('models.profile.false'), count: truths.false_count },
        ]}
      />
    )
  }
  if (times) {
    return (
      <p className="figures text-[0.9375rem]">
        {t('models.profile.times', { from: format.day(times.first), to: format.day(times.last) })}
        {times.gaps.length > 0 && (
          <span className="block text-sm text-sand-ink">{t('models.profile.gaps', { count: times.gaps.length })}</span>
        )}
      </p>
    )
  }
  // Of names that occur once each, the most frequent says nothing.
  if (top && (top[0]?.count ?? 0) > 1) return <Shares count={count} parts={top.slice(0, 5)} />
  if (lengths) {
    return <p className="text-sm text-soft">{t('models.profile.lengths', { min: lengths.min, max: lengths.max })}</p>
  }
  return <p className="text-sm text-soft">{t('models.profile.nothing')}</p>
}

function Histogram({ name, numbers }: { name: string; numbers: NonNullable<ColumnProfile['numbers']> }) {
  const { t, format } = useWords()
  const { histogram, min, max, mean, quantiles } = numbers
  const most = Math.max(...histogram.counts, 1)
  const width = 100 / histogram.counts.length
  const describe = t('models.profile.histogram', {
    name,
    min: format.number(min),
    max: format.number(max),
    median: format.number(quantiles.p50),
  })
  return (
    <>
      <svg viewBox="0 0 100 40" preserveAspectRatio="none" className="h-20 w-full" role="img" aria-label={describe}>
        {histogram.counts.map((count, index) => {
          const height = count === 0 ? 0 : Math.max(0.8, (40 * count) / most)
          return (
            <rect
              key={histogram.edges[index]}
              x={index * width + 0.3}
              y={40 - height}
              width={Math.max(0.2, width - 0.6)}
              height={height}
              className="fill-scope2"
            />
          )
        })}
      </svg>
      <p className="figures flex justify-between border-t border-edge pt-1 text-sm text-soft">
        <span>{format.number(min)}</span>
        <span>{format.number(max)}</span>
      </p>
      <p className="figures text-sm">
        {t('models.profile.middle', { median: format.number(quantiles.p50), mean: format.number(mean) })}
      </p>
    </>
  )
}

function Shares({ parts, count }: { parts: readonly { value: string; count: number }[]; count: number }) {
  const { format } = useWords()
  const most = Math.max(...parts.map((part) => part.count), 1)
  return (
    <ul className="space-y-1 text-sm">
      {parts.map((part) => (
        <li key={part.value} className="grid grid-cols-[minmax(0,1fr)_5rem_2.75rem] items-center gap-2">
          <span className="truncate" title={part.value}>
            {part.value}
          </span>
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" className="h-2 w-full" aria-hidden="true">
            <rect width={(100 * part.count) / most} height="8" className="fill-scope2" />
          </svg>
          <span className="figures text-right text-soft">{format.share(part.count / Math.max(1, count))}</span>
        </li>
      ))}
    </ul>
  )
}
