import {
  confirmSecondFactor,
  disableSecondFactor,
  enrolSecondFactor,
  renewRecoveryCodes,
  type Me,
} from '@tidemark/core/accounts/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, isProblem, type AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { saveFile } from '../lib/save-file.ts'
import { ActionButton } from '../ui/ActionButton.tsx'
import { CopyableValue, CopyButton } from '../ui/Copyable.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Form, Submit, TextField } from '../ui/fields.tsx'
import { Notice, StepHeading } from '../ui/Notice.tsx'
import { focusSection, Section } from '../ui/Page.tsx'
import { PasswordField } from '../ui/PasswordField.tsx'
import { Qr } from '../ui/Qr.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { secondFactorQuery } from './queries.ts'

/** Off, being set up, or on; and the recovery codes for as long as they have not been put away. */
export function SecondFactorSection({ me }: { me: Me }) {
  const { t } = useWords()
  const client = useQueryClient()
  const [begun, setBegun] = useState<AnswerOf<typeof enrolSecondFactor>>()
  const [codes, setCodes] = useState<readonly string[]>()
  const begin = useMutation({ mutationFn: () => call(enrolSecondFactor, {}), onSuccess: setBegun })
  return (
    <Section title={t('accounts.factor.title')} says={t('accounts.factor.says')} id="second-factor">
      {codes ? (
        <RecoveryCodes
          codes={codes}
          onDone={() => {
            setCodes(undefined)
            focusSection('second-factor')
          }}
        />
      ) : begun ? (
        <Enrolment
          begun={begun}
          onCancel={() => {
            setBegun(undefined)
            focusSection('second-factor')
          }}
          onDone={(fresh) => {
            setBegun(undefined)
            setCodes(fresh)
            void client.invalidateQueries({ queryKey: ['accounts'] })
          }}
        />
      ) : me.person.second_factor ? (
        <IsOn me={me} onCodes={setCodes} />
      ) : (
        <>
          <ActionButton className="button button-main" busy={begin.isPending} onClick={() => begin.mutate()}>
            {t('accounts.factor.begin')}
          </ActionButton>
          <ActionProblem action={begin} />
        </>
      )}
    </Section>
  )
}

function Enrolment({
  begun,
  onDone,
  onCancel,
}: {
  begun: AnswerOf<typeof enrolSecondFactor>
  onDone: (codes: readonly string[]) => void
  onCancel: () => void
}) {
  const { t } = useWords()
  const [code, setCode] = useState('')
  const [tries, setTries] = useState(0)
  const confirm = useMutation({
    mutationFn: () => call(confirmSecondFactor, { code }),
    onSuccess: (answer) => onDone(answer.recovery_codes),
  })
  const enough = code.replaceAll(/\D/g, '').length === 6
  const wrong = isProblem(confirm.error, 'accounts/wrong-code')
  const grouped = begun.secret_base32.replaceAll(/(.{4})(?=.)/g, '$1 ')
  return (
    <div className="card p-5">
      <StepHeading>{t('accounts.factor.scan')}</StepHeading>
      <p className="mt-2 text-soft">{t('accounts.factor.scanSays')}</p>
      <div className="mt-4 flex flex-wrap gap-6">
        <Qr text={begun.otpauth_uri} label={t('accounts.factor.qr')} />
        <div className="min-w-0 flex-1 basis-60">
          <dl>
            <CopyableValue name={t('accounts.factor.secret')} value={grouped} />
          </dl>
          <Form
            className="mt-4 space-y-4"
            refused={confirm.error ?? tries}
            onSubmit={() => {
              setTries(tries + 1)
              if (enough) confirm.mutate()
            }}
          >
            <TextField
              label={t('accounts.factor.code')}
              value={code}
              fault={wrong ? t('accounts.factor.wrong') : tries > 0 && !enough ? t('accounts.second.short') : undefined}
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={10}
              className="font-mono tracking-widest"
              onChange={setCode}
            />
            {!wrong && <ActionProblem action={confirm} />}
            <div className="flex flex-wrap gap-3">
              <Submit busy={confirm.isPending}>{t('accounts.factor.turnOn')}</Submit>
              <button type="button" className="button button-plain" onClick={onCancel}>
                {t('app.cancel')}
              </button>
            </div>
          </Form>
        </div>
      </div>
    </div>
  )
}

function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const { t } = useWords()
  const text = `${codes.join('\n')}\n`
  return (
    <div className="card border-sand p-5" data-testid="recovery-codes">
      <StepHeading>{t('accounts.factor.codes')}</StepHeading>
      <p className="mt-2">{t('accounts.factor.codesSays')}</p>
      <ul className="mt-4 grid gap-x-8 gap-y-1 font-mono sm:grid-cols-2">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="mt-5 flex flex-wrap gap-3">
        <CopyButton text={text} label={t('accounts.factor.codes')} />
        <button
          type="button"
          className="button button-plain button-small"
          onClick={() => saveFile('tidemark-recovery-codes.txt', text, 'text/plain')}
        >
          {t('app.download')}
        </button>
        <button type="button" className="button button-main button-small" onClick={onDone}>
          {t('accounts.factor.kept')}
        </button>
      </div>
    </div>
  )
}

function IsOn({ me, onCodes }: { me: Me; onCodes: (codes: readonly string[]) => void }) {
  const { t } = useWords()
  const client = useQueryClient()
  const state = useQuery(secondFactorQuery()).data
  const [ending, setEnding] = useState(false)
  const renew = useMutation({
    mutationFn: () => call(renewRecoveryCodes, {}),
    onSuccess: (answer) => {
      onCodes(answer.recovery_codes)
      void client.invalidateQueries({ queryKey: ['accounts'] })
    },
  })
  return (
    <>
      <Notice>{t('accounts.factor.on')}</Notice>
      {state && <p className="mb-4">{t('accounts.factor.left', { count: state.recovery_codes_left })}</p>}
      <div className="flex flex-wrap gap-3">
        <ActionButton className="button button-plain" busy={renew.isPending} onClick={() => renew.mutate()}>
          {t('accounts.factor.renew')}
        </ActionButton>
        <button type="button" className="button button-danger" onClick={() => setEnding(true)}>
          {t('accounts.factor.off')}
        </button>
      </div>
      <ActionProblem action={renew} />
      {ending && <DisableDialog me={me} onClose={() => setEnding(false)} />}
    </>
  )
}

function DisableDialog({ me, onClose }: { me: Me; onClose: () => void }) {
  const { t } = useWords()
  const client = useQueryClient()
  const [code, setCode] = useState('')
  const [password, setPassword] = useState('')
  const disable = useMutation({
    mutationFn: () => call(disableSecondFactor, { code, ...(me.person.has_password ? { password } : {}) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['accounts'] })
      onClose()
    },
  })
  return (
    <Dialog open title={t('accounts.factor.off')} says={t('accounts.factor.offSays')} onClose={onClose}>
      <Form className="space-y-4" refused={disable.error} onSubmit={() => code !== '' && disable.mutate()}>
        <TextField
          label={t('signed.stepUp.code')}
          help={t('signed.stepUp.codeHelp')}
          value={code}
          autoComplete="one-time-code"
          maxLength={40}
          onChange={setCode}
        />
        {me.person.has_password && (
          <PasswordField label={t('signed.stepUp.password')} value={password} onChange={setPassword} />
        )}
        <ActionProblem action={disable} />
        <div className="flex flex-wrap gap-3">
          <Submit danger busy={disable.isPending}>
            {t('accounts.factor.off')}
          </Submit>
          <button type="button" className="button button-plain" onClick={onClose}>
            {t('app.cancel')}
          </button>
        </div>
      </Form>
    </Dialog>
  )
}
