import { createOrganisation } from '@tidemark/core/accounts/contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { stateQuery } from '../lib/me.ts'
import { Form, Submit, TextField, useFaultAt } from '../ui/fields.tsx'
import { Notice } from '../ui/Notice.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { CountryField } from './ClaimPage.tsx'

/** Makes an organisation; from then on the person acts for it. */
export function CreateOrganisationForm() {
  const { t } = useWords()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [country, setCountry] = useState('')
  const [tries, setTries] = useState(0)
  const create = useMutation({
    mutationFn: () => call(createOrganisation, { name: name.trim(), country }),
    onSuccess: async () => {
      setName('')
      setCountry('')
      setTries(0)
      await client.invalidateQueries({ queryKey: stateQuery().queryKey })
    },
  })
  const faultAt = useFaultAt(create.error)
  const needed = (value: string) => (tries > 0 && value.trim() === '' ? t('signed.required') : undefined)
  return (
    <Form
      className="max-w-md space-y-5"
      refused={create.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (name.trim() !== '' && country !== '') create.mutate()
      }}
    >
      <TextField
        label={t('accounts.claim.organisation')}
        maxLength={200}
        value={name}
        fault={needed(name) ?? faultAt('name')}
        onChange={setName}
      />
      <CountryField value={country} fault={needed(country)} onChange={setCountry} />
      <ActionProblem action={create} />
      <Submit busy={create.isPending}>{t('accounts.organisation.createDo')}</Submit>
      {create.data && <Notice>{t('accounts.organisation.made', { name: create.data.name })}</Notice>}
    </Form>
  )
}
