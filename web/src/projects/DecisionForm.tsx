import { decide, verdicts } from '@tidemark/core/projects/decision-contract.ts'
import type { AnalysisReport } from '@tidemark/core/projects/report.ts'
import { methodWords } from '@tidemark/core/projects/words-of-decisions.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { readNumber } from '../lib/read-number.ts'
import { CheckList, Form, SelectField, Submit, TextField } from '../ui/fields.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import {
  draftFor,
  isPossible,
  methodsToChoose,
  needsReason,
  needsSecond,
  proposedPercent,
  sentOf,
  weighDraft,
  type DecisionDraft,
} from './decision-draft.ts'
import { useSays } from './says.ts'

type Change = (part: Partial<DecisionDraft>) => void
interface Props {
  report: AnalysisReport
  draft: DecisionDraft
  onChange: Change
}

/** Approve, approve a part, ask for more, reject; what it comes to is computed by the rules that the server asks. */
export function DecisionForm({ analysis_id, report }: { analysis_id: string; report: AnalysisReport }) {
  const { t, format } = useWords()
  const client = useQueryClient()
  const [draft, setDraft] = useState(() => draftFor(report))
  const [tries, setTries] = useState(0)
  const send = useMutation({
    mutationFn: () => call(decide, { analysis_id, ...sentOf(draft) }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['projects'] }),
  })
  const change: Change = (part) => setDraft({ ...draft, ...part })
  const approves = draft.verdict === 'approve' || draft.verdict === 'approve_partial'
  const comes_to = approves ? weighDraft(report, draft) : undefined
  const reason_needed = needsReason(report, draft)
  const lacks_reason = reason_needed && draft.reason.trim() === ''
  return (
    <Form
      label={t('projects.decide.title')}
      className="card space-y-5 border-l-4 border-l-tide p-5 sm:p-6"
      refused={send.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (!lacks_reason && !(approves && comes_to === undefined)) send.mutate()
      }}
    >
      <h2 className="text-xl">{t('projects.decide.title')}</h2>
      <VerdictChoice report={report} draft={draft} onChange={change} />
      {approves && <Amount report={report} draft={draft} onChange={change} />}
      {draft.verdict === 'request_more' && <WantedFields report={report} draft={draft} onChange={change} />}
      <Reason
        draft={draft}
        needed={reason_needed}
        fault={tries > 0 && lacks_reason ? t('projects.fault.needed') : undefined}
        onChange={change}
      />
      {approves && (
        <p role="status" className="figures text-xl font-semibold" data-testid="comes-to">
          {comes_to === undefined
            ? t('projects.decide.nothing')
            : t('projects.decide.comesTo', { t: format.number(comes_to.proposed_t_co2e) })}
        </p>
      )}
      {needsSecond(report, draft) && <p className="border-l-2 border-sand pl-3">{t('projects.decide.secondNeeded')}</p>}
      <ActionProblem action={send} />
      <Submit busy={send.isPending}>{t(`projects.decide.do.${draft.verdict}`)}</Submit>
      <p className="text-sm text-soft">{t('projects.decide.forGood')}</p>
    </Form>
  )
}

function VerdictChoice({ report, draft, onChange }: Props) {
  const { t } = useWords()
  const name = useId()
  return (
    <fieldset>
      <legend className="sr-only">{t('projects.decide.title')}</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {verdicts.map((verdict) => {
          const approves = verdict === 'approve' || verdict === 'approve_partial'
          const possible = !approves || isPossible(report, verdict, draft.method)
          return (
            <div
              key={verdict}
              className={`rounded-card border p-3 ${draft.verdict === verdict ? 'border-tide bg-wash' : 'border-rule'} ${possible ? '' : 'text-soft'}`}
            >
              <label className="flex min-h-8 items-baseline gap-2.5 font-semibold">
                <input
                  type="radio"
                  name={name}
                  className="size-4 shrink-0 translate-y-0.5 accent-tide"
                  checked={draft.verdict === verdict}
                  disabled={!possible}
                  aria-describedby={`${name}-${verdict}`}
                  onChange={() => onChange({ verdict })}
                />
                {t(`projects.decide.${verdict}`)}
              </label>
              <p id={`${name}-${verdict}`} className="pl-6.5 text-sm text-soft">
                {t(possible ? `projects.decide.${verdict}Says` : 'projects.decide.nothing')}
              </p>
            </div>
          )
        })}
      </div>
    </fieldset>
  )
}

function Amount({ report, draft, onChange }: Props) {
  const { t, format, language } = useWords()
  const { word } = useSays()
  const [own, setOwn] = useState('')
  const choices = methodsToChoose(report)
  const typed = readNumber(own, language)
  return (
    <div className="space-y-4">
      {choices.length > 0 && (
        <SelectField
          label={t('projects.decide.method')}
          value={draft.method}
          options={choices.map(({ method_id, t_co2e, value }) => ({
            value: method_id,
            text: `${word(methodWords[method_id])}: ${format.number((method_id === 'vm0033-like' ? value : t_co2e) ?? 0)} t`,
          }))}
          onChange={(value) => {
            const method = value as DecisionDraft['method']
            onChange({ method, fraction_percent: proposedPercent(report, method) })
          }}
        />
      )}
      {draft.verdict === 'approve_partial' && <Fraction report={report} draft={draft} onChange={onChange} />}
      <details>
        <summary className="text-[0.9375rem] font-semibold">{t('projects.decide.own')}</summary>
        <div className="mt-3 max-w-xs">
          <TextField
            label={t('projects.decide.ownLabel')}
            help={t('projects.decide.ownHelp')}
            inputMode="decimal"
            autoComplete="off"
            value={own}
            fault={typeof typed === 'string' ? t('projects.fault.number') : undefined}
            onChange={(text) => {
              setOwn(text)
              const value = readNumber(text, language)
              onChange({ own_t: typeof value === 'number' && value > 0 ? value : undefined })
            }}
          />
        </div>
      </details>
    </div>
  )
}

/** The part that is approved; the lower bound at 90 % over the estimate unless the reviewer moves it. */
function Fraction({ report, draft, onChange }: Props) {
  const { t, format } = useWords()
  const id = useId()
  const proposed = proposedPercent(report, draft.method)
  const is_proposed = report.proposal.methods.some(
    ({ method_id, fraction_from_uncertainty: f }) => method_id === draft.method && f !== null && f > 0 && f < 1,
  )
  const share = format.share(draft.fraction_percent / 100)
  return (
    <div>
      <label htmlFor={id} className="flex justify-between gap-4 font-semibold">
        {t('projects.decide.fraction')} <span className="figures">{share}</span>
      </label>
      <input
        id={id}
        type="range"
        min={1}
        max={99}
        value={draft.fraction_percent}
        aria-valuetext={share}
        className="mt-2 h-8 w-full accent-tide"
        onChange={({ target }) => onChange({ fraction_percent: Number(target.value) })}
      />
      <p className="text-sm text-soft">
        {is_proposed
          ? t('projects.decide.fractionProposed', { share: format.share(proposed / 100) })
          : t('projects.decide.fractionOpen')}
      </p>
    </div>
  )
}

/** Proposals of the report to tick, and lines of one's own. */
function WantedFields({ report, draft, onChange }: Props) {
  const { t } = useWords()
  const { say } = useSays()
  const id = useId()
  const choices = report.next_evidence.map(({ says }) => ({ value: say(says), text: say(says) }))
  return (
    <div className="space-y-4">
      {choices.length > 0 && (
        <CheckList
          label={t('projects.decide.wanted')}
          chosen={draft.wanted}
          choices={choices}
          onChange={(wanted) => onChange({ wanted })}
        />
      )}
      <div>
        <label htmlFor={id} className="mb-1 block font-semibold">
          {t('projects.decide.more')}
        </label>
        <textarea
          id={id}
          className="field h-20"
          value={draft.more}
          onChange={({ target }) => onChange({ more: target.value })}
        />
      </div>
    </div>
  )
}

function Reason({
  draft,
  needed,
  fault,
  onChange,
}: {
  draft: DecisionDraft
  needed: boolean
  fault: string | undefined
  onChange: Change
}) {
  const { t } = useWords()
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-semibold">
        {t(needed ? 'projects.decide.reason' : 'projects.decide.reasonOptional')}
      </label>
      <textarea
        id={id}
        className="field h-28"
        maxLength={4000}
        value={draft.reason}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-fault`}
        onChange={({ target }) => onChange({ reason: target.value })}
      />
      <p id={`${id}-fault`} className="mt-1 font-semibold text-bad">
        {fault}
      </p>
    </div>
  )
}
