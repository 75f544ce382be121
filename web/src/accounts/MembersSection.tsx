import { changeRole, removeMember, type listMembers, type Me } from '@tidemark/core/accounts/contract.ts'
import { rolesGrantedBy, type Role } from '@tidemark/core/accounts/permissions.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { call, type AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { allowedTo, roleName } from '../lib/rights.ts'
import { Confirm } from '../ui/Dialog.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { Row, Rows } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'
import { membersQuery } from './queries.ts'

export function MembersSection({ me, organisation_id }: { me: Me; organisation_id: string }) {
  const { t, language } = useWords()
  const asked = useQuery(membersQuery(organisation_id))
  const allowed = allowedTo('accounts.manage_members', me, language)
  return (
    <Section title={t('accounts.members.title')} id="members">
      <Refusal allowed={allowed} />
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data && (
        <div className="mt-4">
          <Rows label={t('accounts.members.title')}>
            {asked.data.members.map((member) => (
              <MemberRow
                key={member.person_id}
                me={me}
                organisation_id={organisation_id}
                member={member}
                changeable={allowed.allowed}
              />
            ))}
          </Rows>
        </div>
      )}
    </Section>
  )
}

type Member = AnswerOf<typeof listMembers>['members'][number]

function MemberRow({
  me,
  organisation_id,
  member,
  changeable,
}: {
  me: Me
  organisation_id: string
  member: Member
  changeable: boolean
}) {
  const { t, format, language } = useWords()
  const self = member.person_id === me.person.person_id
  const granted = me.role ? rolesGrantedBy(me.role) : []
  // Whoever stands above cannot be changed from below.
  const within = changeable && granted.includes(member.role)
  return (
    <Row
      title={
        <>
          {member.name}
          {self && <Tag>{t('accounts.members.you')}</Tag>}
        </>
      }
      says={
        <>
          <p>{member.email}</p>
          <p>
            {t('accounts.members.since', { day: format.day(member.joined_at) })}
            {member.last_seen_at !== null &&
              ` · ${t('accounts.members.seen', { when: format.instant(member.last_seen_at) })}`}
            {member.second_factor !== null &&
              ` · ${t(member.second_factor ? 'accounts.members.factorOn' : 'accounts.members.factorOff')}`}
          </p>
        </>
      }
    >
      {within ? (
        <>
          <RoleSelect organisation_id={organisation_id} member={member} granted={granted} />
          {!self && <RemoveButton organisation_id={organisation_id} member={member} />}
        </>
      ) : (
        <span className="py-2">{roleName(member.role, language)}</span>
      )}
    </Row>
  )
}

function RemoveButton({ organisation_id, member }: { organisation_id: string; member: Member }) {
  const { t } = useWords()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: () => call(removeMember, { organisation_id, person_id: member.person_id }),
    onSuccess: async () => {
      setAsking(false)
      await client.invalidateQueries({ queryKey: ['accounts'] })
    },
  })
  return (
    <>
      <button type="button" className="button button-plain button-small" onClick={() => setAsking(true)}>
        {t('accounts.members.remove')}
        <span className="sr-only"> {member.name}</span>
      </button>
      <Confirm
        open={asking}
        title={t('accounts.members.removeTitle', { name: member.name })}
        says={t('accounts.members.removeSays')}
        action={t('accounts.members.remove')}
        busy={remove.isPending}
        problem={<ActionProblem action={remove} />}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  )
}

function RoleSelect({
  organisation_id,
  member,
  granted,
}: {
  organisation_id: string
  member: Member
  granted: readonly Role[]
}) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const id = useId()
  const change = useMutation({
    mutationFn: (role: Role) => call(changeRole, { organisation_id, person_id: member.person_id, role }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['accounts'] }),
  })
  return (
    <div>
      <label htmlFor={id} className="sr-only">
        {t('accounts.members.roleOf', { name: member.name })}
      </label>
      <select
        id={id}
        className="field min-h-9 py-1 text-[0.9375rem]"
        value={member.role}
        aria-busy={change.isPending}
        onChange={(event) => {
          const role = granted.find((each) => each === event.target.value)
          if (role && !change.isPending) change.mutate(role)
        }}
      >
        {granted.map((role) => (
          <option key={role} value={role}>
            {roleName(role, language)}
          </option>
        ))}
      </select>
      <ActionProblem action={change} />
    </div>
  )
}
