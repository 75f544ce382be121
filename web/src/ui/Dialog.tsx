import { Dialog as Base } from '@base-ui/react/dialog'
import { useEffect, useRef, type ReactNode } from 'react'
import { useWords } from '../lib/i18n.ts'

/**
 * A question in front of the page. The focus goes in, stays in, and comes back where it was; when what it was on is gone,
 * because it was just removed, it goes to the heading of the section or the page.
 */
export function Dialog({
  open,
  title,
  says,
  children,
  onClose,
}: {
  open: boolean
  title: string
  says?: ReactNode
  children: ReactNode
  onClose: () => void
}) {
  useFocusNotLost(open)
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/50" />
        <Base.Popup className="card fixed top-1/2 left-1/2 z-50 max-h-[calc(100dvh-2rem)] w-[min(30rem,calc(100vw-2rem))] -translate-1/2 overflow-y-auto p-6 shadow-xl">
          <Base.Title className="text-xl">{title}</Base.Title>
          {says !== undefined && <Base.Description className="mt-2 text-soft">{says}</Base.Description>}
          <div className="mt-5">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

function useFocusNotLost(open: boolean): void {
  const section = useRef<HTMLElement | null>(null)
  useEffect(() => {
    if (!open) return
    section.current = document.activeElement?.closest('section[aria-labelledby]') ?? section.current
    return () => {
      const title = section.current?.getAttribute('aria-labelledby') ?? ''
      const heading = document.getElementById(title) ?? document.querySelector<HTMLElement>('main h1')
      // After the dialog has given the focus back.
      setTimeout(() => document.activeElement === document.body && heading?.focus(), 50)
    }
  }, [open])
}

/** Asks before something that cannot be taken back. */
export function Confirm({
  open,
  title,
  says,
  action,
  busy = false,
  problem,
  onConfirm,
  onClose,
}: {
  open: boolean
  title: string
  says: ReactNode
  action: string
  busy?: boolean
  problem?: ReactNode
  onConfirm: () => void
  onClose: () => void
}) {
  const { t } = useWords()
  return (
    <Dialog open={open} title={title} says={says} onClose={onClose}>
      {problem}
      <div className="mt-2 flex flex-wrap gap-3">
        <button
          type="button"
          className="button button-danger"
          aria-disabled={busy}
          onClick={() => !busy && onConfirm()}
        >
          {busy ? t('app.sending') : action}
        </button>
        <button type="button" className="button button-plain" onClick={onClose}>
          {t('app.cancel')}
        </button>
      </div>
    </Dialog>
  )
}
