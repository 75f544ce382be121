import { useId } from 'react'
import { useWords } from '../lib/i18n.ts'
import { SelectField, TextField } from '../ui/fields.tsx'
import { answers, climates, declarations, type Declaration, type ProjectDraft } from './draft.ts'
import { useSays } from './says.ts'

/** What the methods need to know and no picture shows. Everything here may be left open; then it is said what is missing. */
export function MethodFields({
  draft,
  faultAt,
  onChange,
}: {
  draft: ProjectDraft
  faultAt: (field: string) => string | undefined
  onChange: (part: Partial<ProjectDraft>) => void
}) {
  const { t } = useWords()
  const { ecosystem } = useSays()
  const figure = (name: 'salinity_ppt' | 'age_at_start_years' | 'carbon_soil_percent' | 'ch4_t_per_ha_yr') => (
    <TextField
      label={t(`projects.form.${name}`)}
      help={t(`projects.form.${name}Help`)}
      inputMode="decimal"
      autoComplete="off"
      value={draft[name]}
      fault={faultAt(name)}
      onChange={(value) => onChange({ [name]: value })}
    />
  )
  const unsaid = { value: '', text: t('projects.form.unsaid') }
  return (
    <div className="space-y-8">
      <div className="grid items-start gap-5 sm:grid-cols-2">
        {draft.ecosystem === 'mangrove' && (
          <SelectField
            label={t('projects.form.climate')}
            help={t('projects.form.climateHelp')}
            value={draft.climate}
            options={[unsaid, ...climates.map((each) => ({ value: each, text: t(`projects.climate.${each}`) }))]}
            onChange={(climate) => onChange({ climate: climate as ProjectDraft['climate'] })}
          />
        )}
        {figure('salinity_ppt')}
        {draft.ecosystem === 'mangrove' && figure('age_at_start_years')}
        <SelectField
          label={t('projects.form.soil_type')}
          help={t('projects.form.soil_typeHelp')}
          value={draft.soil_type}
          options={[
            unsaid,
            { value: 'mineral', text: t('projects.soil.mineral') },
            { value: 'organic', text: t('projects.soil.organic') },
          ]}
          onChange={(soil_type) => onChange({ soil_type: soil_type as ProjectDraft['soil_type'] })}
        />
        {draft.soil_type === 'mineral' && figure('carbon_soil_percent')}
        {figure('ch4_t_per_ha_yr')}
      </div>
      <div>
        <h3 className="text-lg">{t('projects.form.declarations')}</h3>
        <p className="mt-1 max-w-prose text-soft">
          {t('projects.form.declarationsSays', { ecosystem: ecosystem(draft.ecosystem) })}
        </p>
        <ul className="mt-3 border-b border-rule">
          {declarations.map((each) => (
            <DeclarationRow
              key={each}
              declaration={each}
              answer={draft.declarations[each]}
              onAnswer={(answer) => onChange({ declarations: { ...draft.declarations, [each]: answer } })}
            />
          ))}
        </ul>
      </div>
    </div>
  )
}

function DeclarationRow({
  declaration,
  answer,
  onAnswer,
}: {
  declaration: Declaration
  answer: (typeof answers)[number]
  onAnswer: (answer: (typeof answers)[number]) => void
}) {
  const { t } = useWords()
  const id = useId()
  return (
    <li className="border-t border-rule py-3.5">
      <fieldset className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2" aria-describedby={`${id}-says`}>
        <legend className="float-left min-w-0 flex-1 basis-72 font-semibold">
          {t(`projects.declaration.${declaration}`)}
          <span id={`${id}-says`} className="block max-w-prose text-[0.9375rem] font-normal text-soft">
            {t(`projects.declarationSays.${declaration}`)}
          </span>
        </legend>
        <div className="flex flex-wrap gap-x-4">
          {answers.map((each) => (
            <label key={each} className="flex min-h-10 items-center gap-2">
              <input
                type="radio"
                name={id}
                className="size-4 accent-tide"
                checked={answer === each}
                onChange={() => onAnswer(each)}
              />
              {t(`projects.answer.${each === '' ? 'open' : each}`)}
            </label>
          ))}
        </div>
      </fieldset>
    </li>
  )
}
