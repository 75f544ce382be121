import { changeEmail, updateMe, type Me } from '@tidemark/core/accounts/contract.ts'
import { isEmail } from '@tidemark/core/accounts/email.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { setLanguage, useWords } from '../lib/i18n.ts'
import { useRememberMe } from '../lib/me.ts'
import { Form, SelectField, Submit, TextField, useFaultAt } from '../ui/fields.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Section } from '../ui/Page.tsx'
import { SettingsPage } from '../ui/SettingsPage.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'

export function ProfilePage() {
  const { t } = useWords()
  return (
    <SettingsPage title={t('accounts.profile.title')} lead={t('accounts.profile.says')}>
      {(me) => (
        <>
          <NameForm me={me} />
          <EmailForm me={me} />
        </>
      )}
    </SettingsPage>
  )
}

function NameForm({ me }: { me: Me }) {
  const { t } = useWords()
  const remember = useRememberMe()
  const [name, setName] = useState(me.person.name)
  const [locale, setLocale] = useState(me.person.locale)
  const [tries, setTries] = useState(0)
  const save = useMutation({
    mutationFn: () => call(updateMe, { name: name.trim(), locale }),
    onSuccess: (answer) => {
      setLanguage(locale)
      remember(answer)
    },
  })
  const faultAt = useFaultAt(save.error)
  const fault = name.trim() === '' ? t('signed.required') : undefined
  return (
    <Section title={t('accounts.profile.name')} id="name">
      <Form
        className="max-w-md space-y-5"
        refused={save.error ?? tries}
        onSubmit={() => {
          setTries(tries + 1)
          if (!fault) save.mutate()
        }}
      >
        <TextField
          label={t('accounts.name')}
          name="name"
          autoComplete="name"
          maxLength={120}
          value={name}
          fault={fault ?? faultAt('name')}
          onChange={setName}
        />
        <SelectField
          label={t('accounts.profile.locale')}
          help={t('accounts.profile.localeHelp')}
          value={locale}
          options={[
            { value: 'en', text: 'English' },
            { value: 'fr', text: 'Français' },
          ]}
          onChange={(value) => setLocale(value === 'fr' ? 'fr' : 'en')}
        />
        <ActionProblem action={save} />
        <Submit busy={save.isPending}>{t('accounts.save')}</Submit>
        {save.isSuccess && <Notice>{t('accounts.saved')}</Notice>}
      </Form>
    </Section>
  )
}

function EmailForm({ me }: { me: Me }) {
  const { t } = useWords()
  const [email, setEmail] = useState('')
  const [tries, setTries] = useState(0)
  const send = useMutation({ mutationFn: () => call(changeEmail, { email }) })
  const fault = isEmail(email.trim()) ? undefined : t('signed.emailFault')
  return (
    <Section title={t('accounts.email')} says={t('accounts.profile.emailSays', { email: me.person.email })} id="email">
      <Form
        className="max-w-md space-y-5"
        refused={tries}
        onSubmit={() => {
          setTries(tries + 1)
          if (!fault) send.mutate()
        }}
      >
        <TextField
          label={t('accounts.profile.newEmail')}
          type="email"
          name="email"
          autoComplete="email"
          value={email}
          fault={tries > 0 ? fault : undefined}
          onChange={setEmail}
        />
        <ActionProblem action={send} />
        <Submit busy={send.isPending}>{t('accounts.profile.emailDo')}</Submit>
        {send.isSuccess && <Notice>{t('accounts.profile.emailSent', { email })}</Notice>}
      </Form>
    </Section>
  )
}
