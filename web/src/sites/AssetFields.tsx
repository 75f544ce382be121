import { useWords } from '../lib/i18n.ts'
import { SelectField, TextField } from '../ui/fields.tsx'
import { fieldsOf, type AssetDraft, type FieldOf } from './draft.ts'
import type { FaultAt } from './SiteForm.tsx'

/** One thing that stands on the site. */
export function AssetFields({
  asset,
  faultAt,
  onChange,
  onRemove,
}: {
  asset: AssetDraft
  faultAt: FaultAt
  onChange: (asset: AssetDraft) => void
  onRemove: () => void
}) {
  const { t } = useWords()
  const fields = fieldsOf[asset.kind]
  const bearing = fields.filter(({ name }) => name.startsWith('bearing.'))
  const set = (name: string, value: string) => onChange({ ...asset, figures: { ...asset.figures, [name]: value } })
  const row = (field: FieldOf) => (
    <FigureField
      key={field.name}
      field={field}
      value={asset.figures[field.name] ?? ''}
      fault={faultAt(field.name.replace('.', '/'))}
      onChange={(value) => set(field.name, value)}
    />
  )
  return (
    <li className="card p-4 sm:p-5">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <h3 className="text-lg">{t(`sites.kind.${asset.kind}`)}</h3>
        <button type="button" className="button button-plain button-small" onClick={onRemove}>
          {t('sites.form.remove')}
          <span className="sr-only"> {asset.name}</span>
        </button>
      </div>
      <div className="grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-3">
        <TextField
          label={t('sites.form.assetName')}
          maxLength={200}
          value={asset.name}
          fault={faultAt('name')}
          onChange={(name) => onChange({ ...asset, name })}
        />
        {asset.kind === 'meter' && (
          <SelectField
            label={t('sites.form.role')}
            value={asset.role}
            options={(['grid', 'load', 'sub_meter'] as const).map((role) => ({
              value: role,
              text: t(`sites.role.${role}`),
            }))}
            onChange={(role) => onChange({ ...asset, role: role as AssetDraft['role'] })}
          />
        )}
        {fields.filter(({ name }) => !name.startsWith('bearing.')).map(row)}
        <TextField
          label={t('sites.form.sensors')}
          help={t('sites.form.sensorsHelp')}
          spellCheck={false}
          autoComplete="off"
          value={asset.sensors}
          fault={faultAt('sensor_ids')}
          onChange={(sensors) => onChange({ ...asset, sensors })}
        />
      </div>
      {bearing.length > 0 && (
        <details className="mt-4">
          <summary className="font-semibold">{t('sites.form.bearing')}</summary>
          <p className="mt-1 mb-3 max-w-prose text-[0.9375rem] text-soft">{t('sites.form.bearingSays')}</p>
          <div className="grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-4">{bearing.map(row)}</div>
        </details>
      )}
    </li>
  )
}

/** A figure with its unit in the label; what may be left empty says so. */
export function FigureField({
  field,
  currency = '',
  value,
  fault,
  onChange,
}: {
  field: FieldOf
  currency?: string
  value: string
  fault: string | undefined
  onChange: (value: string) => void
}) {
  const { t } = useWords()
  const key = field.name.replace('bearing.', '') as 'rated_kw'
  const label = t(`sites.field.${key}`, { currency })
  return (
    <TextField
      label={field.needed || field.usual !== undefined ? label : t('sites.form.optional', { label })}
      inputMode="decimal"
      autoComplete="off"
      value={value}
      fault={fault}
      onChange={onChange}
    />
  )
}
