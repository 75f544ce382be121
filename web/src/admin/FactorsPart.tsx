import { importFile } from '@tidemark/core/factors/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { upload, type AnswerOf } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Form, Submit, TextField } from '../ui/fields.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Notice } from '../ui/Notice.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Row, Rows } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { Tag } from '../ui/Tag.tsx'
import { editionsQuery } from './queries.ts'

/** Which editions of factors are here, and how a new one comes in. */
export function FactorsPart() {
  return (
    <>
      <Editions />
      <ImportForm />
    </>
  )
}

function Editions() {
  const { t, format } = useWords()
  const asked = useQuery(editionsQuery())
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  return (
    <Rows label={t('admin.editions')}>
      {asked.data.editions.map((edition) => (
        <Row
          key={`${edition.dataset}@${edition.edition}`}
          title={
            <>
              {edition.publisher} · {edition.edition}
              {edition.is_current && <Tag>{t('admin.currentEdition')}</Tag>}
            </>
          }
          says={`${edition.dataset} · ${t('admin.factors', { count: edition.factors })} · ${format.day(edition.imported_at)}`}
        />
      ))}
    </Rows>
  )
}

function ImportForm() {
  const { t } = useWords()
  const client = useQueryClient()
  const id = useId()
  const [file, setFile] = useState<File>()
  const [edition, setEdition] = useState('')
  const [tries, setTries] = useState(0)
  const send = useMutation({
    mutationFn: (chosen: File) =>
      upload(importFile, { filename: chosen.name, edition: edition.trim() || undefined }, chosen),
    onSuccess: () => client.invalidateQueries({ queryKey: editionsQuery().queryKey }),
  })
  const missing = tries > 0 && !file
  return (
    <section className="mt-10" aria-labelledby="import-title">
      <h3 id="import-title" className="text-xl">
        {t('admin.import')}
      </h3>
      <p className="mt-1 max-w-prose text-soft">{t('admin.importSays')}</p>
      <Form
        className="mt-4 max-w-md space-y-5"
        refused={tries}
        onSubmit={() => {
          setTries(tries + 1)
          if (file) send.mutate(file)
        }}
      >
        <div>
          <label htmlFor={id} className="mb-1 block font-semibold">
            {t('admin.file')}
          </label>
          <input
            id={id}
            type="file"
            accept=".csv,.xlsx,.txt"
            className="field"
            aria-invalid={missing}
            aria-describedby={missing ? `${id}-fault` : undefined}
            onChange={(event) => setFile(event.target.files?.[0])}
          />
          {missing && (
            <p id={`${id}-fault`} className="mt-1 font-semibold text-bad">
              {t('signed.required')}
            </p>
          )}
        </div>
        <TextField
          label={t('admin.edition')}
          help={t('admin.editionHelp')}
          maxLength={40}
          value={edition}
          onChange={setEdition}
        />
        <ActionProblem action={send} />
        <Submit busy={send.isPending}>{t('admin.importDo')}</Submit>
        {send.data && <ImportReport report={send.data} />}
      </Form>
    </section>
  )
}

function ImportReport({ report }: { report: AnswerOf<typeof importFile> }) {
  const { t, format } = useWords()
  const { counts, stored } = report
  const tallies = Object.entries({ ...counts.skipped, ...counts.unread })
  return (
    <Notice>
      <p className="font-semibold">
        {report.publisher} · {report.edition}
      </p>
      <p>{t(report.changed ? 'admin.imported' : 'admin.unchanged', { count: stored.added })}</p>
      <p className="figures text-[0.9375rem]">
        {t('admin.importCounts', {
          lines: format.number(counts.lines),
          factors: format.number(counts.factors),
          valid: format.number(counts.valid),
          archived: format.number(counts.archived),
        })}
      </p>
      {tallies.length > 0 && (
        <ul className="mt-2 text-[0.9375rem]">
          {tallies.map(([why, count]) => (
            <li key={why}>
              <span className="figures">{format.number(count)}</span> · {why}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  )
}
