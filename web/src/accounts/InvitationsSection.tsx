import { invite, revokeInvitation, type listInvitations, type Me } from '@tidemark/core/accounts/contract.ts'
import { isEmail } from '@tidemark/core/accounts/email.ts'
import { roleSentences, rolesGrantedBy, type Role } from '@tidemark/core/accounts/permissions.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, type AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { allowedTo, roleName } from '../lib/rights.ts'
import { Form, SelectField, Submit, TextField, useFaultAt } from '../ui/fields.tsx'
import { ActionButton } from '../ui/ActionButton.tsx'
import { Notice } from '../ui/Notice.tsx'
import { focusSection, Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { Empty, Row, Rows } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'
import { invitationsQuery } from './queries.ts'

export function InvitationsSection({ me, organisation_id }: { me: Me; organisation_id: string }) {
  const { t, language } = useWords()
  const allowed = allowedTo('accounts.invite', me, language)
  return (
    <Section title={t('accounts.invitations.title')} says={t('accounts.invitations.says')} id="invitations">
      {allowed.allowed ? (
        <>
          <InviteForm me={me} organisation_id={organisation_id} />
          <InvitationList organisation_id={organisation_id} />
        </>
      ) : (
        <Refusal allowed={allowed} />
      )}
    </Section>
  )
}

function InviteForm({ me, organisation_id }: { me: Me; organisation_id: string }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('editor')
  const [tries, setTries] = useState(0)
  const granted = me.role ? rolesGrantedBy(me.role) : []
  const send = useMutation({
    mutationFn: () => call(invite, { organisation_id, email, role, locale: language }),
    onSuccess: async () => {
      setEmail('')
      setTries(0)
      await client.invalidateQueries({ queryKey: invitationsQuery(organisation_id).queryKey })
    },
  })
  const faultAt = useFaultAt(send.error)
  const fault = isEmail(email.trim()) ? undefined : t('signed.emailFault')
  return (
    <Form
      className="space-y-5"
      refused={send.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (!fault) send.mutate()
      }}
    >
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField
          label={t('accounts.email')}
          type="email"
          autoComplete="off"
          value={email}
          fault={tries > 0 ? (fault ?? faultAt('email')) : undefined}
          onChange={setEmail}
        />
        <SelectField
          label={t('accounts.invitations.role')}
          value={role}
          options={granted.map((each) => ({ value: each, text: roleName(each, language) }))}
          onChange={(value) => setRole(granted.find((each) => each === value) ?? role)}
        />
      </div>
      <p className="text-soft" aria-live="polite">
        {roleSentences[role][language]}
      </p>
      <ActionProblem action={send} />
      <Submit busy={send.isPending}>{t('accounts.invitations.do')}</Submit>
      {send.data && <Notice>{t('accounts.invitations.sent', { email: send.data.email })}</Notice>}
    </Form>
  )
}

function InvitationList({ organisation_id }: { organisation_id: string }) {
  const { t } = useWords()
  const asked = useQuery(invitationsQuery(organisation_id))
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  if (!asked.data) return null
  if (asked.data.invitations.length === 0) {
    return (
      <div className="mt-6">
        <Empty>{t('accounts.invitations.none')}</Empty>
      </div>
    )
  }
  return (
    <div className="mt-6">
      <Rows label={t('accounts.invitations.title')}>
        {asked.data.invitations.map((invitation) => (
          <InvitationRow key={invitation.invitation_id} organisation_id={organisation_id} invitation={invitation} />
        ))}
      </Rows>
    </div>
  )
}

function InvitationRow({
  organisation_id,
  invitation,
}: {
  organisation_id: string
  invitation: AnswerOf<typeof listInvitations>['invitations'][number]
}) {
  const { t, format, language } = useWords()
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => call(revokeInvitation, { organisation_id, invitation_id: invitation.invitation_id }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: invitationsQuery(organisation_id).queryKey })
      focusSection('invitations')
    },
  })
  return (
    <Row
      title={
        <>
          {invitation.email}
          {invitation.state !== 'open' && <Tag>{t(`accounts.invitations.state.${invitation.state}`)}</Tag>}
        </>
      }
      says={t('accounts.invitations.by', {
        role: roleName(invitation.role, language),
        by: invitation.invited_by,
        until: format.day(invitation.expires_at),
      })}
    >
      {invitation.state === 'open' && (
        <ActionButton
          className="button button-plain button-small"
          busy={revoke.isPending}
          onClick={() => revoke.mutate()}
        >
          {t('accounts.invitations.revoke')}
          <span className="sr-only"> {invitation.email}</span>
        </ActionButton>
      )}
      <ActionProblem action={revoke} />
    </Row>
  )
}
