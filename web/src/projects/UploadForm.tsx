import { EVIDENCE_MAX, evidenceTypes, upload, type EvidenceType } from '@tidemark/core/projects/evidence-contract.ts'
import type { Project } from '@tidemark/core/projects/contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { ApiProblem } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Form, Submit, TextField } from '../ui/fields.tsx'
import { Notice } from '../ui/Notice.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { projectKey } from './queries.ts'
import { sendForm } from './send-form.ts'

interface Draft {
  type: EvidenceType
  captured_at: string
  sensor: string
  gps: string
}

/** Sends a picture, or the bands of one scene, with what the files may not say themselves. */
export function UploadForm({ project }: { project: Project }) {
  const { t } = useWords()
  const client = useQueryClient()
  const [draft, setDraft] = useState<Draft>({ type: nextType(project), captured_at: '', sensor: '', gps: '' })
  const [files, setFiles] = useState<File[]>([])
  const [tries, setTries] = useState(0)
  const [fraction, setFraction] = useState(0)
  /** A file field is emptied by another one in its place. */
  const [sent, setSent] = useState(0)
  const send = useMutation({
    mutationFn: () => {
      const { type, captured_at, sensor, gps } = draft
      const fields = {
        project_id: project.id,
        evidence_type: type,
        captured_at,
        sensor: sensor.trim(),
        gps: gps.trim(),
      }
      return sendForm(upload, fields, files, setFraction)
    },
    onMutate: () => setFraction(0),
    onSuccess: async ({ evidence_type }) => {
      setFiles([])
      setSent((count) => count + 1)
      setTries(0)
      setDraft({ type: evidence_type === 'before' ? 'after' : evidence_type, captured_at: '', sensor: '', gps: '' })
      await client.invalidateQueries({ queryKey: projectKey(project.id) })
    },
  })
  const set = (part: Partial<Draft>) => setDraft({ ...draft, ...part })
  const lacks_file = tries > 0 && files.length === 0 && !send.isSuccess
  const is_full = project.evidence.before + project.evidence.after + project.evidence.general >= EVIDENCE_MAX
  if (is_full) return null
  return (
    <Form
      label={t('projects.upload.title')}
      className="card space-y-5 p-5 sm:p-6"
      refused={send.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (files.length > 0 && !send.isPending) send.mutate()
      }}
    >
      <h2 className="text-xl">{t('projects.upload.title')}</h2>
      <TypeChoice chosen={draft.type} onChoose={(type) => set({ type })} />
      <Files key={sent} lacks={lacks_file} onChoose={setFiles} />
      <Details draft={draft} error={send.error} onChange={set} />
      <ActionProblem action={send} />
      {send.isPending && <Sending fraction={fraction} />}
      {send.data && <Notice>{t(`projects.upload.${doneWords(send.data)}`)}</Notice>}
      <Submit busy={send.isPending}>{t('projects.upload.do')}</Submit>
    </Form>
  )
}

/** What the files may not say themselves. */
function Details({
  draft,
  error,
  onChange,
}: {
  draft: Draft
  error: unknown
  onChange: (part: Partial<Draft>) => void
}) {
  const { t } = useWords()
  const faultAt = (name: string) =>
    error instanceof ApiProblem ? error.faults.find(({ path }) => path === `/${name}`)?.message : undefined
  return (
    <div className="grid items-start gap-5 sm:grid-cols-2">
      <TextField
        label={t('projects.upload.date')}
        help={t('projects.upload.dateHelp')}
        type="date"
        value={draft.captured_at}
        fault={faultAt('captured_at')}
        onChange={(captured_at) => onChange({ captured_at })}
      />
      <TextField
        label={t('projects.upload.sensor')}
        help={t('projects.upload.sensorHelp')}
        autoComplete="off"
        maxLength={120}
        value={draft.sensor}
        fault={faultAt('sensor')}
        onChange={(sensor) => onChange({ sensor })}
      />
      <TextField
        label={t('projects.upload.gps')}
        help={t('projects.upload.gpsHelp')}
        autoComplete="off"
        placeholder="9.0579,76.2711"
        value={draft.gps}
        fault={faultAt('gps')}
        onChange={(gps) => onChange({ gps })}
      />
    </div>
  )
}

function doneWords({ already_there, analysis_triggered }: { already_there: boolean; analysis_triggered: boolean }) {
  return already_there ? 'alreadyThere' : analysis_triggered ? 'triggered' : 'done'
}

function nextType({ evidence }: Project): EvidenceType {
  return evidence.before === 0 ? 'before' : 'after'
}

function TypeChoice({ chosen, onChoose }: { chosen: EvidenceType; onChoose: (type: EvidenceType) => void }) {
  const { t } = useWords()
  const name = useId()
  return (
    <fieldset>
      <legend className="mb-1 font-semibold">{t('projects.upload.type')}</legend>
      <div className="flex flex-wrap gap-x-6">
        {evidenceTypes.map((type) => (
          <label key={type} className="flex min-h-11 items-center gap-2">
            <input
              type="radio"
              name={name}
              className="size-4 accent-tide"
              checked={chosen === type}
              onChange={() => onChoose(type)}
            />
            {t(`projects.type.${type}`)}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

function Files({ lacks, onChoose }: { lacks: boolean; onChoose: (files: File[]) => void }) {
  const { t } = useWords()
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-semibold">
        {t('projects.upload.files')}
      </label>
      <p id={`${id}-help`} className="mb-2 max-w-prose text-[0.9375rem] text-soft">
        {t('projects.upload.filesHelp')}
      </p>
      <input
        id={id}
        type="file"
        multiple
        accept=".tif,.tiff,.jpg,.jpeg,.png,.jp2,image/*"
        className="field file:mr-3 file:rounded file:border-0 file:bg-wash file:px-3 file:py-1 file:font-semibold file:text-tide"
        aria-invalid={lacks}
        aria-describedby={`${id}-help ${id}-fault`}
        onChange={({ target }) => onChoose([...(target.files ?? [])])}
      />
      <p id={`${id}-fault`} className="mt-1 font-semibold text-bad">
        {lacks && t('projects.upload.filesNeeded')}
      </p>
    </div>
  )
}

function Sending({ fraction }: { fraction: number }) {
  const { t, format } = useWords()
  const says =
    fraction < 1 ? t('projects.upload.sending', { share: format.share(fraction) }) : t('projects.upload.reading')
  return (
    <div role="status">
      <p className="mb-2 font-semibold">{says}</p>
      <progress
        className="h-2 w-full accent-tide"
        max={1}
        {...(fraction < 1 ? { value: fraction } : {})}
        aria-label={says}
      />
    </div>
  )
}
