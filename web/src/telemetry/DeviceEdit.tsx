import { listSites } from '@tidemark/core/sites/contract.ts'
import { changeDevice, type Device } from '@tidemark/core/telemetry/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { readNumber } from '../lib/read-number.ts'
import { Form, SelectField, Submit, TextField } from '../ui/fields.tsx'
import { Notice } from '../ui/Notice.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { deviceDraft, readDevice, type DeviceDraft } from './device-draft.ts'

const place = ['latitude', 'longitude', 'height_m'] as const

/** What is known of a device beside what it sends: its name, where it stands, when it was calibrated, and its key. */
export function DeviceEdit({ device }: { device: Device }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const sites = useQuery({ queryKey: ['sites', 'list'], queryFn: ({ signal }) => call(listSites, {}, signal) })
  const [draft, setDraft] = useState(() => deviceDraft(device, language))
  const [faults, setFaults] = useState<ReadonlySet<string>>(new Set())
  const save = useMutation({
    mutationFn: (changes: object) => call(changeDevice, { device_id: device.device_id, ...changes }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['telemetry'] }),
  })
  const set = (name: keyof DeviceDraft) => (value: string) => {
    save.reset()
    setDraft({ ...draft, [name]: value })
  }
  const faultAt = (name: keyof DeviceDraft) => (faults.has(name) ? t(`telemetry.edit.fault.${name}`) : undefined)
  const send = () => {
    const read = readDevice(draft, device, (text) => readNumber(text, language))
    setFaults(read.faults)
    if (read.changes) save.mutate(read.changes)
  }
  return (
    <Form className="space-y-5" refused={faults.size > 0 ? faults : save.error} onSubmit={send}>
      <div className="grid items-end gap-5 sm:grid-cols-2 lg:grid-cols-3">
        <TextField
          label={t('telemetry.edit.name')}
          maxLength={120}
          value={draft.name}
          fault={faultAt('name')}
          onChange={set('name')}
        />
        <SelectField
          label={t('telemetry.edit.site')}
          value={draft.site_id}
          disabled={!sites.data}
          options={[
            { value: '', text: t('telemetry.edit.noSite') },
            ...(sites.data?.sites ?? []).map(({ id, name }) => ({ value: id, text: name })),
          ]}
          onChange={set('site_id')}
        />
        <TextField
          label={t('telemetry.edit.calibrated')}
          type="date"
          value={draft.calibrated}
          fault={faultAt('calibrated')}
          onChange={set('calibrated')}
        />
        {place.map((name) => (
          <TextField
            key={name}
            label={t(`telemetry.edit.${name}`)}
            inputMode="decimal"
            autoComplete="off"
            value={draft[name]}
            fault={faultAt(name)}
            onChange={set(name)}
          />
        ))}
      </div>
      <TextField
        label={t('telemetry.edit.public_key')}
        help={t(device.public_key === null ? 'telemetry.edit.keyNone' : 'telemetry.edit.keyThere')}
        spellCheck={false}
        autoComplete="off"
        className="font-mono text-sm"
        value={draft.public_key}
        fault={faultAt('public_key')}
        onChange={set('public_key')}
      />
      <ActionProblem action={save} />
      {save.isSuccess && <Notice>{t('telemetry.edit.saved')}</Notice>}
      <Submit busy={save.isPending} plain>
        {t('telemetry.edit.do')}
      </Submit>
    </Form>
  )
}
