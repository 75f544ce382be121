import { z } from 'zod'
import { Counted, Decimal, Digest, Label, Method, RecordId, Share, Text } from '../fields.ts'
import { formInDocument, OpenEvidence, openEvidenceDigests, statedInResult, type Kind } from './kind.ts'

/** What the evidence of a restoration project was found to show, by each method in its own unit. */
export const ProjectAnalysisFacts = z.strictObject({
  analysis_id: RecordId,
  project_id: RecordId,
  files: z
    .array(z.strictObject({ role: z.enum(['before', 'after', 'supporting']), digest: Digest }))
    .min(1)
    .max(200),
  evidence_class: Label,
  methods: z
    .array(
      Method.extend({
        result: Decimal.nullable().describe('Null: this method cannot tell.'),
        unit: Text,
        interval: z.strictObject({ low: Decimal, high: Decimal }).optional(),
      }),
    )
    .min(1)
    .max(50),
  confidence: z.strictObject({ score: Share, calibration: Label }),
  decision_level: Label,
  report_digest: Digest,
  inputs: Counted,
  result_digest: Digest,
  subject_commitment: Digest,
})
export type ProjectAnalysisFacts = z.infer<typeof ProjectAnalysisFacts>

export const ProjectAnalysisStated = formInDocument(ProjectAnalysisFacts)
export type ProjectAnalysisStated = z.infer<typeof ProjectAnalysisStated>

export const projectAnalysis: Kind<ProjectAnalysisStated, OpenEvidence> = {
  vc_type: 'ProjectAnalysisCertificate',
  called: ['a certificate of a project analysis', 'un certificat d’analyse de projet'],
  Stated: ProjectAnalysisStated,
  Evidence: OpenEvidence,
  entry: ['line', 'la ligne'],
  faults_at: '/evidence',
  recordIdOf: ({ analysisId }) => analysisId,
  says: ({ projectId, files, methods, confidence: { score, calibration } }) => {
    const results = methods.map(({ name, result, unit }) => ({ name, found: result && `${result} ${unit}` }))
    const list = (unknown: string) => results.map(({ name, found }) => `${name} ${found ?? unknown}`).join(', ')
    return [
      `Analysis of project ${projectId} from ${files.length} ${files.length === 1 ? 'file' : 'files'}: ${list('cannot tell')}; confidence ${score} (${calibration}).`,
      `Analyse du projet ${projectId} d’après ${files.length} ${files.length === 1 ? 'fichier' : 'fichiers'} : ${list('ne peut pas dire')} ; confiance ${score} (${calibration}).`,
    ]
  },
  digestsStated: ({ inputs, resultDigest }) => ({ inputs: inputs.digest, result: resultDigest }),
  digestsOf: (evidence) => {
    const { inputs, result_digest } = openEvidenceDigests(evidence)
    return { inputs: inputs.digest, result: result_digest }
  },
  statedTwice: (stated) => [
    ...statedInResult(stated),
    // An interval may be missing on both sides, and on neither alone.
    ...stated.methods.map((_, i) => [`/methods/${i}/interval`, `/result/methods/${i}/interval`, 'presence'] as const),
  ],
}
