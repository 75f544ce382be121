import type { CertificateKind, StatedOf } from '@tidemark/core/certificates/kinds/kinds.ts'
import type { useWords } from '../lib/i18n.ts'

type Words = Pick<ReturnType<typeof useWords>, 't' | 'format'>

/** One thing that a certificate states, as it is shown to be compared. */
export interface StatedRow {
  name: string
  value: string
}

/** What a certificate of each kind states beside what all of them do. */
export const statedRows: { [K in CertificateKind]: (stated: StatedOf<K>, words: Words) => StatedRow[] } = {
  emission_calculation: (stated, { t }) => [
    { name: t('certificates.page.calculationId'), value: stated.calculationId },
    { name: t('certificates.page.inputs', { count: stated.inputs.count }), value: stated.inputs.digest },
    { name: t('certificates.page.factors', { count: stated.factors.count }), value: stated.factors.digest },
    { name: t('certificates.page.result'), value: stated.resultDigest },
    { name: `${t('certificates.page.engine')} ${stated.method.engineVersion}`, value: stated.method.engineDigest },
  ],
  sensor_batch: (stated, { t }) => {
    const { counts, quality, sensors, method, captured } = stated
    const shares = ['score', 'scoreAllReadings', 'dataCoverage'] as const
    return [
      { name: t('certificates.page.validation'), value: stated.validationId },
      { name: t('certificates.page.level'), value: stated.validationLevel },
      { name: t('certificates.page.captured'), value: `${captured.from} – ${captured.to}` },
      {
        name: t('certificates.page.verdicts'),
        value: t('certificates.page.verdictCounts', {
          total: counts.total,
          accepted: counts.accepted,
          suspect: counts.suspect,
          invalid: counts.invalid,
          refused: counts.refused,
        }),
      },
      ...shares.map((each) => ({ name: t(`certificates.page.${each}`), value: quality[each] })),
      { name: t('certificates.page.sensors', { count: sensors.count }), value: sensors.digest },
      { name: t('certificates.page.readings', { count: stated.inputs.count }), value: stated.inputs.digest },
      { name: t('certificates.page.past', { count: stated.past.count }), value: stated.past.digest },
      { name: t('certificates.page.result'), value: stated.resultDigest },
      { name: `${method.name} ${method.version}`, value: method.engineDigest },
    ]
  },
  project_analysis: (stated, { t }) => [
    { name: t('certificates.page.analysis'), value: stated.analysisId },
    { name: t('certificates.page.project'), value: stated.projectId },
    ...stated.files.map(({ role, digest }) => ({ name: t(`certificates.page.file.${role}`), value: digest })),
    { name: t('certificates.page.evidenceClass'), value: stated.evidenceClass },
    ...stated.methods.map(({ name, version, result, unit, interval }) => ({
      name: `${name} ${version}`,
      value:
        result === null
          ? t('certificates.page.cannotTell')
          : `${result} ${unit}${interval ? ` (${interval.low} – ${interval.high})` : ''}`,
    })),
    {
      name: t('certificates.page.confidence'),
      value: `${stated.confidence.score} (${stated.confidence.calibration})`,
    },
    { name: t('certificates.page.decisionLevel'), value: stated.decisionLevel },
    { name: t('certificates.page.report'), value: stated.reportDigest },
    { name: t('certificates.page.given', { count: stated.inputs.count }), value: stated.inputs.digest },
    { name: t('certificates.page.result'), value: stated.resultDigest },
  ],
  credit_decision: (stated, { t, format }) => [
    { name: t('certificates.page.decisionId'), value: stated.decisionId },
    { name: t('certificates.page.project'), value: stated.projectId },
    { name: t('certificates.page.decision'), value: stated.statement },
    {
      name: t('certificates.page.monitoringPeriod'),
      value: `${format.day(stated.monitoringPeriod.startDate)} – ${format.day(stated.monitoringPeriod.endDate)}`,
    },
    { name: t('certificates.page.reviewers'), value: String(stated.reviewers) },
    { name: t('certificates.page.analysisHash'), value: stated.analysisCertificateHash },
    { name: t('certificates.page.given', { count: stated.inputs.count }), value: stated.inputs.digest },
    { name: t('certificates.page.result'), value: stated.resultDigest },
    { name: `${stated.method.id} ${stated.method.version}`, value: stated.method.engineDigest },
  ],
}
