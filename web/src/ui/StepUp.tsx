import { stepUp } from '@tidemark/core/accounts/contract.ts'
import { useMutation, type UseMutationResult } from '@tanstack/react-query'
import { useState } from 'react'
import { call, isProblem } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
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

function StepUp({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const { t } = useWords()
  const me = useMe()
  const [text, setText] = useState('')
  const by_code = me?.person.second_factor === true
  const confirm = useMutation({
    mutationFn: () => call(stepUp, by_code ? { code: text } : { password: text }),
    onSuccess: onDone,
  })
  return (
    <Dialog open title={t('signed.stepUp.title')} says={t('signed.stepUp.says')} onClose={onClose}>
      {me && !by_code && !me.person.has_password ? (
        <p>{t('signed.stepUp.provider')}</p>
      ) : (
        <Form className="space-y-4" refused={confirm.error} onSubmit={() => text !== '' && confirm.mutate()}>
          {by_code ? (
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
            <Submit busy={confirm.isPending}>{t('signed.stepUp.do')}</Submit>
            <button type="button" className="button button-plain" onClick={onClose}>
              {t('app.cancel')}
            </button>
          </div>
        </Form>
      )}
    </Dialog>
  )
}
