import type { UseMutationResult } from '@tanstack/react-query'
import { useId, useState, type ReactNode } from 'react'
import { useWords } from '../lib/i18n.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { Form, Submit } from '../ui/fields.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { TextArea } from './TextArea.tsx'

/** Asks why before something that stands in the history for ever. */
export function ReasonDialog<Answer>({
  open,
  title,
  says,
  action,
  doing,
  danger = false,
  knowingly,
  onClose,
}: {
  open: boolean
  title: string
  says: ReactNode
  action: string
  doing: UseMutationResult<Answer, Error, string>
  danger?: boolean
  /** What has to be ticked first, where somebody decides against a verdict. */
  knowingly?: string | undefined
  onClose: () => void
}) {
  const { t } = useWords()
  const [reason, setReason] = useState('')
  const [known, setKnown] = useState(false)
  const [tries, setTries] = useState(0)
  const too_short = reason.trim().length < 3
  const blind = knowingly !== undefined && !known
  return (
    <Dialog open={open} title={title} says={says} onClose={onClose}>
      <Form
        className="space-y-4"
        refused={tries}
        onSubmit={() => {
          setTries(tries + 1)
          if (!too_short && !blind) doing.mutate(reason.trim())
        }}
      >
        <TextArea
          label={t('models.reason')}
          help={t('models.reasonHelp')}
          rows={3}
          value={reason}
          fault={tries > 0 && too_short ? t('models.reasonFault') : undefined}
          onChange={setReason}
        />
        {knowingly !== undefined && (
          <Knowingly text={knowingly} known={known} refused={tries > 0 && blind} onChange={setKnown} />
        )}
        <ActionProblem action={doing} />
        <div className="flex flex-wrap gap-3">
          <Submit busy={doing.isPending} danger={danger}>
            {action}
          </Submit>
          <button type="button" className="button button-plain" onClick={onClose}>
            {t('app.cancel')}
          </button>
        </div>
      </Form>
    </Dialog>
  )
}

function Knowingly({
  text,
  known,
  refused,
  onChange,
}: {
  text: string
  known: boolean
  refused: boolean
  onChange: (known: boolean) => void
}) {
  const { t } = useWords()
  const id = useId()
  return (
    <div>
      <label className="flex items-baseline gap-2.5">
        <input
          type="checkbox"
          className="size-4 shrink-0 translate-y-0.5 accent-tide"
          checked={known}
          aria-invalid={refused}
          aria-describedby={id}
          onChange={(event) => onChange(event.target.checked)}
        />
        {text}
      </label>
      <p id={id} className="mt-1 font-semibold text-bad">
        {refused && t('models.tickFirst')}
      </p>
    </div>
  )
}
