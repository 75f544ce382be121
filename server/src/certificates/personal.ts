import type { PersonalData } from '../platform/personal-data.ts'
import * as service from './service.ts'

/** Whom certificates speak of is kept under a key of its own; without the key they name nobody. */
export const personalData: PersonalData = {
  exportOf: async (ctx, { kind, id }) =>
    kind === 'organisation' ? { 'certificates.certificates': await service.certificatesOf(ctx, id) } : {},
  erase: async (ctx, { kind, id }) =>
    kind === 'organisation' ? { 'certificates.subject': await service.eraseSubjectsOf(ctx, id) } : {},
  stays: (kind) =>
    kind === 'organisation'
      ? [
          {
            what: 'certificates.certificate',
            why_en:
              'Signed certificates stay, because others rely on them: totals, counts, periods and digests. Whom they speak of was encrypted under a key that is destroyed, so they name nobody.',
            why_fr:
              'Les certificats signés restent, car d’autres s’y fient : totaux, nombres, périodes et empreintes. Le nom était chiffré sous une clé qui est détruite : ils ne nomment plus personne.',
          },
        ]
      : [],
}
