import type { KeptData, PersonalData } from '../platform/personal-data.ts'
import * as service from './service.ts'

const kept: KeptData[] = [
  {
    what: 'audit.event',
    why_en:
      'The log stays whole, because it proves that nothing was changed (art. 17(3)(b) and (e) GDPR). It holds a pseudonym, and whom it stood for is erased.',
    why_fr:
      'Le journal reste entier, car il prouve que rien n’a été modifié (art. 17(3)(b) et (e) RGPD). Il contient un pseudonyme, dont le titulaire est effacé.',
  },
]

export const personalData: PersonalData = {
  exportOf: async (ctx, { kind, id }) => ({
    'audit.events': kind === 'person' ? await service.eventsOf(ctx, 'person', id) : await service.eventsIn(ctx, id),
  }),
  erase: async (ctx, { kind, id }) => ({
    'audit.actor':
      kind === 'person' ? Number(await service.eraseActor(ctx, 'person', id)) : await service.eraseKeysOf(ctx, id),
  }),
  stays: () => kept,
}
