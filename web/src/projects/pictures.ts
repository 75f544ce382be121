import { showAnalysisPicture, type pictureKinds } from '@tidemark/core/projects/analysis-contract.ts'
import { getFile, showPicture } from '@tidemark/core/projects/evidence-contract.ts'
import { addressOf } from '../lib/api.ts'

/** Where a piece of evidence is seen as a picture. */
export function pictureAddress(evidence_id: string, width: number): string {
  return addressOf(showPicture, { evidence_id, width })
}

/** Where a file lies as it was sent. */
export function fileAddress(evidence_id: string, index: number): string {
  return addressOf(getFile, { evidence_id, index })
}

export type PictureKind = (typeof pictureKinds)[number]

/** Where a picture of an analysis lies. */
export function analysisPictureAddress(analysis_id: string, kind: PictureKind): string {
  return addressOf(showAnalysisPicture, { analysis_id, kind })
}
