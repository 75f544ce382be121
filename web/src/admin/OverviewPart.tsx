import { adminUpdateInstance } from '@tidemark/core/accounts/contract.ts'
import type { health } from '@tidemark/core/admin/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call, type AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { CopyableValue } from '../ui/Copyable.tsx'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { healthQuery, instanceQuery } from './queries.ts'

type AdminHealth = AnswerOf<typeof health>

/** How many are served, whether anybody may sign up, and how the service feels. */
export function OverviewPart() {
  return (
    <>
      <Counts />
      <Health />
    </>
  )
}

function Counts() {
  const { t, format } = useWords()
  const client = useQueryClient()
  const asked = useQuery(instanceQuery())
  const change = useMutation({
    mutationFn: (open_registration: boolean) => call(adminUpdateInstance, { open_registration }),
    onSuccess: (answer) => client.setQueryData(instanceQuery().queryKey, answer),
  })
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const { people, organisations, active_keys, open_registration, claimed_at } = asked.data
  return (
    <>
      <Figures
        figures={[
          [t('admin.people'), format.number(people)],
          [t('admin.organisations'), format.number(organisations)],
          [t('admin.activeKeys'), format.number(active_keys)],
        ]}
      />
      {claimed_at !== null && <p className="mt-3 text-soft">{t('admin.claimed', { day: format.day(claimed_at) })}</p>}
      <label className="mt-5 flex items-baseline gap-3">
        <input
          type="checkbox"
          className="size-4 shrink-0 translate-y-0.5 accent-tide"
          checked={open_registration}
          aria-busy={change.isPending}
          onChange={(event) => !change.isPending && change.mutate(event.target.checked)}
        />
        <span>
          {t('admin.openRegistration')}
          <span className="block text-[0.9375rem] text-soft">{t('admin.openRegistrationSays')}</span>
        </span>
      </label>
      <ActionProblem action={change} />
    </>
  )
}

export function Figures({ figures }: { figures: readonly (readonly [name: string, value: string])[] }) {
  return (
    <dl className="grid gap-3 sm:grid-cols-3">
      {figures.map(([name, value]) => (
        <div key={name} className="card p-4">
          <dt className="label">{name}</dt>
          <dd className="figures font-display text-2xl font-semibold">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Health() {
  const { t } = useWords()
  const asked = useQuery(healthQuery())
  return (
    <section className="mt-8" aria-labelledby="health-title">
      <h3 id="health-title" className="text-xl">
        {t('admin.health')}
      </h3>
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data && <HealthFacts health={asked.data} />}
    </section>
  )
}

function HealthFacts({ health: { database, memory_bytes, uptime_s, jobs, mail, audit } }: { health: AdminHealth }) {
  const { t, format } = useWords()
  const state = !database.reachable ? 'unreachable' : database.writable ? 'ok' : 'readOnly'
  const minutes = Math.round(uptime_s / 60)
  const uptime =
    minutes < 120 ? t('admin.minutes', { count: minutes }) : t('admin.hours', { count: Math.round(minutes / 60) })
  const facts: [name: string, value: string][] = [
    [t('admin.status'), t(`admin.statusIs.${state}`)],
    [
      t('admin.database'),
      `${t(`admin.databaseIs.${database.kind}`)}${database.latency_ms === undefined ? '' : ` · ${format.number(database.latency_ms)}\u00A0ms`}`,
    ],
    [t('admin.memory'), format.bytes(memory_bytes)],
    [t('admin.uptime'), uptime],
    [
      t('admin.part.jobs'),
      t('admin.jobsSum', { waiting: format.number(jobs.waiting), failed: format.number(jobs.failed) }),
    ],
    [t('admin.mail'), t(mail.server ? 'admin.mailLeaves' : 'admin.mailStays', { count: mail.waiting })],
    [t('admin.durability'), t(`admin.durabilityIs.${database.kind}`)],
  ]
  if (database.free_bytes !== undefined) {
    facts.splice(2, 0, [t('admin.free'), format.bytes(database.free_bytes)])
  }
  return (
    <>
      <dl className="mt-2 grid gap-x-6 gap-y-2 sm:grid-cols-[14rem_1fr]">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-soft">{name}</dt>
            <dd className="mb-2 sm:mb-0">{value}</dd>
          </div>
        ))}
      </dl>
      <dl className="mt-3">
        <CopyableValue name={t('admin.auditHead', { seq: String(audit.seq) })} value={audit.hash} />
      </dl>
    </>
  )
}
