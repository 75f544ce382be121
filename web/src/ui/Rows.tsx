import type { ReactNode } from 'react'

/** A list of things with something to do beside each: one column on a phone, two where there is room. */
export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul aria-label={label} className="border-b border-rule">
      {children}
    </ul>
  )
}

export function Row({
  title,
  says,
  children,
  below,
}: {
  title: ReactNode
  says?: ReactNode
  children?: ReactNode
  /** What opens under it, over the whole width. */
  below?: ReactNode
}) {
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 border-t border-rule py-3.5 first:border-t-0">
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-semibold wrap-anywhere">{title}</p>
        {says !== undefined && <div className="text-[0.9375rem] text-soft wrap-anywhere">{says}</div>}
      </div>
      {children !== undefined && <div className="flex flex-wrap items-start gap-2">{children}</div>}
      {below !== undefined && <div className="basis-full">{below}</div>}
    </li>
  )
}

/** What stands in place of a list that is empty, with the next step if there is one. */
export function Empty({ children }: { children: ReactNode }) {
  return <div className="card p-6 text-center text-soft">{children}</div>
}
