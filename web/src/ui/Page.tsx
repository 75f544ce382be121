import { useEffect, useRef, type ReactNode } from 'react'

/** A page with its title, which becomes the document's title and receives the focus when the page is opened. */
export function Page({
  title,
  lead,
  children,
  wide = false,
}: {
  title: string
  lead?: ReactNode
  children: ReactNode
  wide?: boolean
}) {
  useTitle(title)
  return (
    <div className={`mx-auto w-full px-4 py-8 sm:px-6 sm:py-12 ${wide ? 'max-w-6xl' : 'max-w-4xl'}`}>
      <PageHeading>{title}</PageHeading>
      {lead !== undefined && <div className="mt-3 max-w-2xl text-lg text-soft">{lead}</div>}
      <div className="mt-8">{children}</div>
    </div>
  )
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === 'Tidemark' ? title : `${title} · Tidemark`
  }, [title])
}

let opened = false

/** Moves the focus to the heading when a page replaces another, so that a screen reader hears where it is. */
export function PageHeading({ children }: { children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (opened) heading.current?.focus({ preventScroll: true })
    opened = true
  }, [])
  return (
    <h1 ref={heading} tabIndex={-1} className="text-3xl outline-none sm:text-4xl">
      {children}
    </h1>
  )
}

/** Puts the focus on the heading of a section whose content was replaced: where it stood is gone. */
export function focusSection(id: string): void {
  // What replaced it is drawn first.
  setTimeout(() => document.getElementById(`${id}-title`)?.focus())
}

/** A part of a page under a heading of its own, which can take the focus. */
export function Section({
  title,
  says,
  children,
  id,
}: {
  title: string
  says?: string
  children: ReactNode
  id?: string
}) {
  return (
    <section className="mt-12 min-w-0" aria-labelledby={id ? `${id}-title` : undefined} id={id}>
      <h2 id={id ? `${id}-title` : undefined} tabIndex={-1} className="border-b border-rule pb-2 text-2xl outline-none">
        {title}
      </h2>
      {says !== undefined && <p className="mt-2 max-w-2xl text-soft">{says}</p>}
      <div className="mt-5">{children}</div>
    </section>
  )
}
