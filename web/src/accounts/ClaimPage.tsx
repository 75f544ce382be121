import { claim } from '@tidemark/core/accounts/contract.ts'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { countriesIn } from '../lib/countries.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Form, SelectField, Submit, TextField, useFaultAt } from '../ui/fields.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { useArrival, useLinkToken } from './arrival.ts'
import { AuthPage, CutLink } from './AuthPage.tsx'
import { PersonFields, usePersonDraft } from './PersonFields.tsx'

const route = getRouteApi(paths.claim)

/** The first real account, behind the link that the server printed when it started. */
export function ClaimPage() {
  const { t } = useWords()
  const token = useLinkToken(route.useSearch().token)
  return (
    <AuthPage title={t('accounts.claim.title')} lead={t('accounts.claim.says')}>
      {token === undefined ? (
        <CutLink>
          <p className="mt-3 text-soft">{t('accounts.claim.where')}</p>
        </CutLink>
      ) : (
        <ClaimForm token={token} />
      )}
    </AuthPage>
  )
}

function ClaimForm({ token }: { token: string }) {
  const { t, language } = useWords()
  const form = usePersonDraft()
  const [name, setName] = useState('')
  const [country, setCountry] = useState('')
  const arrive = useArrival(undefined)
  const send = useMutation({
    mutationFn: () =>
      call(claim, { token, ...form.draft, locale: language, organisation: { name: name.trim(), country } }),
    onSuccess: arrive,
  })
  const faultAt = useFaultAt(send.error)
  const needed = (value: string) => (form.tries > 0 && value.trim() === '' ? t('signed.required') : undefined)
  return (
    <Form
      className="space-y-5"
      refused={send.error ?? form.tries}
      onSubmit={() => {
        if (form.ready() && name.trim() !== '' && country !== '') send.mutate()
      }}
    >
      <PersonFields form={form} error={send.error} />
      <TextField
        label={t('accounts.claim.organisation')}
        name="organization"
        autoComplete="organization"
        maxLength={200}
        value={name}
        fault={needed(name) ?? faultAt('organisation/name')}
        onChange={setName}
      />
      <CountryField value={country} fault={needed(country)} onChange={setCountry} />
      {send.error && <ProblemPanel error={send.error} />}
      <Submit busy={send.isPending}>{t('accounts.claim.do')}</Submit>
    </Form>
  )
}

export function CountryField({
  value,
  fault,
  disabled = false,
  onChange,
}: {
  value: string
  fault?: string | undefined
  disabled?: boolean
  onChange: (code: string) => void
}) {
  const { t, language } = useWords()
  const options = countriesIn(language).map(({ code, name }) => ({ value: code, text: name }))
  return (
    <SelectField
      label={t('accounts.country')}
      value={value}
      fault={fault}
      disabled={disabled}
      options={[{ value: '', text: t('accounts.choose') }, ...options]}
      onChange={onChange}
    />
  )
}
