import { useId } from 'react'

/** Words of several lines, with label, help and fault tied to them. */
export function TextArea({
  label,
  help,
  fault,
  value,
  rows = 4,
  onChange,
}: {
  label: string
  help?: string
  fault?: string | undefined
  value: string
  rows?: number
  onChange: (value: string) => void
}) {
  const id = useId()
  const about = [help === undefined ? '' : `${id}-help`, fault === undefined ? '' : `${id}-fault`].filter(Boolean)
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-semibold">
        {label}
      </label>
      {help !== undefined && (
        <p id={`${id}-help`} className="mb-2 max-w-prose text-[0.9375rem] text-soft">
          {help}
        </p>
      )}
      <textarea
        id={id}
        rows={rows}
        maxLength={4000}
        className="field"
        value={value}
        aria-invalid={fault !== undefined}
        aria-describedby={about.length > 0 ? about.join(' ') : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {fault !== undefined && (
        <p id={`${id}-fault`} className="mt-1 font-semibold text-bad">
          {fault}
        </p>
      )}
    </div>
  )
}
