import { withdrawEvidence, type Evidence } from '@tidemark/core/projects/evidence-contract.ts'
import type { Project } from '@tidemark/core/projects/contract.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { allowedTo } from '../lib/rights.ts'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Refusal } from '../ui/Refusal.tsx'
import { Empty } from '../ui/Rows.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { AnalysisProgress } from './AnalysisProgress.tsx'
import { FileFactsList } from './FileFactsList.tsx'
import { ReasonDialog } from './MoveButtons.tsx'
import { pictureAddress } from './pictures.ts'
import { GeneratedTag } from './ProjectTags.tsx'
import { analysesQuery, evidenceQuery, isWorking, projectKey } from './queries.ts'
import { useSays } from './says.ts'
import { UploadForm } from './UploadForm.tsx'

/** Pictures as evidence: sending them, and what each says of itself. */
export function EvidencePart({ project }: { project: Project }) {
  const { t, language } = useWords()
  const allowed = allowedTo('projects.upload', useMe(), language)
  const asked = useQuery(evidenceQuery(project.id))
  const latest = useQuery(analysesQuery(project.id)).data?.analyses[0]
  const evidence = asked.data?.evidence
  return (
    <>
      {latest && isWorking(latest.state) && (
        <div className="card mb-6 border-l-4 border-l-tide p-5">
          <AnalysisProgress analysis={latest} />
        </div>
      )}
      {allowed.allowed ? (
        project.state !== 'withdrawn' && <UploadForm project={project} />
      ) : (
        <Refusal allowed={allowed} />
      )}
      <Section title={t('projects.evidence.title')} id="evidence">
        {asked.isPending && <Loading />}
        {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
        {evidence?.length === 0 && <Empty>{t('projects.evidence.none')}</Empty>}
        <ul aria-label={t('projects.evidence.title')} className="space-y-5">
          {evidence?.map((each) => (
            <Piece key={each.id} piece={each} may_withdraw={allowed.allowed} />
          ))}
        </ul>
      </Section>
    </>
  )
}

function Piece({ piece, may_withdraw }: { piece: Evidence; may_withdraw: boolean }) {
  const { t, format } = useWords()
  const { somebody } = useSays()
  const { withdrawn_at, withdrawn_reason, evidence_type, evidence_class, files } = piece
  const taken = piece.captured_at
  return (
    <li className={`card overflow-hidden sm:flex ${withdrawn_at === null ? '' : 'opacity-80'}`} data-testid="evidence">
      <img
        src={pictureAddress(piece.id, 480)}
        alt={t('projects.evidence.alt', { type: t(`projects.type.${evidence_type}`), name: files[0]?.name ?? '' })}
        loading="lazy"
        className="pixels h-52 w-full shrink-0 bg-wash object-contain sm:h-auto sm:w-56"
      />
      <div className="min-w-0 flex-1 p-4 sm:p-5">
        <h3 className="flex flex-wrap items-center gap-2 text-lg">
          {t(`projects.type.${evidence_type}`)}
          <span className="figures text-base font-normal text-soft">n° {piece.number}</span>
          {piece.generated && <GeneratedTag />}
        </h3>
        <p className="text-[0.9375rem] text-soft">
          {taken === null ? t('projects.evidence.noDate') : t('projects.evidence.taken', { when: format.day(taken) })}
          {piece.sensor !== null && ` · ${piece.sensor}`}
          {piece.uploaded_by !== null && ` · ${t('projects.evidence.by', { name: somebody(piece.uploaded_by) })}`}
        </p>
        <p className="mt-2">
          <strong>{evidence_class}</strong> · {t(`projects.class.${evidence_class}`)}
        </p>
        {withdrawn_at !== null && (
          <p className="mt-2 border-l-2 border-sand pl-3">
            {t('projects.evidence.withdrawn', { when: format.day(withdrawn_at), reason: withdrawn_reason ?? '' })}
          </p>
        )}
        {files.map((file, index) => (
          <FileFactsList key={file.facts.sha256} evidence_id={piece.id} index={index} file={file} />
        ))}
        {withdrawn_at === null && may_withdraw && <Withdraw piece={piece} />}
      </div>
    </li>
  )
}

function Withdraw({ piece }: { piece: Evidence }) {
  const { t } = useWords()
  const client = useQueryClient()
  const [open, setOpen] = useState(false)
  const withdraw = useMutation({
    mutationFn: (reason: string) => call(withdrawEvidence, { evidence_id: piece.id, reason }),
    onSuccess: () => client.invalidateQueries({ queryKey: projectKey(piece.project_id) }),
    onSettled: () => setOpen(false),
  })
  return (
    <>
      <button type="button" className="button button-plain button-small mt-4" onClick={() => setOpen(true)}>
        {t('projects.evidence.withdraw')}
      </button>
      <ActionProblem action={withdraw} />
      {open && (
        <ReasonDialog
          title={t('projects.evidence.withdraw')}
          says={t('projects.evidence.withdrawSays')}
          busy={withdraw.isPending}
          onSend={(reason) => withdraw.mutate(reason)}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}
