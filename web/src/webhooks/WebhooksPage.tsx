import type { Me } from '@tidemark/core/accounts/contract.ts'
import { create, webhookEvents, type WebhookEvent } from '@tidemark/core/webhooks/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, isProblem } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { allowedTo } from '../lib/rights.ts'
import { CheckList, Form, Submit, TextField, useFaultAt } from '../ui/fields.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { Empty, Rows } from '../ui/Rows.tsx'
import { SettingsPage } from '../ui/SettingsPage.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { EndpointRow, Secret } from './EndpointRow.tsx'
import { endpointsQuery } from './queries.ts'

export function WebhooksPage() {
  const { t } = useWords()
  return (
    <SettingsPage of_organisation title={t('webhooks.title')} lead={t('webhooks.says')}>
      {(me) => <Webhooks me={me} />}
    </SettingsPage>
  )
}

function Webhooks({ me }: { me: Me }) {
  const { t, language } = useWords()
  const allowed = allowedTo('webhooks.manage', me, language)
  if (!allowed.allowed) return <Refusal allowed={allowed} />
  return (
    <>
      <EndpointList />
      <Section title={t('webhooks.create')} id="create">
        <CreateForm />
      </Section>
    </>
  )
}

function EndpointList() {
  const { t } = useWords()
  const asked = useQuery(endpointsQuery())
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  if (asked.data.endpoints.length === 0) return <Empty>{t('webhooks.none')}</Empty>
  return (
    <Rows label={t('webhooks.title')}>
      {asked.data.endpoints.map((endpoint) => (
        <EndpointRow key={endpoint.endpoint_id} endpoint={endpoint} />
      ))}
    </Rows>
  )
}

function CreateForm() {
  const { t } = useWords()
  const client = useQueryClient()
  const [url, setUrl] = useState('')
  const [description, setDescription] = useState('')
  const [events, setEvents] = useState<string[]>(['calculation.created', 'certificate.issued'])
  const [tries, setTries] = useState(0)
  const send = useMutation({
    mutationFn: () => call(create, { url: url.trim(), description, events: events as WebhookEvent[] }),
    onSuccess: () => {
      setUrl('')
      setDescription('')
      setTries(0)
      return client.invalidateQueries({ queryKey: endpointsQuery().queryKey })
    },
  })
  const faultAt = useFaultAt(send.error)
  const refused = isProblem(send.error, 'webhooks/refused-url') ? t('signed.problem.webhooks/refused-url') : undefined
  const fault = /^https?:\/\/./.test(url.trim()) ? undefined : t('webhooks.urlFault')
  return (
    <Form
      className="space-y-5"
      refused={send.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (!fault && events.length > 0) send.mutate()
      }}
    >
      <TextField
        label={t('webhooks.url')}
        help={t('webhooks.urlHelp')}
        type="url"
        inputMode="url"
        autoComplete="off"
        maxLength={2000}
        value={url}
        fault={tries > 0 ? (fault ?? faultAt('url') ?? refused) : undefined}
        onChange={setUrl}
      />
      <TextField label={t('webhooks.description')} maxLength={200} value={description} onChange={setDescription} />
      <CheckList
        label={t('webhooks.events')}
        fault={tries > 0 && events.length === 0 ? t('webhooks.eventsFault') : faultAt('events')}
        chosen={events}
        choices={webhookEvents
          .filter((event) => event !== 'ping')
          .map((event) => ({
            value: event,
            text: t(`webhooks.event.${event.replace('.', '_') as 'calculation_created'}`),
          }))}
        onChange={setEvents}
      />
      <ActionProblem action={send} />
      <Submit busy={send.isPending}>{t('webhooks.do')}</Submit>
      {send.data && <Secret secret={send.data.secret} />}
    </Form>
  )
}
