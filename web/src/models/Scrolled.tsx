import type { ReactNode } from 'react'

/** A table that scrolls by itself, so that a phone's page does not; reachable by keyboard because it scrolls sideways. */
export function Scrolled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div tabIndex={0} role="region" aria-label={label} className="mt-4 overflow-x-auto">
      <table className="w-full min-w-max border-collapse text-left text-[0.9375rem] [&_td]:border-t [&_td]:border-rule [&_td]:py-2 [&_td]:pr-5 [&_tbody_th]:border-t [&_tbody_th]:border-rule [&_tbody_th]:py-2 [&_tbody_th]:pr-5 [&_tbody_th]:font-semibold [&_thead_th]:py-2 [&_thead_th]:pr-5 [&_thead_th]:text-sm [&_thead_th]:font-normal [&_thead_th]:text-soft">
        {children}
      </table>
    </div>
  )
}
