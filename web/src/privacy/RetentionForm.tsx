import type { Me } from '@tidemark/core/accounts/contract.ts'
import { setRetention, type Retention } from '@tidemark/core/privacy/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { allowedTo } from '../lib/rights.ts'
import { Form, SelectField, Submit } from '../ui/fields.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { retentionQuery } from './queries.ts'

export function RetentionForm({ me }: { me: Me }) {
  const { t } = useWords()
  const asked = useQuery(retentionQuery())
  return (
    <Section title={t('privacy.retention')} says={t('privacy.retentionSays')} id="retention">
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data && <Fields me={me} kept={asked.data} />}
    </Section>
  )
}

const years = [1, 3, 5, 10, 20] as const
const days = [1, 7, 14, 30] as const

function Fields({ me, kept }: { me: Me; kept: Retention }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const allowed = allowedTo('accounts.manage_organisation', me, language)
  const [draft, setDraft] = useState(kept)
  const save = useMutation({
    mutationFn: () => call(setRetention, draft),
    onSuccess: (answer) => client.setQueryData(retentionQuery().queryKey, answer),
  })
  const months = new Set([
    ...years.map((year) => year * 12),
    ...(kept.calculations_months ? [kept.calculations_months] : []),
  ])
  return (
    <Form className="max-w-md space-y-5" onSubmit={() => save.mutate()}>
      <Refusal allowed={allowed} />
      <SelectField
        label={t('privacy.calculations')}
        help={t('privacy.calculationsHelp')}
        disabled={!allowed.allowed}
        value={String(draft.calculations_months ?? '')}
        options={[
          { value: '', text: t('privacy.forever') },
          ...[...months]
            .sort((a, b) => a - b)
            .map((each) => ({
              value: String(each),
              text: each % 12 === 0 ? t('privacy.years', { count: each / 12 }) : t('privacy.months', { count: each }),
            })),
        ]}
        onChange={(value) => setDraft({ ...draft, calculations_months: value === '' ? null : Number(value) })}
      />
      <SelectField
        label={t('privacy.deliveries')}
        disabled={!allowed.allowed}
        value={String(draft.deliveries_days)}
        options={[...new Set([...days, kept.deliveries_days])]
          .sort((a, b) => a - b)
          .map((each) => ({ value: String(each), text: t('privacy.days', { count: each }) }))}
        onChange={(value) => setDraft({ ...draft, deliveries_days: Number(value) })}
      />
      <ActionProblem action={save} />
      {allowed.allowed && <Submit busy={save.isPending}>{t('privacy.save')}</Submit>}
      {save.isSuccess && <Notice>{t('privacy.saved')}</Notice>}
    </Form>
  )
}
