import { addAlertRule } from '@tidemark/core/sites/alerts-contract.ts'
import { severities } from '@tidemark/core/sites/anomaly-severity.ts'
import type { Site } from '@tidemark/core/sites/contract.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, type SentTo } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { readNumber } from '../lib/read-number.ts'
import { measureName, sensorUnit } from '../telemetry/names.ts'
import { Form, SelectField, Submit, TextField, useFaultAt } from '../ui/fields.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'

const asked_measures = [
  'grid_power_kw',
  'load_power_kw',
  'generation_power_kw',
  'state_of_charge_percent',
  'equipment_temperature_c',
  'vibration_rms_mm_per_s',
]
type Severity = (typeof severities)[number]

const fresh = {
  name: '',
  kind: 'anomaly' as 'anomaly' | 'threshold',
  severity: 'medium' as Severity,
  budget: '2',
  measure: 'grid_power_kw',
  direction: 'above' as 'above' | 'below',
  raise: '',
  clear: '',
  minutes: '0',
}

/** Either whatever is found wrong from some severity on, or a measure that passes a limit. */
export function RuleForm({ site }: { site: Site }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const [draft, setDraft] = useState<typeof fresh>({ ...fresh, name: t('sites.rule.firstName') })
  const [asset_id, setAsset] = useState('')
  const set = (part: Partial<typeof fresh>) => setDraft({ ...draft, ...part })
  const number = (text: string) => readNumber(text, language) as number
  const add = useMutation({
    mutationFn: () =>
      call(addAlertRule, {
        site_id: site.id,
        asset_id: asset_id === '' ? null : asset_id,
        name: draft.name.trim(),
        alerts_per_week: number(draft.budget),
        watches: watchesOf(draft, number),
      }),
    onSuccess: () => {
      setDraft({ ...fresh, name: '' })
      return client.invalidateQueries({ queryKey: ['sites', 'rules', site.id] })
    },
  })
  const faultAt = useFaultAt(add.error)
  return (
    <Form className="space-y-5" refused={add.error} onSubmit={() => add.mutate()}>
      <div className="grid items-end gap-5 sm:grid-cols-2">
        <TextField
          label={t('sites.form.name')}
          maxLength={200}
          value={draft.name}
          fault={faultAt('name')}
          onChange={(name) => set({ name })}
        />
        <SelectField
          label={t('sites.rule.kind')}
          value={draft.kind}
          options={(['anomaly', 'threshold'] as const).map((each) => ({
            value: each,
            text: t(`sites.rule.kinds.${each}`),
          }))}
          onChange={(kind) => set({ kind: kind === 'threshold' ? 'threshold' : 'anomaly' })}
        />
        <SelectField
          label={t('sites.rule.where')}
          value={asset_id}
          options={[
            { value: '', text: t('sites.anomaly.whole') },
            ...site.assets.map((asset) => ({ value: asset.asset_id, text: asset.name })),
          ]}
          onChange={setAsset}
        />
        <SelectField
          label={t(draft.kind === 'anomaly' ? 'sites.rule.from' : 'sites.rule.severity')}
          value={draft.severity}
          options={severities.map((each) => ({ value: each, text: t(`sites.severity.${each}`) }))}
          onChange={(severity) => set({ severity: severity as Severity })}
        />
        {draft.kind === 'threshold' && <ThresholdFields draft={draft} faultAt={faultAt} set={set} />}
        <TextField
          label={t('sites.rule.bearable')}
          inputMode="decimal"
          value={draft.budget}
          fault={faultAt('alerts_per_week')}
          onChange={(budget) => set({ budget })}
        />
      </div>
      <ActionProblem action={add} />
      <Submit busy={add.isPending}>{t('sites.rule.do')}</Submit>
    </Form>
  )
}

type Draft = typeof fresh

function watchesOf(draft: Draft, number: (text: string) => number): SentTo<typeof addAlertRule>['watches'] {
  const { kind, severity, measure, direction } = draft
  if (kind === 'anomaly') return { kind, severity_min: severity }
  const raise_at = number(draft.raise)
  // Where nothing else is said it is over where it began.
  const clear_at = draft.clear.trim() === '' ? raise_at : number(draft.clear)
  return { kind, measure, direction, raise_at, clear_at, for_s: 60 * number(draft.minutes), severity }
}

function ThresholdFields({
  draft,
  faultAt,
  set,
}: {
  draft: Draft
  faultAt: (path: string) => string | undefined
  set: (part: Partial<Draft>) => void
}) {
  const { t, language } = useWords()
  const unit = sensorUnit(measures.get(draft.measure)?.unit ?? '')
  return (
    <>
      <SelectField
        label={t('sites.rule.measure')}
        value={draft.measure}
        options={asked_measures.map((id) => ({ value: id, text: measureName(id, language) }))}
        onChange={(measure) => set({ measure })}
      />
      <SelectField
        label={t('sites.rule.direction')}
        value={draft.direction}
        options={(['above', 'below'] as const).map((each) => ({
          value: each,
          text: t(`sites.rule.directions.${each}`),
        }))}
        onChange={(direction) => set({ direction: direction === 'below' ? 'below' : 'above' })}
      />
      <TextField
        label={t('sites.rule.raiseAt', { unit })}
        inputMode="decimal"
        value={draft.raise}
        fault={faultAt('watches/raise_at')}
        onChange={(raise) => set({ raise })}
      />
      <TextField
        label={t('sites.rule.clearAt', { unit })}
        inputMode="decimal"
        value={draft.clear}
        // Left empty it is the limit, whose fault is told there.
        fault={draft.clear.trim() === '' ? undefined : faultAt('watches/clear_at')}
        onChange={(clear) => set({ clear })}
      />
      <TextField
        label={t('sites.rule.for')}
        inputMode="numeric"
        value={draft.minutes}
        fault={faultAt('watches/for_s')}
        onChange={(minutes) => set({ minutes })}
      />
    </>
  )
}
