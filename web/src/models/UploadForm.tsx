import { ingestFile } from '@tidemark/core/models/data-contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { upload } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Form, SelectField, Submit, TextField } from '../ui/fields.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { nameFrom } from './names.ts'
import { useRight } from './use-right.ts'

/** Brings a table in from a file: a data set of its own, or the next version of one that is here. */
export function UploadForm({ into }: { into?: { name: string; title: string } }) {
  const { t } = useWords()
  const client = useQueryClient()
  const navigate = useNavigate()
  const allowed = useRight('data.ingest')
  const [file, setFile] = useState<File>()
  const [title, setTitle] = useState(into?.title ?? '')
  const [decimal, setDecimal] = useState<'point' | 'comma'>('point')
  const [tries, setTries] = useState(0)
  const id = useId()
  const title_fault = title.trim() === '' ? t('models.data.titleFault') : undefined
  const file_fault = file ? undefined : t('models.data.fileFault')
  const send = useMutation({
    mutationFn: (chosen: File) =>
      upload<typeof ingestFile>(
        ingestFile,
        { name: into?.name ?? nameFrom(title), title: title.trim(), filename: chosen.name, decimal },
        chosen,
      ),
    onSuccess: async ({ dataset }) => {
      await client.invalidateQueries({ queryKey: ['datasets'] })
      await navigate({ to: paths.dataset, params: { id: dataset.dataset_id } })
    },
  })
  if (!allowed.allowed) return <Refusal allowed={allowed} />
  return (
    <Form
      className="max-w-2xl space-y-5"
      label={t('models.data.bringIn')}
      refused={send.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (file && !title_fault) send.mutate(file)
      }}
    >
      <div>
        <label htmlFor={id} className="mb-1 block font-semibold">
          {t('models.data.file')}
        </label>
        <p id={`${id}-help`} className="mb-2 text-[0.9375rem] text-soft">
          {t('models.data.fileHelp')}
        </p>
        <input
          id={id}
          type="file"
          accept=".csv,.tsv,.txt,.json,.ndjson,.jsonl,.parquet"
          className="field file:mr-3 file:rounded file:border-0 file:bg-wash file:px-3 file:py-1 file:font-semibold file:text-tide"
          aria-invalid={tries > 0 && file_fault !== undefined}
          aria-describedby={`${id}-help ${id}-fault`}
          onChange={({ target }) => {
            const chosen = target.files?.[0]
            setFile(chosen)
            if (chosen && title.trim() === '') setTitle(chosen.name.replace(/\.\w+$/, ''))
          }}
        />
        <p id={`${id}-fault`} className="mt-1 font-semibold text-bad">
          {tries > 0 && file_fault}
        </p>
      </div>
      {into === undefined && (
        <TextField
          label={t('models.data.name')}
          maxLength={120}
          value={title}
          fault={tries > 0 ? title_fault : undefined}
          onChange={setTitle}
        />
      )}
      <SelectField
        label={t('models.data.decimal')}
        value={decimal}
        options={(['point', 'comma'] as const).map((value) => ({ value, text: t(`models.data.decimalIs.${value}`) }))}
        onChange={(value) => setDecimal(value === 'comma' ? 'comma' : 'point')}
      />
      <ActionProblem action={send} />
      {send.data?.created === false && <Notice tone="note">{t('models.data.same')}</Notice>}
      <Submit busy={send.isPending}>{t(into ? 'models.data.doVersion' : 'models.data.do')}</Submit>
    </Form>
  )
}
