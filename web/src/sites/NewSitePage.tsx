import { addSite } from '@tidemark/core/sites/contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { Page } from '../ui/Page.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { emptyDraft, type SiteSent } from './draft.ts'
import { SiteForm } from './SiteForm.tsx'

export function NewSitePage() {
  const { t, language } = useWords()
  const allowed = allowedTo('sites.manage', useMe(), language)
  return (
    <InOrganisation title={t('sites.add')}>
      <Page wide title={t('sites.add')} lead={t('sites.form.says')}>
        {allowed.allowed ? <NewSite /> : <Refusal allowed={allowed} />}
      </Page>
    </InOrganisation>
  )
}

function NewSite() {
  const { t } = useWords()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [start] = useState(() => emptyDraft(firstCountry(), Intl.DateTimeFormat().resolvedOptions().timeZone))
  const add = useMutation({
    mutationFn: (site: SiteSent) => call(addSite, site),
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: ['sites'] })
      return navigate({ to: paths.site, params: { id }, search: { part: 'devices' } })
    },
  })
  return (
    <SiteForm
      start={start}
      busy={add.isPending}
      problem={<ActionProblem action={add} />}
      refused={add.error}
      action={t('sites.form.do')}
      beside={
        <Link to={paths.sites} className="button button-plain">
          {t('app.cancel')}
        </Link>
      }
      onSend={(site) => add.mutate(site)}
    />
  )
}

/** The country of the browser's language, where it names one: `en-GB`. */
function firstCountry(): string {
  const named = navigator.languages.map((each) => new Intl.Locale(each).region).find((each) => each !== undefined)
  return named ?? (navigator.language.startsWith('fr') ? 'FR' : 'GB')
}
