import type { Me } from '@tidemark/core/accounts/contract.ts'
import { unlinkIdentity, type listIdentities } from '@tidemark/core/accounts/passkeys-contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, type AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { stateQuery, type Instance } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { Confirm } from '../ui/Dialog.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Row, Rows } from '../ui/Rows.tsx'
import { ActionProblem, StepUp } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'
import { identitiesQuery } from './queries.ts'

type Identity = AnswerOf<typeof listIdentities>['identities'][number]

/** Accounts elsewhere that open this one; nothing where there are none and none is offered. */
export function IdentitiesSection({ me }: { me: Me }) {
  const { t } = useWords()
  const asked = useQuery(identitiesQuery())
  const offered = useQuery(stateQuery()).data?.instance.providers ?? []
  const linked = asked.data?.identities ?? []
  if (offered.length === 0 && linked.length === 0) return null
  const addable = asked.data ? offered.filter(({ id }) => !linked.some((each) => each.provider === id)) : []
  return (
    <Section title={t('accounts.identities.title')} says={t('accounts.identities.says')} id="identities">
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {linked.length > 0 && (
        <Rows label={t('accounts.identities.title')}>
          {linked.map((identity) => (
            <IdentityRow key={identity.identity_id} identity={identity} />
          ))}
        </Rows>
      )}
      {addable.length > 0 && (
        <div className="mt-4 flex flex-wrap gap-3">
          {addable.map((provider) => (
            <AddButton key={provider.id} me={me} provider={provider} />
          ))}
        </div>
      )}
    </Section>
  )
}

/** Whether it is still the same person is asked here: on the way to the provider there is nobody left to ask. */
function AddButton({ me, provider: { id, name } }: { me: Me; provider: Instance['providers'][number] }) {
  const { t } = useWords()
  const [asking, setAsking] = useState(false)
  // Not a link of the router: the server sends the browser to the provider.
  const go = () =>
    location.assign(`/api/v1/auth/oidc/${encodeURIComponent(id)}?${new URLSearchParams({ return_to: paths.security })}`)
  const confirmed = () => me.stepped_up_until !== null && Date.parse(me.stepped_up_until) > Date.now() + 20_000
  return (
    <>
      <button type="button" className="button button-plain" onClick={() => (confirmed() ? go() : setAsking(true))}>
        {t('accounts.identities.add', { name })}
      </button>
      {asking && <StepUp onDone={go} onClose={() => setAsking(false)} />}
    </>
  )
}

function IdentityRow({ identity }: { identity: Identity }) {
  const { t, format } = useWords()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const { identity_id, provider_name: name, offered, subject, created_at } = identity
  const unlink = useMutation({
    mutationFn: () => call(unlinkIdentity, { identity_id }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['accounts'] })
      setAsking(false)
    },
  })
  return (
    <Row
      title={
        <>
          {name}
          {!offered && <Tag>{t('accounts.identities.notOffered')}</Tag>}
        </>
      }
      says={t('accounts.identities.since', { day: format.day(created_at), subject })}
    >
      <button type="button" className="button button-plain button-small" onClick={() => setAsking(true)}>
        {t('accounts.identities.remove')}
        <span className="sr-only"> {name}</span>
      </button>
      <Confirm
        open={asking}
        title={t('accounts.identities.removeTitle', { name })}
        says={t('accounts.identities.removeSays')}
        action={t('accounts.identities.remove')}
        busy={unlink.isPending}
        problem={<ActionProblem action={unlink} />}
        onConfirm={() => unlink.mutate()}
        onClose={() => setAsking(false)}
      />
    </Row>
  )
}
