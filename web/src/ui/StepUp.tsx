import { stepUp } from '@tidemark/core/accounts/contract.ts'
import { useMutation, useQuery, type UseMutationResult } from '@tanstack/react-query'
import { useState } from 'react'
import { call, isProblem } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { stateQuery } from '../lib/me.ts'
import { confirmByPasskey, knowsPasskeys } from '../lib/passkeys.ts'
import { ActionButton } from './ActionButton.tsx'
import { Dialog } from './Dialog.tsx'
import { Form, Submit, TextField } from './fields.tsx'
import { PasswordField } from './PasswordField.tsx'
import { ProblemPanel } from './ProblemPanel.tsx'

const NEEDED = 'accounts/step-up-needed'

/**
 * What became of an action: nothing to say, a problem, or the question whether it is still the same person, after which
 * the action is done as it was asked.
 */
export function ActionProblem<Answer, Input>({ action }: { action: UseMutationResult<Answer, Error, Input> }) {
  if (!action.error) return null
  if (isProblem(action.error, NEEDED)) {
    return <StepUp onDone={() => action.mutate(action.variables as Input)} onClose={() => action.reset()} />
  }
  return (
    <div className="my-4">
      <ProblemPanel error={action.error} />
    </div>
  )
}

/** Asks whether it is still the same person: by a passkey, a code or the password, whichever they have. */
export function StepUp({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const { t } = useWords()
  const state = useQuery(stateQuery()).data
  const person = state?.me?.person
  const by_passkey = person !== undefined && person.passkeys > 0 && state?.instance.passkeys.usable && knowsPasskeys()
  // Where an authenticator is set up, the password alone is not enough to confirm.
  const by_text = person?.second_factor ? 'code' : person?.has_password === false ? undefined : 'password'
  return (
    <Dialog open title={t('signed.stepUp.title')} says={t('signed.stepUp.says')} onClose={onClose}>
      {by_passkey && <ByPasskey onDone={onDone} />}
      {by_text && (
        <>
          {by_passkey && (
            <p className="mt-6 mb-3 border-t border-rule pt-4 text-soft">{t(`signed.stepUp.or.${by_text}`)}</p>
          )}
          <ByText by={by_text} onDone={onDone} onClose={onClose} main={!by_passkey} />
        </>
      )}
      {!by_passkey && !by_text && <p>{t('signed.stepUp.provider')}</p>}
    </Dialog>
  )
}

function ByPasskey({ onDone }: { onDone: () => void }) {
  const { t } = useWords()
  const confirm = useMutation({ mutationFn: confirmByPasskey, onSuccess: onDone })
  return (
    <>
      <ActionButton className="button button-main w-full" busy={confirm.isPending} onClick={() => confirm.mutate()}>
        {t(confirm.isPending ? 'app.sending' : 'signed.stepUp.passkey')}
      </ActionButton>
      {confirm.error && (
        <div className="mt-4">
          <ProblemPanel error={confirm.error} />
        </div>
      )}
    </>
  )
}

function ByText({
  by,
  main,
  onDone,
  onClose,
}: {
  by: 'code' | 'password'
  main: boolean
  onDone: () => void
  onClose: () => void
}) {
  const { t } = useWords()
  const [text, setText] = useState('')
  const confirm = useMutation({
    mutationFn: () => call(stepUp, by === 'code' ? { code: text } : { password: text }),
    onSuccess: onDone,
  })
  return (
    <Form className="space-y-4" refused={confirm.error} onSubmit={() => text !== '' && confirm.mutate()}>
      {by === 'code' ? (
        <TextField
          label={t('signed.stepUp.code')}
          help={t('signed.stepUp.codeHelp')}
          value={text}
          onChange={setText}
          autoComplete="one-time-code"
          spellCheck={false}
          maxLength={40}
        />
      ) : (
        <PasswordField label={t('signed.stepUp.password')} value={text} onChange={setText} />
      )}
      {confirm.error && <ProblemPanel error={confirm.error} />}
      <div className="flex flex-wrap gap-3">
        <Submit busy={confirm.isPending} plain={!main}>
          {t('signed.stepUp.do')}
        </Submit>
        <button type="button" className="button button-plain" onClick={onClose}>
          {t('app.cancel')}
        </button>
      </div>
    </Form>
  )
}
