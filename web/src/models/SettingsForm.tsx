import { update } from '@tidemark/core/models/contract.ts'
import { cadences, type Cadence } from '@tidemark/core/models/recipe.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { readNumber } from '../lib/read-number.ts'
import { CheckList, Form, SelectField, Submit, TextField } from '../ui/fields.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import type { ModelInFull } from './queries.ts'
import { useRight } from './use-right.ts'

const switches = ['auto_promote', 'retrain_on_drift', 'keep_inputs'] as const

/** When a model is trained again, and what a new version must show before it answers. */
export function SettingsForm({ model }: { model: ModelInFull }) {
  const { t, language } = useWords()
  const client = useQueryClient()
  const allowed = useRight('models.train')
  const { settings, model_id } = model
  const [cadence, setCadence] = useState<Cadence>(model.cadence)
  const [on, setOn] = useState<string[]>(switches.filter((each) => settings[each]))
  const [gain, setGain] = useState(String(Math.round(settings.gain_min * 1000) / 10))
  const [tries, setTries] = useState(0)
  const read = readNumber(gain, language)
  const gain_percent = typeof read === 'number' && read >= 0 && read <= 100 ? read : undefined
  const fault = gain_percent === undefined ? t('models.settings.gainFault') : undefined
  const save = useMutation({
    mutationFn: () =>
      call(update, {
        model_id,
        settings: {
          cadence,
          gain_min: (gain_percent ?? 0) / 100,
          auto_promote: on.includes('auto_promote'),
          retrain_on_drift: on.includes('retrain_on_drift'),
          keep_inputs: on.includes('keep_inputs'),
        },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['models'] }),
  })
  if (!allowed.allowed || model.retired_at !== null) return <Refusal allowed={allowed} />
  return (
    <Form
      className="max-w-2xl space-y-5"
      refused={save.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (!fault) save.mutate()
      }}
    >
      <div className="grid gap-5 sm:grid-cols-2">
        <SelectField
          label={t('models.settings.cadence')}
          value={cadence}
          options={cadences.map((value) => ({ value, text: t(`models.cadence.${value}`) }))}
          onChange={(value) => setCadence(cadences.find((each) => each === value) ?? 'off')}
        />
        {model.kept === null && (
          <TextField
            label={t('models.settings.gain')}
            inputMode="decimal"
            value={gain}
            fault={tries > 0 ? fault : undefined}
            onChange={setGain}
          />
        )}
      </div>
      <CheckList
        label={t('models.settings.switches')}
        chosen={on}
        // What lives on readings has no inputs of its own to keep.
        choices={switches
          .filter((value) => model.kept === null || value !== 'keep_inputs')
          .map((value) => ({ value, text: t(`models.settings.${value}`) }))}
        onChange={setOn}
      />
      <ActionProblem action={save} />
      {save.isSuccess && <Notice>{t('models.settings.saved')}</Notice>}
      <Submit busy={save.isPending} plain>
        {t('models.settings.save')}
      </Submit>
    </Form>
  )
}
