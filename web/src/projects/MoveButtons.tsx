import { moveProject, type Project } from '@tidemark/core/projects/contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { ActionButton } from '../ui/ActionButton.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Form, Submit } from '../ui/fields.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'

type Move = Project['moves'][number]

/** Moves a project on, telling what came of it. */
export function useMove(project: Project) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (sent: { move: Move['move']; reason?: string }) =>
      call(moveProject, { project_id: project.id, ...sent }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['projects'] }),
  })
}

/** Moves that a decision makes are made on the decision's page. */
const byDecision: readonly string[] = ['approve', 'reject', 'request_more']
/** Next steps of the developer have their button there. */
const above: readonly string[] = ['register', 'submit']

/** What else may be done with the project now; the main next step stands above. */
export function MoveButtons({ project }: { project: Project }) {
  const { t } = useWords()
  const move = useMove(project)
  const [asked, setAsked] = useState<Move>()
  const open = project.moves.filter((each) => !byDecision.includes(each.move) && !above.includes(each.move))
  if (open.length === 0) return null
  return (
    <section aria-labelledby="moves">
      <h2 id="moves" className="text-xl">
        {t('projects.moves.title')}
      </h2>
      <ul className="mt-3 flex flex-wrap gap-3">
        {open.map((each) => {
          const lacks = each.missing.filter((what) => what !== 'reason')
          return (
            <li key={each.move}>
              <ActionButton
                className="button button-plain button-small"
                busy={move.isPending || lacks.length > 0}
                onClick={() => (each.requires.includes('reason') ? setAsked(each) : move.mutate({ move: each.move }))}
              >
                {t(`projects.move.${each.move}`)}
              </ActionButton>
              {lacks.length > 0 && (
                <p className="mt-1 text-sm text-soft">
                  {t('projects.moves.lacks', { what: lacks.map((what) => t(`projects.lacks.${what}`)).join(', ') })}
                </p>
              )}
            </li>
          )
        })}
      </ul>
      <ActionProblem action={move} />
      {asked && (
        <ReasonDialog
          title={t(`projects.move.${asked.move}`)}
          busy={move.isPending}
          onSend={(reason) => move.mutate({ move: asked.move, reason }, { onSuccess: () => setAsked(undefined) })}
          onClose={() => setAsked(undefined)}
        />
      )}
    </section>
  )
}

/** Asks for a reason in writing before something is done. */
export function ReasonDialog({
  title,
  says,
  busy,
  onSend,
  onClose,
}: {
  title: string
  says?: string
  busy: boolean
  onSend: (reason: string) => void
  onClose: () => void
}) {
  const { t } = useWords()
  const id = useId()
  const [reason, setReason] = useState('')
  const [tries, setTries] = useState(0)
  const lacks = tries > 0 && reason.trim() === ''
  return (
    <Dialog open title={title} {...(says === undefined ? {} : { says })} onClose={onClose}>
      <Form
        refused={tries}
        onSubmit={() => {
          setTries(tries + 1)
          if (reason.trim() !== '') onSend(reason.trim())
        }}
      >
        <label htmlFor={id} className="mb-1 block font-semibold">
          {t('projects.reason')}
        </label>
        <textarea
          id={id}
          className="field h-28"
          maxLength={4000}
          value={reason}
          aria-invalid={lacks}
          aria-describedby={`${id}-fault`}
          onChange={({ target }) => setReason(target.value)}
        />
        <p id={`${id}-fault`} className="mt-1 font-semibold text-bad">
          {lacks && t('projects.fault.needed')}
        </p>
        <div className="mt-4 flex flex-wrap gap-3">
          <Submit busy={busy}>{title}</Submit>
          <button type="button" className="button button-plain" onClick={onClose}>
            {t('app.cancel')}
          </button>
        </div>
      </Form>
    </Dialog>
  )
}
