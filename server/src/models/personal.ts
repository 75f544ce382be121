import type { PersonalData } from '../platform/personal-data.ts'
import * as datasets from './datasets-service.ts'
import { daysOf } from './observed-store.ts'
import { dropFiles } from './registry.ts'
import * as store from './store.ts'

/** Models are an organisation's; of people they hold pseudonyms only. */
export const personalData: PersonalData = {
  exportOf: async (ctx, { kind, id }) => {
    if (kind !== 'organisation') return {}
    const models = await store.listModels(ctx.db, id, { retired: true, limit: 100_000 })
    const versions = await Promise.all(models.map(({ model_id }) => store.listVersions(ctx.db, model_id, 100_000)))
    const brought = await datasets.exportOf(ctx, id)
    const observed = await daysOf(ctx.db, id)
    return { 'models.models': models, 'models.versions': versions.flat(), 'models.observed_days': observed, ...brought }
  },
  erase: async (ctx, { kind, id }) => {
    if (kind !== 'organisation') return {}
    const digests = await store.filesOf(ctx.db, id)
    const erased = await store.deleteModelsOf(ctx.db, id)
    await dropFiles({ ...ctx, system_db: ctx.db }, digests)
    return { 'models.model': erased, ...(await datasets.eraseOf(ctx, id)) }
  },
}
