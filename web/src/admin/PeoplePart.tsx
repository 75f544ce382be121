import { adminUpdatePerson, type adminListPeople } from '@tidemark/core/accounts/contract.ts'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, type AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { roleName } from '../lib/rights.ts'
import { Confirm } from '../ui/Dialog.tsx'
import { Row } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'
import { peopleQuery } from './queries.ts'
import { SearchedList, useSearched } from './SearchedList.tsx'

export function PeoplePart() {
  const { t } = useWords()
  const asked = useInfiniteQuery(peopleQuery(useSearched()))
  return (
    <SearchedList label={t('admin.part.people')} asked={asked} itemsOf={(page) => page.people}>
      {(person) => <PersonRow key={person.person_id} person={person} />}
    </SearchedList>
  )
}

type AdminPerson = AnswerOf<typeof adminListPeople>['people'][number]

function PersonRow({ person }: { person: AdminPerson }) {
  const { t, format, language } = useWords()
  const memberships = person.memberships.map(({ name, role }) => `${name} (${roleName(role, language)})`)
  return (
    <Row
      title={
        <>
          {person.name}
          {person.instance_admin && <Tag>{t('admin.isAdmin')}</Tag>}
          {person.suspended && <Tag>{t('admin.suspended')}</Tag>}
          {person.is_demo && <Tag>{t('app.account.demo')}</Tag>}
        </>
      }
      says={
        <>
          <p>
            {person.email}
            {!person.email_verified && !person.is_demo && ` · ${t('admin.unconfirmed')}`}
          </p>
          <p>
            {memberships.join(', ')}
            {memberships.length > 0 && ' · '}
            {person.last_seen_at === null
              ? t('admin.neverSeen')
              : t('admin.seen', { when: format.instant(person.last_seen_at) })}
          </p>
        </>
      }
    >
      {!person.is_demo && <PersonActions person={person} />}
    </Row>
  )
}

function PersonActions({ person }: { person: AdminPerson }) {
  const { t } = useWords()
  const me = useMe()
  const client = useQueryClient()
  const [asking, setAsking] = useState<'suspended' | 'instance_admin'>()
  const change = useMutation({
    mutationFn: (what: 'suspended' | 'instance_admin') =>
      call(adminUpdatePerson, { person_id: person.person_id, [what]: !person[what] }),
    onSuccess: async () => {
      setAsking(undefined)
      await client.invalidateQueries({ queryKey: ['admin'] })
    },
  })
  const self = me?.person.person_id === person.person_id
  const suspension = person.suspended ? 'restore' : 'suspend'
  const administration = person.instance_admin ? 'withdraw' : 'grant'
  return (
    <>
      {!self && (
        <button type="button" className="button button-plain button-small" onClick={() => setAsking('suspended')}>
          {t(`admin.${suspension}`)}
          <span className="sr-only"> {person.name}</span>
        </button>
      )}
      <button type="button" className="button button-plain button-small" onClick={() => setAsking('instance_admin')}>
        {t(`admin.${administration}`)}
        <span className="sr-only"> {person.name}</span>
      </button>
      <Confirm
        open={asking !== undefined}
        title={person.name}
        says={t(`admin.${asking === 'suspended' ? suspension : administration}Says`)}
        action={t(`admin.${asking === 'suspended' ? suspension : administration}`)}
        busy={change.isPending}
        problem={<ActionProblem action={change} />}
        onConfirm={() => asking && change.mutate(asking)}
        onClose={() => setAsking(undefined)}
      />
    </>
  )
}
