import { requireSecondFactor, type Me, type OrganisationProfile } from '@tidemark/core/accounts/contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { allowedTo } from '../lib/rights.ts'
import { Confirm } from '../ui/Dialog.tsx'
import { Section } from '../ui/Page.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { organisationQuery } from './queries.ts'

/** Whether every member needs a second factor. Asked before it is turned on, because it shows others a wall. */
export function FactorRequirement({ me, organisation }: { me: Me; organisation: OrganisationProfile }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const { organisation_id, second_factor_required: required } = organisation
  const change = useMutation({
    mutationFn: () => call(requireSecondFactor, { organisation_id, required: !required }),
    onSuccess: async (answer) => {
      client.setQueryData(organisationQuery(organisation_id).queryKey, answer)
      await client.invalidateQueries({ queryKey: ['accounts', 'state'] })
      setAsking(false)
    },
  })
  const allowed = allowedTo('accounts.require_second_factor', me, language)
  return (
    <Section
      title={t('accounts.organisation.requirement')}
      says={t('accounts.organisation.requirementSays')}
      id="requirement"
    >
      <p className="mb-3 font-semibold">
        {t(required ? 'accounts.organisation.required' : 'accounts.organisation.notRequired')}
      </p>
      <GuardedButton allowed={allowed} onClick={() => (required ? change.mutate() : setAsking(true))}>
        {t(required ? 'accounts.organisation.release' : 'accounts.organisation.require')}
      </GuardedButton>
      {!asking && <ActionProblem action={change} />}
      <Confirm
        open={asking}
        title={t('accounts.organisation.requireTitle')}
        says={t('accounts.organisation.requireConfirm')}
        action={t('accounts.organisation.require')}
        busy={change.isPending}
        problem={asking && <ActionProblem action={change} />}
        onConfirm={() => change.mutate()}
        onClose={() => {
          setAsking(false)
          change.reset()
        }}
      />
    </Section>
  )
}
