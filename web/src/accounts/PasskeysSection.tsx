import {
  removePasskey,
  renamePasskey,
  type listPasskeys,
  type Passkey,
} from '@tidemark/core/accounts/passkeys-contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, type AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { knowsPasskeys, registerPasskey } from '../lib/passkeys.ts'
import { Confirm, Dialog } from '../ui/Dialog.tsx'
import { Form, Submit, TextField, useFaultAt } from '../ui/fields.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Row, Rows } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'
import { passkeysQuery } from './queries.ts'

/** What opens the account without a password: those there are, and one more where the browser and the address allow it. */
export function PasskeysSection() {
  const { t } = useWords()
  const asked = useQuery(passkeysQuery())
  return (
    <Section title={t('accounts.passkeys.title')} says={t('accounts.passkeys.says')} id="passkeys">
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data && (
        <>
          {asked.data.passkeys.length > 0 && (
            <div className="mb-6">
              <Rows label={t('accounts.passkeys.title')}>
                {asked.data.passkeys.map((passkey) => (
                  <PasskeyRow key={passkey.passkey_id} passkey={passkey} />
                ))}
              </Rows>
            </div>
          )}
          {!knowsPasskeys() ? (
            <p className="text-soft">{t('accounts.passkeys.unable')}</p>
          ) : asked.data.here.usable ? (
            <AddForm />
          ) : (
            <NotHere here={asked.data.here} />
          )}
        </>
      )}
    </Section>
  )
}

/** Why passkeys do not work at this address, and at which they do. */
function NotHere({ here }: { here: AnswerOf<typeof listPasskeys>['here'] }) {
  const { t } = useWords()
  return (
    <p className="border-l-2 border-sand pl-3">
      {here.reason !== null && t(`accounts.passkeys.notHere.${here.reason}`)}{' '}
      {here.open_at !== null && (
        <a href={`${here.open_at}${location.pathname}`} className="link">
          {t('accounts.passkeys.openAt', { address: here.open_at })}
        </a>
      )}
    </p>
  )
}

/** What has changed about the ways in: the list of them, and what the header and the other sections know of it. */
function useAfter(): () => Promise<void> {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: ['accounts'] })
}

function AddForm() {
  const { t } = useWords()
  const after = useAfter()
  const [name, setName] = useState('')
  const [tries, setTries] = useState(0)
  const add = useMutation({
    mutationFn: () => registerPasskey(name.trim()),
    onSuccess: async () => {
      setName('')
      setTries(0)
      await after()
    },
  })
  const faultAt = useFaultAt(add.error)
  const nameless = name.trim() === ''
  return (
    <Form
      className="max-w-md space-y-4"
      refused={add.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (!nameless && !add.isPending) add.mutate()
      }}
    >
      <TextField
        label={t('accounts.passkeys.name')}
        help={t('accounts.passkeys.nameHelp')}
        maxLength={80}
        autoComplete="off"
        value={name}
        fault={tries > 0 && nameless ? t('signed.required') : faultAt('name')}
        onChange={setName}
      />
      <ActionProblem action={add} />
      <Submit busy={add.isPending}>{t('accounts.passkeys.add')}</Submit>
      {add.data && <Notice>{t('accounts.passkeys.added', { name: add.data.name })}</Notice>}
    </Form>
  )
}

function PasskeyRow({ passkey }: { passkey: Passkey }) {
  const { t, format } = useWords()
  const after = useAfter()
  const [asking, setAsking] = useState<'rename' | 'remove'>()
  const { passkey_id, name, state, synchronised, created_at, last_used_at } = passkey
  const close = () => setAsking(undefined)
  const remove = useMutation({
    mutationFn: () => call(removePasskey, { passkey_id }),
    onSuccess: async () => {
      await after()
      close()
    },
  })
  return (
    <Row
      title={
        <>
          {name}
          {state !== 'active' && <Tag>{t(`accounts.passkeys.state.${state}`)}</Tag>}
        </>
      }
      says={
        <>
          <p>
            {t('accounts.passkeys.made', { day: format.day(created_at) })}{' '}
            {last_used_at === null
              ? t('accounts.passkeys.unused')
              : t('accounts.passkeys.used', { when: format.instant(last_used_at) })}{' '}
            {synchronised && t('accounts.passkeys.synchronised')}
          </p>
          {state !== 'active' && <p>{t(`accounts.passkeys.${state}Says`)}</p>}
        </>
      }
    >
      {(['rename', 'remove'] as const).map((what) => (
        <button key={what} type="button" className="button button-plain button-small" onClick={() => setAsking(what)}>
          {t(`accounts.passkeys.${what}`)}
          <span className="sr-only"> {name}</span>
        </button>
      ))}
      {asking === 'rename' && <RenameDialog passkey={passkey} onClose={close} />}
      <Confirm
        open={asking === 'remove'}
        title={t('accounts.passkeys.removeTitle', { name })}
        says={t('accounts.passkeys.removeSays')}
        action={t('accounts.passkeys.remove')}
        busy={remove.isPending}
        problem={<ActionProblem action={remove} />}
        onConfirm={() => remove.mutate()}
        onClose={close}
      />
    </Row>
  )
}

function RenameDialog({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const { t } = useWords()
  const after = useAfter()
  const [name, setName] = useState(passkey.name)
  const [tries, setTries] = useState(0)
  const rename = useMutation({
    mutationFn: () => call(renamePasskey, { passkey_id: passkey.passkey_id, name: name.trim() }),
    onSuccess: async () => {
      await after()
      onClose()
    },
  })
  const faultAt = useFaultAt(rename.error)
  const nameless = name.trim() === ''
  return (
    <Dialog open title={t('accounts.passkeys.renameTitle', { name: passkey.name })} onClose={onClose}>
      <Form
        className="space-y-4"
        refused={rename.error ?? tries}
        onSubmit={() => {
          setTries(tries + 1)
          if (!nameless) rename.mutate()
        }}
      >
        <TextField
          label={t('accounts.passkeys.name')}
          maxLength={80}
          autoComplete="off"
          value={name}
          fault={tries > 0 && nameless ? t('signed.required') : faultAt('name')}
          onChange={setName}
        />
        <ActionProblem action={rename} />
        <div className="flex flex-wrap gap-3">
          <Submit busy={rename.isPending}>{t('accounts.save')}</Submit>
          <button type="button" className="button button-plain" onClick={onClose}>
            {t('app.cancel')}
          </button>
        </div>
      </Form>
    </Dialog>
  )
}
