import { addDevice, deviceKinds, type Device } from '@tidemark/core/telemetry/contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { deviceKindName } from '../lib/device-kinds.ts'
import { useWords } from '../lib/i18n.ts'
import { Form, SelectField, Submit, TextField, useFaultAt, type Option } from '../ui/fields.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'

type Kind = Device['kind']

/** Makes a device known. On a site it may be tied to an asset at once: `onAdded` is told which. */
export function DeviceForm({
  site_id,
  belongs,
  onAdded,
}: {
  site_id: string | null
  /** What it may belong to on the site. */
  belongs?: { options: readonly Option[]; kindOf: (asset_id: string) => Kind }
  onAdded: (device: Device, asset_id: string) => unknown
}) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const first = belongs?.options[0]?.value ?? ''
  const [asset_id, setAsset] = useState(first)
  const [kind, setKind] = useState<Kind>(first === '' ? 'meter' : (belongs?.kindOf(first) ?? 'meter'))
  const [sensor_id, setSensorId] = useState('')
  const [name, setName] = useState('')
  const add = useMutation({
    mutationFn: () =>
      call(addDevice, {
        kind,
        site_id,
        ...(sensor_id.trim() === '' ? {} : { sensor_id: sensor_id.trim() }),
        ...(name.trim() === '' ? {} : { name: name.trim() }),
      }),
    onSuccess: async (device) => {
      setSensorId('')
      setName('')
      await onAdded(device, asset_id)
      return client.invalidateQueries({ queryKey: ['telemetry', 'devices'] })
    },
  })
  const faultAt = useFaultAt(add.error)
  return (
    <Form className="space-y-5" refused={add.error} onSubmit={() => add.mutate()}>
      <div className="grid items-end gap-5 sm:grid-cols-2">
        {belongs && (
          <SelectField
            label={t('telemetry.form.belongs')}
            value={asset_id}
            options={[...belongs.options, { value: '', text: t('telemetry.form.nothing') }]}
            onChange={(value) => {
              setAsset(value)
              if (value !== '') setKind(belongs.kindOf(value))
            }}
          />
        )}
        <SelectField
          label={t('telemetry.form.kind')}
          value={kind}
          options={deviceKinds.map((each) => ({ value: each, text: deviceKindName(each, language) }))}
          fault={faultAt('kind')}
          onChange={(value) => setKind(value as Kind)}
        />
        <TextField
          label={t('telemetry.form.sensor')}
          help={t('telemetry.form.sensorHelp')}
          maxLength={120}
          spellCheck={false}
          autoComplete="off"
          value={sensor_id}
          fault={faultAt('sensor_id')}
          onChange={setSensorId}
        />
        <TextField
          label={t('telemetry.form.name')}
          maxLength={120}
          value={name}
          fault={faultAt('name')}
          onChange={setName}
        />
      </div>
      <ActionProblem action={add} />
      <Submit busy={add.isPending}>{t('telemetry.form.do')}</Submit>
    </Form>
  )
}
