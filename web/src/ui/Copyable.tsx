import { useEffect, useState } from 'react'
import { useWords } from '../lib/i18n.ts'

/** A button that copies a text and says that it did. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const { t } = useWords()
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle')
  useEffect(() => {
    if (state === 'idle') return
    const timer = setTimeout(() => setState('idle'), 2500)
    return () => clearTimeout(timer)
  }, [state])
  const copy = () => {
    // Without a secure context there is no clipboard, and the person is told instead of left guessing.
    if (!navigator.clipboard) return setState('failed')
    navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('failed'),
    )
  }
  return (
    <button type="button" className="button button-plain button-small shrink-0" onClick={copy}>
      {t('app.copy')}
      {label !== undefined && <span className="sr-only"> {label}</span>}
      <span role="status" className={state === 'idle' ? 'sr-only' : 'text-sm text-tide'}>
        {state === 'copied' ? t('app.copied') : state === 'failed' ? t('app.copyFailed') : ''}
      </span>
    </button>
  )
}

/** A long value such as a hash, with a button to copy it. */
export function CopyableValue({ name, value }: { name: string; value: string }) {
  return (
    <div className="border-t border-rule py-3 first:border-t-0">
      <dt className="label">{name}</dt>
      <dd className="mt-1 flex flex-wrap items-center justify-between gap-2">
        <code className="min-w-0 flex-1 basis-48 break-all text-[0.9375rem]">{value}</code>
        <CopyButton text={value} label={name} />
      </dd>
    </div>
  )
}

/** Lines for a terminal. It scrolls by itself, so that a phone's page does not. */
export function Command({ text, label }: { text: string; label: string }) {
  return (
    <div className="card overflow-hidden">
      <div className="flex items-center justify-between gap-3 border-b border-rule px-4 py-2">
        <span className="label">{label}</span>
        <CopyButton text={text} label={label} />
      </div>
      {/* Reachable by keyboard because it scrolls sideways. */}
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className="overflow-x-auto p-4 font-mono text-[0.875rem] leading-6"
      >
        {text}
      </pre>
    </div>
  )
}
