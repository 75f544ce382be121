import * as contract from '@tidemark/core/privacy/contract.ts'
import { bind, RawReply, type Capability } from '../platform/capability.ts'
import { jobsOf } from './jobs.ts'
import * as service from './service.ts'

/** The capability. What there is to export and to erase is handed in by those who keep it. */
export function createPrivacy(sources: service.PrivacySources): Capability {
  return {
    name: 'privacy',
    problems: contract.problems,
    bindings: [
      bind(contract.exportMine, async (ctx) => service.requestExport(ctx, service.me(ctx), sources)),
      bind(contract.exportOrganisation, async (ctx, { organisation_id }) =>
        service.requestExport(ctx, service.ours(ctx, organisation_id), sources),
      ),
      bind(contract.listExports, service.listExports),
      bind(contract.fetchExport, async (ctx, input) => {
        const { bytes, filename } = await service.fetchExport(ctx, input, sources)
        const headers = { 'content-disposition': `attachment; filename="${filename}"`, 'cache-control': 'no-store' }
        return new RawReply({ body: bytes, media_type: 'application/json', headers })
      }),
      bind(contract.showMyDeletion, async (ctx) => service.showDeletion(ctx, service.me(ctx), sources)),
      bind(contract.deleteMe, async (ctx) => service.scheduleDeletion(ctx, service.me(ctx), sources)),
      bind(contract.keepMe, async (ctx) => service.undoDeletion(ctx, service.me(ctx), sources)),
      bind(contract.showDeletion, async (ctx, { organisation_id }) =>
        service.showDeletion(ctx, service.ours(ctx, organisation_id), sources),
      ),
      bind(contract.deleteOrganisation, async (ctx, { organisation_id }) =>
        service.scheduleDeletion(ctx, service.ours(ctx, organisation_id), sources),
      ),
      bind(contract.keepOrganisation, async (ctx, { organisation_id }) =>
        service.undoDeletion(ctx, service.ours(ctx, organisation_id), sources),
      ),
      bind(contract.showRetention, service.showRetention),
      bind(contract.setRetention, async (ctx, input) => service.setRetention(ctx, input, sources)),
    ],
    jobs: jobsOf(sources),
    seed: async (ctx) => {
      await service.reapplyTombstones(ctx, sources)
    },
  }
}
