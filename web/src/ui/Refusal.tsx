import { useId, type ReactNode } from 'react'
import type { Allowed } from '../lib/rights.ts'

/** A button that may be out of reach: then it is dimmed, stays reachable by keyboard, and says why. */
export function GuardedButton({
  allowed,
  kind = 'plain',
  small = false,
  onClick,
  children,
}: {
  allowed: Allowed
  kind?: 'plain' | 'main' | 'danger'
  small?: boolean
  onClick: () => void
  children: ReactNode
}) {
  const id = useId()
  return (
    <span>
      <button
        type="button"
        className={`button button-${kind} ${small ? 'button-small' : ''}`}
        aria-disabled={!allowed.allowed}
        aria-describedby={allowed.reason === undefined ? undefined : id}
        onClick={() => {
          if (allowed.allowed) onClick()
        }}
      >
        {children}
      </button>
      {allowed.reason !== undefined && (
        <span id={id} className="mt-1 block text-sm text-soft">
          {allowed.reason}
        </span>
      )}
    </span>
  )
}

/** Said in place of a form that is not for this person. */
export function Refusal({ allowed }: { allowed: Allowed }) {
  if (allowed.reason === undefined) return null
  return <p className="border-l-2 border-sand pl-3 text-soft">{allowed.reason}</p>
}
