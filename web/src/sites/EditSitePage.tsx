import { changeSite, removeSite, type Site } from '@tidemark/core/sites/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { SimulatedTag } from '../telemetry/SimulatedTag.tsx'
import { Confirm } from '../ui/Dialog.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Page, Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { InOrganisation } from '../ui/SignedIn.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { draftOf, type SiteSent } from './draft.ts'
import { siteQuery } from './queries.ts'
import { SiteForm } from './SiteForm.tsx'

const route = getRouteApi(paths.editSite)

export function EditSitePage() {
  const { t } = useWords()
  return (
    <InOrganisation title={t('sites.title')}>
      <EditOne />
    </InOrganisation>
  )
}

function EditOne() {
  const { t } = useWords()
  const { id } = route.useParams()
  const asked = useQuery(siteQuery(id))
  if (asked.isPending) return <Loading />
  return (
    <Page wide title={asked.data?.name ?? t('sites.title')} lead={asked.data?.simulated ? <SimulatedTag /> : undefined}>
      {asked.error ? (
        <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
      ) : (
        <EditSite key={id} site={asked.data} />
      )}
    </Page>
  )
}

function EditSite({ site }: { site: Site }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [start] = useState(() => draftOf(site, language))
  const allowed = allowedTo('sites.manage', useMe(), language)
  const save = useMutation({
    mutationFn: (sent: SiteSent) => call(changeSite, { ...sent, id: site.id }),
    onSuccess: (saved) => {
      client.setQueryData(siteQuery(site.id).queryKey, saved)
      void client.invalidateQueries({ queryKey: ['sites'] })
      return navigate({ to: paths.site, params: { id: site.id } })
    },
  })
  return (
    <>
      <Refusal allowed={allowed} />
      <fieldset disabled={!allowed.allowed} className="mt-4 min-w-0">
        <SiteForm
          start={start}
          before={site}
          busy={save.isPending}
          problem={<ActionProblem action={save} />}
          refused={save.error}
          action={t('sites.form.save')}
          beside={
            <Link to={paths.site} params={{ id: site.id }} className="button button-plain">
              {t('app.cancel')}
            </Link>
          }
          onSend={(sent) => save.mutate(sent)}
        />
      </fieldset>
      {allowed.allowed && <RemoveSite site={site} />}
    </>
  )
}

function RemoveSite({ site }: { site: Site }) {
  const { t } = useWords()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: () => call(removeSite, { id: site.id }),
    onSuccess: async () => {
      await navigate({ to: paths.sites })
      client.removeQueries({ queryKey: siteQuery(site.id).queryKey })
      return client.invalidateQueries({ queryKey: ['sites', 'list'] })
    },
  })
  return (
    <Section title={t('sites.remove.title')} id="remove">
      <p className="mb-4 text-soft">{t('sites.remove.says')}</p>
      <button type="button" className="button button-danger" onClick={() => setAsking(true)}>
        {t('sites.remove.do')}
      </button>
      <Confirm
        open={asking}
        title={t('sites.remove.sure', { name: site.name })}
        says={t('sites.remove.says')}
        action={t('sites.remove.do')}
        busy={remove.isPending}
        problem={<ActionProblem action={remove} />}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      />
    </Section>
  )
}
