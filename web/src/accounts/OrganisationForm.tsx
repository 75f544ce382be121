import { updateOrganisation, type Me, type OrganisationProfile } from '@tidemark/core/accounts/contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { readNumber } from '../lib/read-number.ts'
import { allowedTo } from '../lib/rights.ts'
import { Form, Submit, TextField, useFaultAt } from '../ui/fields.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Section } from '../ui/Page.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { CountryField } from './ClaimPage.tsx'
import { organisationQuery } from './queries.ts'

type Site = OrganisationProfile['sites'][number]

/** What is typed, as text: numbers are read when the form is sent. */
function draftOf(organisation: OrganisationProfile, write: (value: number) => string) {
  const { name, country, sector, employees, turnover_eur, sites } = organisation
  return {
    name,
    country,
    sector: sector ?? '',
    employees: employees === null ? '' : write(employees),
    turnover: turnover_eur === null ? '' : write(turnover_eur),
    sites: sites.map((site, index) => ({ id: index, ...site })),
  }
}

export function OrganisationForm({ me, organisation }: { me: Me; organisation: OrganisationProfile }) {
  const { t, format, language } = useWords()
  const client = useQueryClient()
  const allowed = allowedTo('accounts.manage_organisation', me, language)
  const [draft, setDraft] = useState(() => draftOf(organisation, format.exact))
  const [tries, setTries] = useState(0)
  const numbers = { employees: readNumber(draft.employees, language), turnover: readNumber(draft.turnover, language) }
  const numberFault = (value: number | string | undefined) =>
    typeof value === 'string' || (value !== undefined && value < 0) ? t('accounts.organisation.numberFault') : undefined
  const faults = {
    name: draft.name.trim() === '' ? t('signed.required') : undefined,
    employees:
      numberFault(numbers.employees) ??
      (Number.isInteger(numbers.employees ?? 0) ? undefined : t('accounts.organisation.wholeFault')),
    turnover: numberFault(numbers.turnover),
    site: draft.sites.some((site) => site.name.trim() === '' || site.country === ''),
  }
  const { organisation_id } = organisation
  const save = useMutation({
    mutationFn: () =>
      call(updateOrganisation, {
        organisation_id,
        name: draft.name.trim(),
        country: draft.country,
        sector: draft.sector.trim() === '' ? null : draft.sector.trim().toUpperCase(),
        employees: typeof numbers.employees === 'number' ? numbers.employees : null,
        turnover_eur: typeof numbers.turnover === 'number' ? numbers.turnover : null,
        sites: draft.sites.map(({ name, country, city }) => ({ name, country, ...(city?.trim() ? { city } : {}) })),
      }),
    onSuccess: async (answer) => {
      client.setQueryData(organisationQuery(organisation_id).queryKey, answer)
      await client.invalidateQueries({ queryKey: ['accounts', 'state'] })
    },
  })
  return (
    <Section title={t('accounts.organisation.profile')} id="profile">
      <Refusal allowed={allowed} />
      <Form
        className="mt-4 space-y-5"
        refused={save.error ?? tries}
        onSubmit={() => {
          setTries(tries + 1)
          if (!faults.name && !faults.employees && !faults.turnover && !faults.site) save.mutate()
        }}
      >
        <fieldset disabled={!allowed.allowed} className="space-y-5">
          <legend className="sr-only">{t('accounts.organisation.profile')}</legend>
          <ProfileFields draft={draft} setDraft={setDraft} faults={faults} error={save.error} />
          <Sites sites={draft.sites} tried={tries > 0} onChange={(sites) => setDraft({ ...draft, sites })} />
          <ActionProblem action={save} />
          {allowed.allowed && <Submit busy={save.isPending}>{t('accounts.save')}</Submit>}
          {save.isSuccess && <Notice>{t('accounts.saved')}</Notice>}
        </fieldset>
      </Form>
    </Section>
  )
}

type Draft = ReturnType<typeof draftOf>

function ProfileFields({
  draft,
  setDraft,
  faults,
  error,
}: {
  draft: Draft
  setDraft: (draft: Draft) => void
  faults: { name?: string | undefined; employees?: string | undefined; turnover?: string | undefined }
  error: unknown
}) {
  const { t } = useWords()
  const faultAt = useFaultAt(error)
  return (
    <>
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField
          label={t('accounts.name')}
          maxLength={200}
          value={draft.name}
          fault={faults.name ?? faultAt('name')}
          onChange={(name) => setDraft({ ...draft, name })}
        />
        <CountryField value={draft.country} onChange={(country) => setDraft({ ...draft, country })} />
      </div>
      <TextField
        label={t('accounts.organisation.sector')}
        help={t('accounts.organisation.sectorHelp')}
        maxLength={10}
        value={draft.sector}
        fault={faultAt('sector')}
        onChange={(sector) => setDraft({ ...draft, sector })}
      />
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField
          label={t('accounts.organisation.employees')}
          inputMode="numeric"
          value={draft.employees}
          fault={faults.employees ?? faultAt('employees')}
          onChange={(employees) => setDraft({ ...draft, employees })}
        />
        <TextField
          label={t('accounts.organisation.turnover')}
          inputMode="decimal"
          value={draft.turnover}
          fault={faults.turnover ?? faultAt('turnover_eur')}
          onChange={(turnover) => setDraft({ ...draft, turnover })}
        />
      </div>
    </>
  )
}

type DraftSite = Site & { id: number }

function Sites({
  sites,
  tried,
  onChange,
}: {
  sites: readonly DraftSite[]
  tried: boolean
  onChange: (sites: DraftSite[]) => void
}) {
  const { t } = useWords()
  const change = (site: DraftSite) => onChange(sites.map((each) => (each.id === site.id ? site : each)))
  const needed = (value: string) => (tried && value.trim() === '' ? t('signed.required') : undefined)
  return (
    <fieldset>
      <legend className="font-semibold">{t('accounts.organisation.sites')}</legend>
      <ol className="mt-2 space-y-3">
        {sites.map((site, index) => (
          <li key={site.id} className="card p-4">
            <fieldset>
              <legend className="label">{t('accounts.organisation.site', { number: String(index + 1) })}</legend>
              <div className="mt-1 grid gap-4 sm:grid-cols-3">
                <TextField
                  label={t('accounts.name')}
                  maxLength={200}
                  value={site.name}
                  fault={needed(site.name)}
                  onChange={(name) => change({ ...site, name })}
                />
                <TextField
                  label={t('accounts.organisation.city')}
                  maxLength={120}
                  value={site.city ?? ''}
                  onChange={(city) => change({ ...site, city })}
                />
                <CountryField
                  value={site.country}
                  fault={needed(site.country)}
                  onChange={(country) => change({ ...site, country })}
                />
              </div>
              <button
                type="button"
                className="button button-plain button-small mt-3"
                onClick={() => onChange(sites.filter((each) => each.id !== site.id))}
              >
                {t('accounts.organisation.removeSite')}
                <span className="sr-only"> {site.name}</span>
              </button>
            </fieldset>
          </li>
        ))}
      </ol>
      <button
        type="button"
        className="button button-plain button-small mt-3"
        onClick={() =>
          onChange([...sites, { id: Math.max(-1, ...sites.map((site) => site.id)) + 1, name: '', country: '' }])
        }
      >
        {t('accounts.organisation.addSite')}
      </button>
    </fieldset>
  )
}
