import { leaveOrganisation, switchOrganisation, type Me } from '@tidemark/core/accounts/contract.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useRememberMe } from '../lib/me.ts'
import { roleName } from '../lib/rights.ts'
import { ActionButton } from '../ui/ActionButton.tsx'
import { Confirm } from '../ui/Dialog.tsx'
import { Loading } from '../ui/Loading.tsx'
import { FactorWall } from '../ui/NoOrganisation.tsx'
import { Notice } from '../ui/Notice.tsx'
import { focusSection, Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Row, Rows } from '../ui/Rows.tsx'
import { SettingsPage } from '../ui/SettingsPage.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'
import { CreateOrganisationForm } from './CreateOrganisationForm.tsx'
import { FactorRequirement } from './FactorRequirement.tsx'
import { InvitationsSection } from './InvitationsSection.tsx'
import { MembersSection } from './MembersSection.tsx'
import { OrganisationForm } from './OrganisationForm.tsx'
import { PlanUse } from './PlanUse.tsx'
import { organisationQuery } from './queries.ts'

export function OrganisationPage() {
  const { t } = useWords()
  return (
    <SettingsPage title={t('accounts.organisation.title')} lead={t('accounts.organisation.says')}>
      {(me) => (
        <>
          {me.organisation_id !== null ? (
            <Current key={me.organisation_id} me={me} organisation_id={me.organisation_id} />
          ) : me.second_factor_required_by === null ? (
            <Notice tone="note">{t('accounts.organisation.none')}</Notice>
          ) : (
            <FactorWall me={me} name={me.second_factor_required_by.name} />
          )}
          {me.memberships.length > 0 && <Mine me={me} />}
          {!me.person.is_demo && (
            <Section
              title={t(
                me.memberships.length > 0 ? 'accounts.organisation.create' : 'accounts.organisation.createFirst',
              )}
              id="create"
            >
              <CreateOrganisationForm />
            </Section>
          )}
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
      {!asked.data.is_demo && <FactorRequirement me={me} organisation={asked.data} />}
      <PlanUse organisation_id={organisation_id} />
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
  const change = useMutation({
    mutationFn: () => call(switchOrganisation, { organisation_id }),
    onSuccess: (answer) => {
      remember(answer)
      focusSection('mine')
    },
  })
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
        <ActionButton
          className="button button-plain button-small"
          busy={change.isPending}
          onClick={() => change.mutate()}
        >
          {t('accounts.organisation.switch')}
          <span className="sr-only"> {name}</span>
        </ActionButton>
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
