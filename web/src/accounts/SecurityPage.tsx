import {
  changePassword,
  endSession,
  signOutEverywhere,
  type Me,
  type Session,
} from '@tidemark/core/accounts/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { z } from 'zod'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { forgetEverything } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { Form, Submit, useFaultAt } from '../ui/fields.tsx'
import { ActionButton } from '../ui/ActionButton.tsx'
import { Loading } from '../ui/Loading.tsx'
import { FactorWall } from '../ui/NoOrganisation.tsx'
import { Notice } from '../ui/Notice.tsx'
import { focusSection, Section } from '../ui/Page.tsx'
import { NewPasswordField, PasswordField, useNewPasswordFault } from '../ui/PasswordField.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Row, Rows } from '../ui/Rows.tsx'
import { SettingsPage } from '../ui/SettingsPage.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'
import { IdentitiesSection } from './IdentitiesSection.tsx'
import { PasskeysSection } from './PasskeysSection.tsx'
import { sessionsQuery } from './queries.ts'
import { SecondFactorSection } from './SecondFactorSection.tsx'

export function SecurityPage() {
  const { t } = useWords()
  return (
    <SettingsPage title={t('accounts.security.title')} lead={t('accounts.security.says')}>
      {(me) => (
        <>
          {me.second_factor_required_by !== null && <FactorWall me={me} name={me.second_factor_required_by.name} />}
          {!me.person.is_demo && (
            <>
              <PasswordSection me={me} />
              <SecondFactorSection me={me} />
              <PasskeysSection />
              <IdentitiesSection me={me} />
            </>
          )}
          <SessionsSection />
        </>
      )}
    </SettingsPage>
  )
}

function PasswordSection({ me }: { me: Me }) {
  const { t } = useWords()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [tries, setTries] = useState(0)
  const client = useQueryClient()
  const faultOf = useNewPasswordFault()
  const { second_factor, has_password, email, name } = me.person
  const context = { second_factor, email, name }
  const change = useMutation({
    mutationFn: () =>
      call(changePassword, { ...(has_password ? { current_password: current } : {}), new_password: next }),
    onSuccess: () => {
      setCurrent('')
      setNext('')
      setTries(0)
      if (!has_password) void client.invalidateQueries({ queryKey: ['accounts', 'state'] })
    },
  })
  const faultAt = useFaultAt(change.error)
  return (
    <Section
      title={t('accounts.password')}
      says={t(has_password ? 'accounts.security.passwordSays' : 'accounts.security.noPasswordSays')}
      id="password"
    >
      <Form
        className="max-w-md space-y-5"
        refused={change.error ?? tries}
        onSubmit={() => {
          setTries(tries + 1)
          if (!faultOf(next, context) && (current !== '' || !has_password)) change.mutate()
        }}
      >
        {has_password && (
          <PasswordField
            label={t('accounts.security.current')}
            value={current}
            fault={tries > 0 && current === '' ? t('signed.required') : undefined}
            onChange={setCurrent}
          />
        )}
        <NewPasswordField
          label={t('accounts.newPassword')}
          value={next}
          context={context}
          tried={tries > 0}
          fault={faultAt('new_password') ?? faultAt('password')}
          onChange={setNext}
        />
        <ActionProblem action={change} />
        <Submit busy={change.isPending}>
          {t(has_password ? 'accounts.security.change' : 'accounts.security.setPassword')}
        </Submit>
        {change.isSuccess && <Notice>{t('accounts.security.changed')}</Notice>}
      </Form>
    </Section>
  )
}

function SessionsSection() {
  const { t } = useWords()
  const client = useQueryClient()
  const navigate = useNavigate()
  const asked = useQuery(sessionsQuery())
  const everywhere = useMutation({
    mutationFn: () => call(signOutEverywhere, {}),
    onSuccess: async () => {
      await navigate({ to: paths.signIn })
      await forgetEverything(client)
    },
  })
  return (
    <Section title={t('accounts.security.sessions')} says={t('accounts.security.sessionsSays')} id="sessions">
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data && (
        <Rows label={t('accounts.security.sessions')}>
          {asked.data.sessions.map((session) => (
            <SessionRow key={session.session_id} session={session} />
          ))}
        </Rows>
      )}
      <ActionButton
        className="button button-danger mt-5"
        busy={everywhere.isPending}
        onClick={() => everywhere.mutate()}
      >
        {t('accounts.security.everywhere')}
      </ActionButton>
      <ActionProblem action={everywhere} />
    </Section>
  )
}

function SessionRow({ session }: { session: z.infer<typeof Session> }) {
  const { t, format } = useWords()
  const client = useQueryClient()
  const end = useMutation({
    mutationFn: () => call(endSession, { session_id: session.session_id }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: sessionsQuery().queryKey })
      focusSection('sessions')
    },
  })
  const name = browserName(session.user_agent) ?? t('accounts.security.program')
  return (
    <Row
      title={
        <>
          {name}
          {session.current && <Tag>{t('accounts.security.thisOne')}</Tag>}
        </>
      }
      says={t('accounts.security.session', {
        from: session.ip_prefix,
        seen: format.instant(session.last_seen_at),
        since: format.day(session.created_at),
      })}
    >
      {!session.current && (
        <ActionButton className="button button-plain button-small" busy={end.isPending} onClick={() => end.mutate()}>
          {t('accounts.security.end')}
          <span className="sr-only"> {name}</span>
        </ActionButton>
      )}
      <ActionProblem action={end} />
    </Row>
  )
}

/** "Firefox · Linux" of what a browser called itself; undefined for a program. */
export function browserName(user_agent: string): string | undefined {
  const browser = [
    ['Edg/', 'Edge'],
    ['OPR/', 'Opera'],
    ['Firefox/', 'Firefox'],
    ['Chrome/', 'Chrome'],
    ['Safari/', 'Safari'],
  ].find(([sign]) => user_agent.includes(sign ?? ''))?.[1]
  const system = [
    ['Android', 'Android'],
    ['iPhone', 'iPhone'],
    ['iPad', 'iPad'],
    ['Windows', 'Windows'],
    ['Mac OS X', 'macOS'],
    ['Linux', 'Linux'],
  ].find(([sign]) => user_agent.includes(sign ?? ''))?.[1]
  if (browser === undefined) return user_agent === '' ? undefined : user_agent.slice(0, 60)
  return system === undefined ? browser : `${browser} · ${system}`
}
