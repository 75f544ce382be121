import type { Me } from '@tidemark/core/accounts/contract.ts'
import { deleteMe, deleteOrganisation, keepMe, keepOrganisation } from '@tidemark/core/privacy/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { allowedTo, type Allowed } from '../lib/rights.ts'
import { Confirm } from '../ui/Dialog.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Notice } from '../ui/Notice.tsx'
import { focusSection, Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { deletionQuery } from './queries.ts'

/** Of the person, or of the organisation that is named: what goes, what stays and why, and the way back until the day. */
export function DeletionSection({ me, organisation_id }: { me: Me; organisation_id?: string }) {
  const { t, language } = useWords()
  const asked = useQuery(deletionQuery(organisation_id))
  const of = organisation_id === undefined ? 'person' : 'organisation'
  const allowed =
    organisation_id === undefined ? { allowed: true } : allowedTo('accounts.delete_organisation', me, language)
  return (
    <Section title={t(`privacy.deletion.${of}`)} says={t(`privacy.deletion.${of}Says`)} id={`delete-${of}`}>
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data && (
        <>
          <Stays stays={asked.data.deletion?.stays ?? asked.data.stays} />
          {asked.data.deletion?.state === 'scheduled' ? (
            <Scheduled organisation_id={organisation_id} due_at={asked.data.deletion.due_at} allowed={allowed} />
          ) : (
            <Ask organisation_id={organisation_id} allowed={allowed} />
          )}
        </>
      )}
    </Section>
  )
}

function Stays({ stays }: { stays: readonly { what: string; why_en: string; why_fr: string }[] }) {
  const { t, language } = useWords()
  if (stays.length === 0) return null
  return (
    <>
      <h3 className="text-lg">{t('privacy.deletion.stays')}</h3>
      <ul className="mt-2 mb-4 list-disc space-y-1 pl-5">
        {stays.map((each) => (
          <li key={each.what}>{language === 'fr' ? each.why_fr : each.why_en}</li>
        ))}
      </ul>
    </>
  )
}

function Scheduled({
  organisation_id,
  due_at,
  allowed,
}: {
  organisation_id: string | undefined
  due_at: string
  allowed: Allowed
}) {
  const { t, format } = useWords()
  const client = useQueryClient()
  const undo = useMutation({
    mutationFn: () => (organisation_id === undefined ? call(keepMe, {}) : call(keepOrganisation, { organisation_id })),
    onSuccess: async () => {
      await client.invalidateQueries()
      focusSection(`delete-${organisation_id === undefined ? 'person' : 'organisation'}`)
    },
  })
  return (
    <>
      <Notice tone="note">{t('privacy.deletion.due', { day: format.day(due_at) })}</Notice>
      <GuardedButton kind="main" allowed={allowed} onClick={() => undo.mutate()}>
        {t('privacy.deletion.undo')}
      </GuardedButton>
      <ActionProblem action={undo} />
    </>
  )
}

function Ask({ organisation_id, allowed }: { organisation_id: string | undefined; allowed: Allowed }) {
  const { t } = useWords()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const of = organisation_id === undefined ? 'person' : 'organisation'
  const remove = useMutation({
    mutationFn: () =>
      organisation_id === undefined ? call(deleteMe, {}) : call(deleteOrganisation, { organisation_id }),
    onSuccess: async () => {
      await client.invalidateQueries()
      setAsking(false)
      focusSection(`delete-${of}`)
    },
  })
  return (
    <>
      <GuardedButton kind="danger" allowed={allowed} onClick={() => setAsking(true)}>
        {t(`privacy.deletion.${of}Do`)}
      </GuardedButton>
      <Confirm
        open={asking}
        title={t(`privacy.deletion.${of}Title`)}
        says={t('privacy.deletion.grace')}
        action={t(`privacy.deletion.${of}Do`)}
        busy={remove.isPending}
        problem={<ActionProblem action={remove} />}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  )
}
