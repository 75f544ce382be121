import { adminUpdateOrganisation, type adminListOrganisations } from '@tidemark/core/accounts/contract.ts'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { call, type AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Row } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'
import { organisationsQuery } from './queries.ts'
import { SearchedList, useSearched } from './SearchedList.tsx'

export function OrganisationsPart() {
  const { t } = useWords()
  const asked = useInfiniteQuery(organisationsQuery(useSearched()))
  return (
    <SearchedList label={t('admin.part.organisations')} asked={asked} itemsOf={(page) => page.organisations}>
      {(organisation) => <OrganisationRow key={organisation.organisation_id} organisation={organisation} />}
    </SearchedList>
  )
}

const plans = ['free', 'pro', 'enterprise'] as const
type Organisation = AnswerOf<typeof adminListOrganisations>['organisations'][number]

function OrganisationRow({ organisation }: { organisation: Organisation }) {
  const { t, format } = useWords()
  const client = useQueryClient()
  const { organisation_id, name, country, plan, members, created_at, deletion_due_at, is_demo } = organisation
  const change = useMutation({
    mutationFn: (next: (typeof plans)[number]) => call(adminUpdateOrganisation, { organisation_id, plan: next }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['admin'] }),
  })
  return (
    <Row
      title={
        <>
          {name}
          {is_demo && <Tag>{t('app.account.demo')}</Tag>}
          {deletion_due_at !== null && <Tag>{t('admin.closing', { day: format.day(deletion_due_at) })}</Tag>}
        </>
      }
      says={`${format.country(country)} · ${t('admin.members', { count: members })} · ${format.day(created_at)}`}
    >
      <label>
        <span className="sr-only">{t('admin.planOf', { name })}</span>
        <select
          className="field min-h-9 py-1 text-[0.9375rem]"
          value={plan}
          aria-busy={change.isPending}
          onChange={(event) => {
            const next = plans.find((each) => each === event.target.value)
            if (next && !change.isPending) change.mutate(next)
          }}
        >
          {plans.map((each) => (
            <option key={each} value={each}>
              {t(`admin.plan.${each}`)}
            </option>
          ))}
        </select>
      </label>
      <ActionProblem action={change} />
    </Row>
  )
}
