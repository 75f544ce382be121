import type { Project } from '@tidemark/core/projects/contract.ts'
import { useId, useState, type ReactNode } from 'react'
import { ApiProblem } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Form, SelectField, Submit, TextField } from '../ui/fields.tsx'
import { Section } from '../ui/Page.tsx'
import { BoundaryField } from './BoundaryField.tsx'
import { ecosystems, readDraft, type ProjectDraft, type ProjectSent } from './draft.ts'
import type { Underlay } from './DrawMap.tsx'
import { MethodFields } from './MethodFields.tsx'
import { useSays } from './says.ts'

type FaultAt = (field: string) => string | undefined
type Change = (part: Partial<ProjectDraft>) => void

/** Everything about a project in one form: who does what, where, and what no picture shows. */
export function ProjectForm({
  start,
  before,
  underlay,
  busy,
  problem,
  refused,
  action,
  beside,
  onSend,
}: {
  start: ProjectDraft
  before?: Project
  underlay?: Underlay | undefined
  busy: boolean
  problem: ReactNode
  refused: unknown
  action: string
  beside?: ReactNode
  onSend: (project: ProjectSent) => void
}) {
  const { t, language } = useWords()
  const [draft, setDraft] = useState(start)
  const [tries, setTries] = useState(0)
  const read = readDraft(draft, language, before)
  const faultAt: FaultAt = (field) => {
    const fault = tries > 0 ? read.faults?.get(field) : undefined
    const theirs =
      refused instanceof ApiProblem ? refused.faults.find(({ path }) => path.endsWith(`/${field}`)) : undefined
    if (fault === undefined) return theirs?.message
    return fault.code === 'other' ? fault.message : t(`projects.fault.${fault.code}`)
  }
  const change: Change = (part) => setDraft((now) => ({ ...now, ...part }))
  return (
    <Form
      refused={tries > 0 ? `${tries} ${String(refused)}` : undefined}
      onSubmit={() => {
        setTries(tries + 1)
        if (read.faults === undefined) onSend(read.project)
      }}
    >
      <WhoAndWhat draft={draft} faultAt={faultAt} onChange={change} />
      <Section title={t('projects.boundary.title')} says={t('projects.boundary.says')} id="boundary">
        <Claimed draft={draft} faultAt={faultAt} onChange={change} />
        <BoundaryField
          boundary={draft.boundary}
          claimed={draft.claimed_ha}
          underlay={underlay}
          onChange={(boundary) => change({ boundary })}
        />
      </Section>
      <Section title={t('projects.form.methods')} says={t('projects.form.methodsSays')} id="methods">
        <MethodFields draft={draft} faultAt={faultAt} onChange={change} />
      </Section>
      <div className="mt-10 border-t border-rule pt-6">
        {tries > 0 && read.faults !== undefined && (
          <p role="alert" className="mb-4 font-semibold text-bad">
            {t('projects.form.faults', { count: read.faults.size })}
          </p>
        )}
        {problem}
        <div className="flex flex-wrap gap-3">
          <Submit busy={busy}>{action}</Submit>
          {beside}
        </div>
      </div>
    </Form>
  )
}

function Claimed({ draft, faultAt, onChange }: { draft: ProjectDraft; faultAt: FaultAt; onChange: Change }) {
  const { t } = useWords()
  return (
    <div className="mb-6 max-w-xs">
      <TextField
        label={t('projects.form.claimed_ha')}
        help={t('projects.form.claimed_haHelp')}
        inputMode="decimal"
        autoComplete="off"
        value={draft.claimed_ha}
        fault={faultAt('claimed_ha')}
        onChange={(claimed_ha) => onChange({ claimed_ha })}
      />
    </div>
  )
}

function WhoAndWhat({ draft, faultAt, onChange }: { draft: ProjectDraft; faultAt: FaultAt; onChange: Change }) {
  const { t } = useWords()
  const { Ecosystem } = useSays()
  const id = useId()
  return (
    <div className="max-w-2xl space-y-5">
      <TextField
        label={t('projects.form.name')}
        help={t('projects.form.nameHelp')}
        maxLength={200}
        value={draft.name}
        fault={faultAt('name')}
        onChange={(name) => onChange({ name })}
      />
      <TextField
        label={t('projects.form.developer')}
        help={t('projects.form.developerHelp')}
        maxLength={200}
        value={draft.developer}
        fault={faultAt('developer')}
        onChange={(developer) => onChange({ developer })}
      />
      <SelectField
        label={t('projects.form.ecosystem')}
        help={t(`projects.ecosystemSays.${draft.ecosystem}`)}
        value={draft.ecosystem}
        options={ecosystems.map((each) => ({ value: each, text: Ecosystem(each) }))}
        onChange={(ecosystem) => onChange({ ecosystem: ecosystem as ProjectDraft['ecosystem'] })}
      />
      <div>
        <label htmlFor={id} className="mb-1 block font-semibold">
          {t('projects.form.description')}
        </label>
        <textarea
          id={id}
          className="field h-24"
          maxLength={4000}
          value={draft.description}
          onChange={({ target }) => onChange({ description: target.value })}
        />
      </div>
    </div>
  )
}
