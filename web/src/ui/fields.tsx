import { useEffect, useId, useRef, type FormEvent, type InputHTMLAttributes, type ReactNode } from 'react'
import type { Fault } from '@tidemark/core/lib/problem.ts'
import i18next from 'i18next'
import { ApiProblem } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'

/** What the server found wrong with one field of the body, in the reader's words where we have them. */
export function useFaultAt(error: unknown): (path: string) => string | undefined {
  const { t } = useWords()
  return (path) => {
    const fault = error instanceof ApiProblem ? error.faults.find((each) => each.path === `/${path}`) : undefined
    return fault && faultWords(fault, t)
  }
}

export function faultWords(fault: Fault, t: ReturnType<typeof useWords>['t']): string {
  const known = ['too-short', 'too-long', 'guessable'] as const
  const code = known.find((each) => each === fault.code)
  if (code === undefined || !i18next.exists(`signed.faults.${code}`)) return fault.message
  const expected = (fault.expected ?? {}) as { length_min?: number; length_max?: number }
  return t(`signed.faults.${code}`, { min: expected.length_min ?? '', max: expected.length_max ?? '' })
}

/** Label, help and fault around a control, tied to it by their ids. */
function Frame({
  id,
  label,
  help,
  fault,
  children,
}: {
  id: string
  label: string
  help?: ReactNode
  fault: string | undefined
  children: ReactNode
}) {
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-semibold">
        {label}
      </label>
      {help !== undefined && (
        <div id={`${id}-help`} className="mb-2 max-w-prose text-[0.9375rem] text-soft">
          {help}
        </div>
      )}
      {children}
      {fault !== undefined && (
        <p id={`${id}-fault`} className="mt-1 font-semibold text-bad">
          {fault}
        </p>
      )}
    </div>
  )
}

function describedBy(id: string, help: unknown, fault: unknown): string | undefined {
  const ids = [help === undefined ? '' : `${id}-help`, fault === undefined ? '' : `${id}-fault`].filter(Boolean)
  return ids.length > 0 ? ids.join(' ') : undefined
}

type InputProps = Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'>

export function TextField({
  label,
  help,
  fault,
  value,
  onChange,
  ...rest
}: InputProps & {
  label: string
  help?: ReactNode
  fault?: string | undefined
  value: string
  onChange: (value: string) => void
}) {
  const id = useId()
  return (
    <Frame id={id} label={label} help={help} fault={fault}>
      <input
        id={id}
        {...rest}
        className={`field ${rest.className ?? ''}`}
        value={value}
        aria-invalid={fault !== undefined}
        aria-describedby={describedBy(id, help, fault)}
        onChange={(event) => onChange(event.target.value)}
      />
    </Frame>
  )
}

export interface Option {
  value: string
  text: string
}

export function SelectField({
  label,
  help,
  fault,
  value,
  options,
  disabled = false,
  onChange,
}: {
  label: string
  help?: ReactNode
  fault?: string | undefined
  value: string
  options: readonly Option[]
  disabled?: boolean
  onChange: (value: string) => void
}) {
  const id = useId()
  return (
    <Frame id={id} label={label} help={help} fault={fault}>
      <select
        id={id}
        className="field"
        value={value}
        disabled={disabled}
        aria-invalid={fault !== undefined}
        aria-describedby={describedBy(id, help, fault)}
        onChange={(event) => onChange(event.target.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </Frame>
  )
}

export interface Choice extends Option {
  /** Why it cannot be chosen. */
  refused?: string | undefined
}

/** Boxes to tick under one heading. What cannot be ticked says why. */
export function CheckList({
  label,
  help,
  fault,
  chosen,
  choices,
  onChange,
}: {
  label: string
  help?: string
  fault?: string | undefined
  chosen: readonly string[]
  choices: readonly Choice[]
  onChange: (chosen: string[]) => void
}) {
  const id = useId()
  const toggle = (value: string, on: boolean) =>
    onChange(choices.map((choice) => choice.value).filter((each) => (each === value ? on : chosen.includes(each))))
  return (
    <fieldset aria-describedby={describedBy(id, help, fault)}>
      <legend className="mb-1 font-semibold">{label}</legend>
      {help !== undefined && (
        <p id={`${id}-help`} className="mb-2 text-[0.9375rem] text-soft">
          {help}
        </p>
      )}
      <div className="grid gap-x-6 sm:grid-cols-2">
        {choices.map(({ value, text, refused }) => (
          <label key={value} className={`flex min-h-10 items-baseline gap-2.5 py-1.5 ${refused ? 'text-soft' : ''}`}>
            <input
              type="checkbox"
              className="size-4 shrink-0 translate-y-0.5 accent-tide"
              checked={chosen.includes(value)}
              disabled={refused !== undefined}
              aria-invalid={fault !== undefined}
              onChange={(event) => toggle(value, event.target.checked)}
            />
            <span>
              {text}
              {refused !== undefined && <span className="block text-sm">{refused}</span>}
            </span>
          </label>
        ))}
      </div>
      {fault !== undefined && (
        <p id={`${id}-fault`} className="mt-1 font-semibold text-bad">
          {fault}
        </p>
      )}
    </fieldset>
  )
}

/**
 * A form that speaks for itself: the browser's own bubbles are off, and after a refusal the first field that is at fault
 * has the focus.
 */
export function Form({
  onSubmit,
  children,
  className = '',
  refused,
  label,
}: {
  onSubmit: () => void
  children: ReactNode
  className?: string
  /** Changes when the form was refused: the error itself, or a count of attempts. */
  refused?: unknown
  label?: string
}) {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (refused) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [refused])
  return (
    <form
      ref={form}
      noValidate
      aria-label={label}
      className={className}
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        // A form in a dialog stands inside the one that asked, as far as events are concerned.
        event.stopPropagation()
        onSubmit()
      }}
    >
      {children}
    </form>
  )
}

/** The button that sends a form; while it is being sent it says so and takes no second click. */
export function Submit({
  busy,
  children,
  danger = false,
  plain = false,
}: {
  busy: boolean
  children: string
  danger?: boolean
  plain?: boolean
}) {
  const { t } = useWords()
  return (
    <button
      type="submit"
      className={`button ${danger ? 'button-danger' : plain ? 'button-plain' : 'button-main'}`}
      aria-disabled={busy}
      onClick={(event) => {
        if (busy) event.preventDefault()
      }}
    >
      {busy ? t('app.sending') : children}
    </button>
  )
}
