import { useQuery } from '@tanstack/react-query'
import { useWords } from '../lib/i18n.ts'
import { CopyButton } from '../ui/Copyable.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Notice } from '../ui/Notice.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Empty } from '../ui/Rows.tsx'
import { outboxQuery } from './queries.ts'

/** Mails that stayed here, to be read and handed on where no mail server is set. */
export function OutboxPart() {
  const { t, format } = useWords()
  const asked = useQuery(outboxQuery())
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  return (
    <>
      <Notice tone="note">{t('admin.outboxSays')}</Notice>
      {asked.data.mails.length === 0 && <Empty>{t('admin.outboxNone')}</Empty>}
      <ul className="space-y-3">
        {asked.data.mails.map((mail) => (
          <li key={mail.mail_id} className="card" data-testid="mail" data-kind={mail.kind}>
            <details>
              <summary className="p-4">
                <span className="font-semibold">{mail.subject}</span>
                <span className="block text-[0.9375rem] text-soft wrap-anywhere">
                  {mail.to} · {format.instant(mail.created_at)}
                  {mail.refusal !== undefined && ` · ${mail.refusal}`}
                </span>
              </summary>
              <div className="border-t border-rule p-4">
                <pre className="font-sans whitespace-pre-wrap wrap-anywhere">{mail.text}</pre>
                <div className="mt-3">
                  <CopyButton text={mail.text} label={mail.subject} />
                </div>
              </div>
            </details>
          </li>
        ))}
      </ul>
    </>
  )
}
