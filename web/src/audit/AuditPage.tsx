import type { Me } from '@tidemark/core/accounts/contract.ts'
import { exportEvents, verify } from '@tidemark/core/audit/contract.ts'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { call, callForText } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { saveFile } from '../lib/save-file.ts'
import { ActionButton } from '../ui/ActionButton.tsx'
import { CopyableValue } from '../ui/Copyable.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { SettingsPage } from '../ui/SettingsPage.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Events, Filters } from './Events.tsx'
import { filtersOf } from './queries.ts'
import type { AuditSearch } from './routes.tsx'

const route = getRouteApi(paths.audit)

export function AuditPage() {
  const { t } = useWords()
  return (
    <SettingsPage of_organisation title={t('audit.title')} lead={t('audit.says')}>
      {(me) => <Trail me={me} />}
    </SettingsPage>
  )
}

function Trail({ me }: { me: Me }) {
  const { language } = useWords()
  const search = route.useSearch()
  const allowed = allowedTo('audit.read', me, language)
  if (!allowed.allowed) return <Refusal allowed={allowed} />
  return (
    <>
      <Filters search={search} to={paths.audit} />
      <Actions search={search} />
      <Events scope="organisation" search={search} />
    </>
  )
}

function Actions({ search }: { search: AuditSearch }) {
  const { t } = useWords()
  const check = useMutation({ mutationFn: () => call(verify, {}) })
  const save = useMutation({
    mutationFn: (format: 'ndjson' | 'csv') => callForText(exportEvents, { ...filtersOf(search), format }),
    onSuccess: (text, format) =>
      saveFile(`tidemark-audit.${format}`, text, format === 'csv' ? 'text/csv' : 'application/x-ndjson'),
  })
  return (
    <div className="my-5">
      <div className="flex flex-wrap gap-3">
        <ActionButton className="button button-plain" busy={check.isPending} onClick={() => check.mutate()}>
          {t(check.isPending ? 'app.sending' : 'audit.verify')}
        </ActionButton>
        {(['csv', 'ndjson'] as const).map((format) => (
          <ActionButton
            key={format}
            className="button button-plain"
            busy={save.isPending}
            onClick={() => save.mutate(format)}
          >
            {t(`audit.export.${format}`)}
          </ActionButton>
        ))}
      </div>
      <ActionProblem action={check} />
      <ActionProblem action={save} />
      {check.data && (
        <Notice tone={check.data.intact ? 'good' : 'note'}>
          <p className="font-semibold">
            {t(check.data.intact ? 'audit.intact' : 'audit.broken', { count: check.data.checked })}
          </p>
          {check.data.faults.map((fault) => (
            <p key={`${fault.kind} ${fault.seq}`}>{t(`audit.fault.${fault.kind}`, { seq: String(fault.seq) })}</p>
          ))}
          <dl>
            <CopyableValue name={t('audit.head', { seq: String(check.data.head.seq) })} value={check.data.head.hash} />
          </dl>
        </Notice>
      )}
    </div>
  )
}
