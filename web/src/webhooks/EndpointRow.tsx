import {
  ping,
  redeliver,
  remove,
  renewSecret,
  update,
  type Delivery,
  type Endpoint,
} from '@tidemark/core/webhooks/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { ActionButton } from '../ui/ActionButton.tsx'
import { CopyableValue } from '../ui/Copyable.tsx'
import { Confirm } from '../ui/Dialog.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Notice } from '../ui/Notice.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Row } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'
import { deliveriesQuery, endpointsQuery } from './queries.ts'

/** The secret that signs what is sent, this once. */
export function Secret({ secret }: { secret: string }) {
  const { t } = useWords()
  return (
    <Notice tone="note">
      <p>{t('webhooks.secretSays')}</p>
      <dl>
        <CopyableValue name={t('webhooks.secret')} value={secret} />
      </dl>
    </Notice>
  )
}

export function EndpointRow({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  const { url, description, events, active, disabled_reason } = endpoint
  return (
    <Row
      title={
        <>
          {url}
          {!active && <Tag>{t(`webhooks.off.${disabled_reason ?? 'by-hand'}`)}</Tag>}
        </>
      }
      says={
        <>
          {description !== '' && <p>{description}</p>}
          <p className="font-mono text-sm">{events.join(' · ')}</p>
        </>
      }
      below={open ? <Details endpoint={endpoint} /> : undefined}
    >
      <button
        type="button"
        className="button button-plain button-small"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {t(open ? 'webhooks.less' : 'webhooks.more')}
        <span className="sr-only"> {url}</span>
      </button>
    </Row>
  )
}

function Details({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useWords()
  const client = useQueryClient()
  const { endpoint_id, active } = endpoint
  const [removing, setRemoving] = useState(false)
  const after = () => client.invalidateQueries({ queryKey: ['webhooks'] })
  const toggle = useMutation({ mutationFn: () => call(update, { endpoint_id, active: !active }), onSuccess: after })
  const trial = useMutation({ mutationFn: () => call(ping, { endpoint_id }), onSuccess: after })
  const renew = useMutation({ mutationFn: () => call(renewSecret, { endpoint_id }) })
  const drop = useMutation({
    mutationFn: () => call(remove, { endpoint_id }),
    // Its deliveries went with it and are not asked for again.
    onSuccess: () => client.invalidateQueries({ queryKey: endpointsQuery().queryKey }),
  })
  const actions = [
    { key: 'ping', action: trial },
    { key: active ? 'switchOff' : 'switchOn', action: toggle },
    { key: 'renew', action: renew },
  ] as const
  return (
    <div>
      <div className="flex flex-wrap gap-2">
        {actions.map(({ key, action }) => (
          <ActionButton
            key={key}
            className="button button-plain button-small"
            busy={action.isPending}
            onClick={() => action.mutate()}
          >
            {t(`webhooks.${key}`)}
          </ActionButton>
        ))}
        <button type="button" className="button button-danger button-small" onClick={() => setRemoving(true)}>
          {t('webhooks.remove')}
        </button>
      </div>
      <ActionProblem action={trial} />
      <ActionProblem action={toggle} />
      <ActionProblem action={renew} />
      {renew.data && <Secret secret={renew.data.secret} />}
      <Deliveries endpoint_id={endpoint_id} />
      <Confirm
        open={removing}
        title={t('webhooks.removeTitle')}
        says={t('webhooks.removeSays')}
        action={t('webhooks.remove')}
        busy={drop.isPending}
        problem={<ActionProblem action={drop} />}
        onConfirm={() => drop.mutate()}
        onClose={() => setRemoving(false)}
      />
    </div>
  )
}

function Deliveries({ endpoint_id }: { endpoint_id: string }) {
  const { t } = useWords()
  const asked = useQuery(deliveriesQuery(endpoint_id))
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  return (
    <section className="mt-4" aria-live="polite">
      <h3 className="text-lg">{t('webhooks.deliveries')}</h3>
      {asked.data.deliveries.length === 0 && <p className="text-soft">{t('webhooks.noDelivery')}</p>}
      <ul>
        {asked.data.deliveries.map((delivery) => (
          <DeliveryRow key={delivery.delivery_id} delivery={delivery} />
        ))}
      </ul>
    </section>
  )
}

function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const { t, format } = useWords()
  const client = useQueryClient()
  const again = useMutation({
    mutationFn: () => call(redeliver, { delivery_id: delivery.delivery_id }),
    onSuccess: () => client.invalidateQueries({ queryKey: deliveriesQuery(delivery.endpoint_id).queryKey }),
  })
  const { event, state, attempts, created_at, next_attempt_at, last_status, last_answer } = delivery
  return (
    <li className="flex flex-wrap justify-between gap-x-4 gap-y-1 border-t border-rule py-2 text-[0.9375rem]">
      <div className="min-w-0 flex-1 basis-60">
        <p>
          <span className="font-mono text-sm">{event}</span> · {t(`webhooks.state.${state}`)}
          {last_status !== null && <span className="figures"> · {last_status}</span>}
        </p>
        <p className="text-soft">
          {format.instant(created_at)} · {t('webhooks.attempts', { count: attempts })}
          {next_attempt_at !== null && ` · ${t('webhooks.next', { when: format.instant(next_attempt_at) })}`}
        </p>
        {last_answer !== null && last_answer !== '' && <p className="font-mono text-xs wrap-anywhere">{last_answer}</p>}
      </div>
      {state !== 'waiting' && (
        <ActionButton
          className="button button-plain button-small"
          busy={again.isPending}
          onClick={() => again.mutate()}
        >
          {t('webhooks.again')}
          <span className="sr-only"> {event}</span>
        </ActionButton>
      )}
      <ActionProblem action={again} />
    </li>
  )
}
