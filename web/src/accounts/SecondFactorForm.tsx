import { secondFactor, type Me } from '@tidemark/core/accounts/contract.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call, isProblem } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Form, Submit, TextField } from '../ui/fields.tsx'
import { StepHeading } from '../ui/Notice.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'

/** The second half of signing in: six digits, or one of the codes that were kept for the day the phone is lost. */
export function SecondFactorForm({
  challenge,
  onDone,
  onBack,
}: {
  challenge: string
  onDone: (me: Me) => void
  onBack: () => void
}) {
  const { t } = useWords()
  const [code, setCode] = useState('')
  const [recovery, setRecovery] = useState(false)
  const [tries, setTries] = useState(0)
  const send = useMutation({
    mutationFn: () => call(secondFactor, { challenge, code }),
    onSuccess: (answer) => onDone(answer.me),
  })
  const enough = code.replaceAll(/[\s-]/g, '').length >= 6
  const wrong = isProblem(send.error, 'accounts/wrong-code')
  const fault = wrong
    ? t('signed.problem.accounts/wrong-code')
    : tries > 0 && !enough
      ? t('accounts.second.short')
      : undefined
  return (
    <Form
      className="space-y-5"
      refused={send.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (enough) send.mutate()
      }}
    >
      <StepHeading>{t('accounts.second.title')}</StepHeading>
      <TextField
        key={recovery ? 'recovery' : 'code'}
        label={t(recovery ? 'accounts.second.recovery' : 'accounts.second.code')}
        help={t(recovery ? 'accounts.second.recoveryHelp' : 'accounts.second.codeHelp')}
        value={code}
        fault={fault}
        autoComplete="one-time-code"
        inputMode={recovery ? 'text' : 'numeric'}
        autoCapitalize="none"
        spellCheck={false}
        maxLength={40}
        className="font-mono tracking-wide"
        onChange={setCode}
      />
      {send.error && !wrong && <ProblemPanel error={send.error} />}
      <div className="flex flex-wrap items-center gap-3">
        <Submit busy={send.isPending}>{t('accounts.second.do')}</Submit>
        <button type="button" className="button button-plain" onClick={onBack}>
          {t('accounts.second.back')}
        </button>
      </div>
      <button
        type="button"
        className="link min-h-11 text-left"
        onClick={() => {
          setRecovery(!recovery)
          setCode('')
          setTries(0)
          send.reset()
        }}
      >
        {t(recovery ? 'accounts.second.useCode' : 'accounts.second.useRecovery')}
      </button>
    </Form>
  )
}
