import { changeSite, SiteInput, type Asset, type Site } from '@tidemark/core/sites/contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { allowedTo } from '../lib/rights.ts'
import { readNumber } from '../lib/read-number.ts'
import { Form, Submit, TextField } from '../ui/fields.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { draftOf } from './draft.ts'
import { siteQuery } from './queries.ts'

type Turbine = Extract<Asset, { kind: 'turbine' }>
const fields = ['balls', 'ball_diameter_mm', 'pitch_diameter_mm', 'contact_angle_deg'] as const

/** The geometry of a bearing, from its data sheet: it says at which frequencies damage would show. */
export function BearingForm({ site, asset }: { site: Site; asset: Turbine }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const allowed = allowedTo('sites.manage', useMe(), language)
  const [figures, setFigures] = useState(() => {
    const draft = draftOf(site, language).assets.find(({ asset_id }) => asset_id === asset.asset_id)
    return Object.fromEntries(fields.map((field) => [field, draft?.figures[`bearing.${field}`] ?? '']))
  })
  const [faults, setFaults] = useState<ReadonlySet<string>>(new Set())
  const save = useMutation({
    mutationFn: (bearing: Turbine['bearing']) => {
      const assets = site.assets.map((each) => (each.asset_id === asset.asset_id ? { ...asset, bearing } : each))
      return call(changeSite, { ...SiteInput.strip().parse(site), id: site.id, assets })
    },
    onSuccess: (changed) => {
      client.setQueryData(siteQuery(site.id).queryKey, changed)
      return client.invalidateQueries({ queryKey: ['sites', 'waveforms', site.id] })
    },
  })
  if (!allowed.allowed) return <Refusal allowed={allowed} />
  const send = () => {
    const read = Object.fromEntries(
      fields.flatMap((field) => {
        const value = readNumber(figures[field] ?? '', language)
        return value === undefined ? [] : [[field, value]]
      }),
    )
    const shape = SiteInput.shape.assets.safeParse([{ ...asset, bearing: read }])
    const wrong = shape.success ? [] : shape.error.issues.map(({ path }) => String(path.at(-1)))
    setFaults(new Set(wrong))
    if (wrong.length === 0) save.mutate(read as Turbine['bearing'])
  }
  return (
    <Form className="space-y-4" refused={faults.size > 0 ? faults : save.error} onSubmit={send}>
      <div className="grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-4">
        {fields.map((field) => (
          <TextField
            key={field}
            label={field === 'contact_angle_deg' ? t('sites.form.optional', { label: t(`sites.field.${field}`) }) : t(`sites.field.${field}`)} // oxfmt-ignore
            inputMode="decimal"
            autoComplete="off"
            value={figures[field] ?? ''}
            fault={faults.has(field) ? t('sites.vibration.bearingFault') : undefined}
            onChange={(value) => setFigures({ ...figures, [field]: value })}
          />
        ))}
      </div>
      <ActionProblem action={save} />
      {save.isSuccess && <Notice tone="good">{t('sites.vibration.bearingSaved')}</Notice>}
      <Submit busy={save.isPending} plain>
        {t('sites.vibration.bearingDo')}
      </Submit>
    </Form>
  )
}
