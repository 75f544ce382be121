import { createOrganisation, leaveOrganisation, switchOrganisation, type Me } from '@tidemark/core/accounts/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { stateQuery, useRememberMe } from '../lib/me.ts'
import { roleName } from '../lib/rights.ts'
import { Confirm } from '../ui/Dialog.tsx'
import { Form, Submit, TextField, useFaultAt } from '../ui/fields.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Row, Rows } from '../ui/Rows.tsx'
import { SettingsPage } from '../ui/SettingsPage.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'
import { CountryField } from './ClaimPage.tsx'
import { InvitationsSection } from './InvitationsSection.tsx'
import { MembersSection } from './MembersSection.tsx'
import { OrganisationForm } from './OrganisationForm.tsx'
import { organisationQuery } from './queries.ts'

export function OrganisationPage() {
  const { t } = useWords()
  return (
    <SettingsPage title={t('accounts.organisation.title')} lead={t('accounts.organisation.says')}>
      {(me) => (
        <>
          {me.organisation_id === null ? (
            <Notice tone="note">{t('accounts.organisation.none')}</Notice>
          ) : (
            <Current key={me.organisation_id} me={me} organisation_id={me.organisation_id} />
          )}
          <Mine me={me} />
          {!me.person.is_demo && <CreateForm />}
        </>
      )}
    </SettingsPage>
  )
}

function Current({ me, organisation_id }: { me: Me; organisation_id: string }) {
  const { t, format } = useWords()
  const asked = useQuery(organisationQuery(organisation_id))
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  return (
    <>
      {asked.data.deletion_due_at !== null && (
        <Notice tone="note">
          {t('accounts.organisation.closing', { day: format.day(asked.data.deletion_due_at) })}
        </Notice>
      )}
      <OrganisationForm me={me} organisation={asked.data} />
      <MembersSection me={me} organisation_id={organisation_id} />
      <InvitationsSection me={me} organisation_id={organisation_id} />
    </>
  )
}

/** Every organisation of the person: which one is acted for, and the way to another. */
function Mine({ me }: { me: Me }) {
  const { t } = useWords()
  return (
    <Section title={t('accounts.organisation.mine')} says={t('accounts.organisation.mineSays')} id="mine">
      <Rows label={t('accounts.organisation.mine')}>
        {me.memberships.map((membership) => (
          <Membership key={membership.organisation_id} me={me} membership={membership} />
        ))}
      </Rows>
    </Section>
  )
}

function Membership({ me, membership }: { me: Me; membership: Me['memberships'][number] }) {
  const { t, language } = useWords()
  const { organisation_id, name } = membership
  const remember = useRememberMe()
  const [leaving, setLeaving] = useState(false)
  const change = useMutation({ mutationFn: () => call(switchOrganisation, { organisation_id }), onSuccess: remember })
  const leave = useMutation({
    mutationFn: () => call(leaveOrganisation, { organisation_id }),
    onSuccess: (answer) => {
      setLeaving(false)
      remember(answer)
    },
  })
  const current = organisation_id === me.organisation_id
  return (
    <Row
      title={
        <>
          {name}
          {current && <Tag>{t('accounts.organisation.current')}</Tag>}
          {membership.is_demo && <Tag>{t('app.account.demo')}</Tag>}
        </>
      }
      says={roleName(membership.role, language)}
    >
      {!current && (
        <button
          type="button"
          className="button button-plain button-small"
          disabled={change.isPending}
          onClick={() => change.mutate()}
        >
          {t('accounts.organisation.switch')}
          <span className="sr-only"> {name}</span>
        </button>
      )}
      {!me.person.is_demo && (
        <button type="button" className="button button-plain button-small" onClick={() => setLeaving(true)}>
          {t('accounts.organisation.leave')}
          <span className="sr-only"> {name}</span>
        </button>
      )}
      <ActionProblem action={change} />
      <Confirm
        open={leaving}
        title={t('accounts.organisation.leaveTitle', { name })}
        says={t('accounts.organisation.leaveSays')}
        action={t('accounts.organisation.leave')}
        busy={leave.isPending}
        problem={<ActionProblem action={leave} />}
        onConfirm={() => leave.mutate()}
        onClose={() => setLeaving(false)}
      />
    </Row>
  )
}

function CreateForm() {
  const { t } = useWords()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [country, setCountry] = useState('')
  const [tries, setTries] = useState(0)
  const create = useMutation({
    mutationFn: () => call(createOrganisation, { name: name.trim(), country }),
    onSuccess: async () => {
      setName('')
      setTries(0)
      await client.invalidateQueries({ queryKey: stateQuery().queryKey })
    },
  })
  const faultAt = useFaultAt(create.error)
  const needed = (value: string) => (tries > 0 && value.trim() === '' ? t('signed.required') : undefined)
  return (
    <Section title={t('accounts.organisation.create')} id="create">
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
      </Form>
    </Section>
  )
}
