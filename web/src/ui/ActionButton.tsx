import type { ButtonHTMLAttributes } from 'react'

/**
 * A button that does something at once. While it is being done the button takes no second press, but it keeps the focus: a
 * browser takes it from what is disabled, and leaves whoever works by keyboard at the top of the page.
 */
export function ActionButton({
  busy,
  onClick,
  ...rest
}: Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'type' | 'disabled' | 'onClick'> & {
  busy: boolean
  onClick: () => void
}) {
  return <button type="button" aria-disabled={busy} onClick={() => !busy && onClick()} {...rest} />
}
