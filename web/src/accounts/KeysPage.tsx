import { createKey, revokeKey, type ApiKey, type Me } from '@tidemark/core/accounts/contract.ts'
import { permissionTable, scopes, type Permission } from '@tidemark/core/accounts/permissions.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, type AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { allowedTo } from '../lib/rights.ts'
import { Command, CopyableValue } from '../ui/Copyable.tsx'
import { Confirm } from '../ui/Dialog.tsx'
import { CheckList, Form, SelectField, Submit, TextField, useFaultAt } from '../ui/fields.tsx'
import { Loading } from '../ui/Loading.tsx'
import { StepHeading } from '../ui/Notice.tsx'
import { focusSection, Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Empty, Row, Rows } from '../ui/Rows.tsx'
import { SettingsPage } from '../ui/SettingsPage.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'
import { keysQuery } from './queries.ts'

type Made = AnswerOf<typeof createKey>

export function KeysPage() {
  const { t } = useWords()
  const [made, setMade] = useState<Made>()
  return (
    <SettingsPage of_organisation title={t('accounts.keys.title')} lead={t('accounts.keys.says')}>
      {(me) => (
        <>
          <Section title={t('accounts.keys.create')} id="create">
            {made ? (
              <MadeKey
                made={made}
                onDone={() => {
                  setMade(undefined)
                  focusSection('create')
                }}
              />
            ) : (
              <CreateKeyForm me={me} onMade={setMade} />
            )}
          </Section>
          <KeyList />
        </>
      )}
    </SettingsPage>
  )
}

const lifetimes_days = [30, 90, 180, 365] as const

function CreateKeyForm({ me, onMade }: { me: Me; onMade: (made: Made) => void }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [kind, setKind] = useState<'personal' | 'organisation'>('personal')
  const [chosen, setChosen] = useState<string[]>(['footprint.read'])
  const [days, setDays] = useState(90)
  const [tries, setTries] = useState(0)
  const create = useMutation({
    mutationFn: () => call(createKey, { kind, name: name.trim(), scopes: chosen, expires_in_days: days }),
    onSuccess: (answer) => {
      void client.invalidateQueries({ queryKey: keysQuery().queryKey })
      onMade(answer)
    },
  })
  const faultAt = useFaultAt(create.error)
  const for_all = allowedTo('accounts.manage_keys', me, language)
  const nameless = name.trim() === ''
  return (
    <Form
      className="space-y-6"
      refused={create.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (!nameless && chosen.length > 0) create.mutate()
      }}
    >
      <div className="grid gap-5 sm:grid-cols-2">
        <TextField
          label={t('accounts.keys.name')}
          help={t('accounts.keys.nameHelp')}
          maxLength={120}
          value={name}
          fault={tries > 0 && nameless ? t('signed.required') : faultAt('name')}
          onChange={setName}
        />
        <SelectField
          label={t('accounts.keys.expires')}
          help={t('accounts.keys.expiresHelp')}
          value={String(days)}
          options={lifetimes_days.map((each) => ({
            value: String(each),
            text: t('accounts.keys.days', { count: each }),
          }))}
          onChange={(value) => setDays(Number(value))}
        />
      </div>
      <SelectField
        label={t('accounts.keys.kind')}
        help={for_all.reason ?? t('accounts.keys.kindHelp')}
        value={kind}
        disabled={!for_all.allowed}
        options={[
          { value: 'personal', text: t('accounts.keys.personal') },
          { value: 'organisation', text: t('accounts.keys.organisation') },
        ]}
        onChange={(value) => setKind(value === 'organisation' ? 'organisation' : 'personal')}
      />
      <CheckList
        label={t('accounts.keys.scopes')}
        help={t('accounts.keys.scopesHelp')}
        fault={tries > 0 && chosen.length === 0 ? t('accounts.keys.scopesFault') : faultAt('scopes')}
        chosen={chosen}
        choices={scopes.map((scope) => ({
          value: scope,
          text: permissionTable[scope].says[language],
          refused: me.permissions.includes(scope) ? undefined : allowedTo(scope, me, language).takes,
        }))}
        onChange={setChosen}
      />
      <ActionProblem action={create} />
      <Submit busy={create.isPending}>{t('accounts.keys.do')}</Submit>
    </Form>
  )
}

/** What the key can be tried with, by the first thing that it may do. */
const trials: Partial<Record<Permission, string>> = {
  'footprint.read': '/api/v1/calculations?limit=1',
  'footprint.calculate': '/api/v1/calculations?limit=1',
  'factors.read': '/api/v1/factors?q=diesel&limit=1',
  'certificates.read': '/api/v1/certificates?limit=1',
  'audit.read': '/api/v1/audit?limit=1',
  'webhooks.manage': '/api/v1/webhooks',
}

function MadeKey({ made, onDone }: { made: Made; onDone: () => void }) {
  const { t } = useWords()
  const scope = made.key.scopes.find((each) => trials[each as Permission] !== undefined)
  const address = trials[(scope ?? 'factors.read') as Permission]
  const curl = `curl -s '${location.origin}${address}' \\\n  -H 'authorization: Bearer ${made.secret}'`
  return (
    <div className="card border-sand p-5">
      <StepHeading>{t('accounts.keys.made', { name: made.key.name })}</StepHeading>
      <p className="mt-2">{t('accounts.keys.madeSays')}</p>
      <dl className="mt-3" data-testid="new-key">
        <CopyableValue name={t('accounts.keys.secret')} value={made.secret} />
      </dl>
      <div className="mt-3">
        <Command text={curl} label={t('accounts.keys.curl')} />
      </div>
      <button type="button" className="button button-main mt-5" onClick={onDone}>
        {t('accounts.keys.kept')}
      </button>
    </div>
  )
}

function KeyList() {
  const { t } = useWords()
  const asked = useQuery(keysQuery())
  return (
    <Section title={t('accounts.keys.list')} id="keys">
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data?.keys.length === 0 && <Empty>{t('accounts.keys.none')}</Empty>}
      {asked.data && asked.data.keys.length > 0 && (
        <Rows label={t('accounts.keys.list')}>
          {asked.data.keys.map((key) => (
            <KeyRow key={key.key_id} api_key={key} />
          ))}
        </Rows>
      )}
    </Section>
  )
}

function KeyRow({ api_key }: { api_key: ApiKey }) {
  const { t, format } = useWords()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const revoke = useMutation({
    mutationFn: () => call(revokeKey, { key_id: api_key.key_id }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keysQuery().queryKey })
      setAsking(false)
    },
  })
  const lost = api_key.scopes.length - api_key.scopes_in_force.length
  return (
    <Row
      title={
        <>
          {api_key.name} <code className="ml-1 text-sm font-normal text-soft">{api_key.prefix}…</code>
          {api_key.state !== 'active' && <Tag>{t(`accounts.keys.state.${api_key.state}`)}</Tag>}
        </>
      }
      says={
        <>
          <p>
            {t(`accounts.keys.is.${api_key.kind}`, { by: api_key.answered_for_by })}{' '}
            {t('accounts.keys.until', { day: format.day(api_key.expires_at) })}{' '}
            {api_key.last_used_at === null
              ? t('accounts.keys.unused')
              : t('accounts.keys.used', { when: format.instant(api_key.last_used_at) })}
          </p>
          <p className="font-mono text-sm">{api_key.scopes.join(' · ')}</p>
          {lost > 0 && api_key.state === 'active' && <p>{t('accounts.keys.lost', { count: lost })}</p>}
        </>
      }
    >
      {api_key.state === 'active' && (
        <button type="button" className="button button-plain button-small" onClick={() => setAsking(true)}>
          {t('accounts.keys.revoke')}
          <span className="sr-only"> {api_key.name}</span>
        </button>
      )}
      <Confirm
        open={asking}
        title={t('accounts.keys.revokeTitle', { name: api_key.name })}
        says={t('accounts.keys.revokeSays')}
        action={t('accounts.keys.revoke')}
        busy={revoke.isPending}
        problem={<ActionProblem action={revoke} />}
        onConfirm={() => revoke.mutate()}
        onClose={() => setAsking(false)}
      />
    </Row>
  )
}
