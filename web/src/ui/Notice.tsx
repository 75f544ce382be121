import { useEffect, useRef, type ReactNode } from 'react'

/** Something went well, or needs to be known: read aloud when it appears. */
export function Notice({ tone = 'good', children }: { tone?: 'good' | 'note'; children: ReactNode }) {
  return (
    <div
      role="status"
      className={`my-4 rounded-card border p-4 ${tone === 'good' ? 'border-good bg-good-wash' : 'border-sand bg-sand-wash'}`}
    >
      {children}
    </div>
  )
}

/** The heading of a step that replaced another: it takes the focus, so that a screen reader hears what comes now. */
export function StepHeading({ children }: { children: string }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <h2 ref={heading} tabIndex={-1} className="text-2xl outline-none">
      {children}
    </h2>
  )
}
