import { setConsent, type Me } from '@tidemark/core/accounts/contract.ts'
import { exportMine, exportOrganisation, fetchExport, type DataExport } from '@tidemark/core/privacy/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call, callForText } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { allowedTo } from '../lib/rights.ts'
import { saveFile } from '../lib/save-file.ts'
import { ActionButton } from '../ui/ActionButton.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { Row, Rows } from '../ui/Rows.tsx'
import { SettingsPage } from '../ui/SettingsPage.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { DeletionSection } from './DeletionSection.tsx'
import { consentsQuery, exportsQuery } from './queries.ts'
import { RetentionForm } from './RetentionForm.tsx'

export function PrivacyPage() {
  const { t } = useWords()
  return (
    <SettingsPage title={t('privacy.title')} lead={t('privacy.says')}>
      {(me) => (
        <>
          <ExportsSection me={me} />
          <ConsentsSection />
          {me.organisation_id !== null && <RetentionForm me={me} />}
          <DeletionSection me={me} />
          {me.organisation_id !== null && <DeletionSection me={me} organisation_id={me.organisation_id} />}
        </>
      )}
    </SettingsPage>
  )
}

function ExportsSection({ me }: { me: Me }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const asked = useQuery(exportsQuery())
  const after = () => client.invalidateQueries({ queryKey: exportsQuery().queryKey })
  const mine = useMutation({ mutationFn: () => call(exportMine, {}), onSuccess: after })
  const { organisation_id } = me
  const all = useMutation({
    mutationFn: (id: string) => call(exportOrganisation, { organisation_id: id }),
    onSuccess: after,
  })
  return (
    <Section title={t('privacy.exports')} says={t('privacy.exportsSays')} id="exports">
      <div className="flex flex-wrap items-start gap-3">
        <ActionButton className="button button-main" busy={mine.isPending} onClick={() => mine.mutate()}>
          {t('privacy.exportMine')}
        </ActionButton>
        {organisation_id !== null && (
          <GuardedButton
            allowed={allowedTo('accounts.export', me, language)}
            onClick={() => all.mutate(organisation_id)}
          >
            {t('privacy.exportAll')}
          </GuardedButton>
        )}
      </div>
      <ActionProblem action={mine} />
      <ActionProblem action={all} />
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {asked.data && asked.data.exports.length > 0 && (
        <div className="mt-5" aria-live="polite">
          <Rows label={t('privacy.exports')}>
            {asked.data.exports.map((each) => (
              <ExportRow key={each.export_id} made={each} />
            ))}
          </Rows>
        </div>
      )}
    </Section>
  )
}

function ExportRow({ made }: { made: DataExport }) {
  const { t, format } = useWords()
  const fetching = useMutation({
    mutationFn: () => callForText(fetchExport, { export_id: made.export_id }),
    onSuccess: (text) => saveFile(`tidemark-export-${made.of}.json`, text),
  })
  return (
    <Row
      title={t(`privacy.exportOf.${made.of}`)}
      says={
        <>
          <p>
            {format.instant(made.requested_at)} · {t(`privacy.exportIs.${made.state}`)}
            {made.bytes !== null && ` · ${format.bytes(made.bytes)}`}
            {made.expires_at !== null && ` · ${t('privacy.exportUntil', { when: format.instant(made.expires_at) })}`}
          </p>
          {made.digest !== null && <p className="font-mono text-xs">{made.digest}</p>}
        </>
      }
    >
      {made.state === 'ready' && (
        <ActionButton
          className="button button-plain button-small"
          busy={fetching.isPending}
          onClick={() => fetching.mutate()}
        >
          {t('app.download')}
        </ActionButton>
      )}
      <ActionProblem action={fetching} />
    </Row>
  )
}

function ConsentsSection() {
  const { t, format, language } = useWords()
  const client = useQueryClient()
  const asked = useQuery(consentsQuery())
  const change = useMutation({
    mutationFn: (next: Parameters<typeof call<typeof setConsent>>[1]) => call(setConsent, next),
    onSuccess: () => client.invalidateQueries({ queryKey: consentsQuery().queryKey }),
  })
  return (
    <Section title={t('privacy.consents')} says={t('privacy.consentsSays')} id="consents">
      {asked.isPending && <Loading />}
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      <ul>
        {asked.data?.consents.map(({ purpose, given, at, text }) => (
          <li key={purpose} className="border-t border-rule py-3 last:border-b">
            <label className="flex items-baseline gap-3">
              <input
                type="checkbox"
                className="size-4 shrink-0 translate-y-0.5 accent-tide"
                checked={given}
                aria-busy={change.isPending}
                onChange={(event) => !change.isPending && change.mutate({ purpose, given: event.target.checked })}
              />
              <span>
                {text[language]}
                {at !== null && (
                  <span className="block text-sm text-soft">
                    {t(given ? 'privacy.given' : 'privacy.withdrawn', { day: format.day(at) })}
                  </span>
                )}
              </span>
            </label>
          </li>
        ))}
      </ul>
      <ActionProblem action={change} />
    </Section>
  )
}
