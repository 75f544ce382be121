import { offset_ms } from '@tidemark/core/sites/local-time.ts'
import { addWaveform } from '@tidemark/core/sites/maintenance-contract.ts'
import type { Site } from '@tidemark/core/sites/contract.ts'
import { waveformUnits } from '@tidemark/core/sites/waveform.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import i18next from 'i18next'
import { useId, useState } from 'react'
import { ApiProblem, upload } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { readNumber } from '../lib/read-number.ts'
import { Form, SelectField, Submit, TextField } from '../ui/fields.tsx'
import { focusSection } from '../ui/Page.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'

const numbers = ['sample_rate_hz', 'rpm', 'full_scale'] as const
type Draft = Record<(typeof numbers)[number] | 'unit' | 'captured_at', string>
const empty: Draft = { sample_rate_hz: '', rpm: '', full_scale: '', unit: '', captured_at: '' }

/** Sends a recording with what the file itself does not say. */
export function WaveformForm({ site, asset_id }: { site: Site; asset_id: string }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [file, setFile] = useState<File>()
  const [draft, setDraft] = useState(empty)
  const [tries, setTries] = useState(0)
  /** A file field is emptied by another one in its place. */
  const [sent, setSent] = useState(0)
  const send = useMutation({
    mutationFn: (recording: File) =>
      upload(addWaveform, { id: site.id, asset_id, ...queryOf(draft, site.time_zone, language) }, recording),
    onSuccess: async (waveform) => {
      setFile(undefined)
      setSent((count) => count + 1)
      setDraft({ ...draft, captured_at: '' })
      setTries(0)
      await client.invalidateQueries({ queryKey: ['sites', 'waveforms', site.id] })
      void client.invalidateQueries({ queryKey: ['sites', 'maintenance', site.id] })
      await navigate({ to: paths.vibration, params: { id: site.id, asset: asset_id }, search: { at: waveform.id } })
      focusSection('found')
    },
  })
  const faults = send.error instanceof ApiProblem ? send.error.faults : []
  const faultAt = (name: string) => {
    const fault = faults.find(({ path }) => path === `/${name}`)
    const key = `sites.vibration.fault.${fault?.code ?? ''}`
    return fault && (i18next.exists(key) ? t(key as 'sites.vibration.fault.missing') : fault.message)
  }
  // What is said at a field is not said again below.
  const is_said = faults.length > 0 && faults.every(({ path }) => path.slice(1) in empty)
  const bad = (name: (typeof numbers)[number]) =>
    tries > 0 && typeof readNumber(draft[name], language) === 'string' ? t('sites.fault.number') : undefined
  const set = (name: keyof Draft) => (value: string) => setDraft({ ...draft, [name]: value })
  const is_wav = file !== undefined && /\.wav$/i.test(file.name)
  const number = (name: (typeof numbers)[number]) => (
    <TextField
      key={name}
      label={t(`sites.vibration.form.${name}`)}
      help={t(`sites.vibration.form.${name}Help`)}
      inputMode="decimal"
      autoComplete="off"
      value={draft[name]}
      fault={bad(name) ?? faultAt(name)}
      onChange={set(name)}
    />
  )
  return (
    <Form
      className="space-y-5"
      refused={send.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        const readable = numbers.every((name) => typeof readNumber(draft[name], language) !== 'string')
        if (file && readable) send.mutate(file)
      }}
    >
      <FileField
        key={sent}
        fault={tries > 0 && file === undefined ? t('sites.vibration.form.fileNeeded') : undefined}
        onChoose={setFile}
      />
      <div className="grid items-start gap-5 sm:grid-cols-2 lg:grid-cols-3">
        {number('sample_rate_hz')}
        {number('rpm')}
        <SelectField
          label={t('sites.vibration.form.unit')}
          help={t('sites.vibration.form.unitHelp')}
          value={draft.unit}
          options={[
            { value: '', text: t('sites.vibration.form.unitOfFile') },
            ...waveformUnits.map((unit) => ({ value: unit, text: t(`sites.vibration.unit.${unit}`) })),
          ]}
          fault={faultAt('unit')}
          onChange={set('unit')}
        />
        {is_wav && number('full_scale')}
        <TextField
          label={t('sites.vibration.form.captured_at')}
          help={t('sites.vibration.form.captured_atHelp', { zone: site.time_zone })}
          type="datetime-local"
          step="1"
          value={draft.captured_at}
          fault={faultAt('captured_at')}
          onChange={set('captured_at')}
        />
      </div>
      {!is_said && <ActionProblem action={send} />}
      <Submit busy={send.isPending}>{t('sites.vibration.form.do')}</Submit>
    </Form>
  )
}

function FileField({ fault, onChoose }: { fault: string | undefined; onChoose: (file: File | undefined) => void }) {
  const { t } = useWords()
  const id = useId()
  return (
    <div className="max-w-2xl">
      <label htmlFor={id} className="mb-1 block font-semibold">
        {t('sites.vibration.form.file')}
      </label>
      <p id={`${id}-help`} className="mb-2 text-[0.9375rem] text-soft">
        {t('sites.vibration.form.fileHelp')}
      </p>
      <input
        id={id}
        type="file"
        accept=".wav,.csv,.txt,.json"
        className="field file:mr-3 file:rounded file:border-0 file:bg-wash file:px-3 file:py-1 file:font-semibold file:text-tide"
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-help ${id}-fault`}
        onChange={({ target }) => onChoose(target.files?.[0])}
      />
      <p id={`${id}-fault`} className="mt-1 font-semibold text-bad">
        {fault}
      </p>
    </div>
  )
}

/** What was typed, as the address asks for it; what is empty is left to the file. */
function queryOf(draft: Draft, time_zone: string, language: 'en' | 'fr'): Record<string, unknown> {
  const wall_ms = Date.parse(`${draft.captured_at}Z`)
  return {
    ...Object.fromEntries(numbers.map((name) => [name, readNumber(draft[name], language)])),
    unit: draft.unit,
    ...(Number.isFinite(wall_ms)
      ? { captured_at: new Date(wall_ms - offset_ms(wall_ms, time_zone)).toISOString() }
      : {}),
  }
}
