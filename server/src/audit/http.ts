import * as contract from '@tidemark/core/audit/contract.ts'
import { bind, RawReply, type Capability } from '../platform/capability.ts'
import { personalData } from './personal.ts'
import * as service from './service.ts'

export const audit: Capability = {
  name: 'audit',
  problems: contract.problems,
  personal_data: personalData,
  bindings: [
    bind(contract.list, service.list),
    bind(contract.exportEvents, async (ctx, input) => {
      const { body, media_type, filename } = await service.exportEvents(ctx, input)
      const headers = { 'content-disposition': `attachment; filename="${filename}"`, 'cache-control': 'no-store' }
      return new RawReply({ body, media_type, headers })
    }),
    bind(contract.verify, async (ctx, { known_seq, known_hash }) =>
      service.verifyChain(
        ctx,
        known_seq === undefined || known_hash === undefined ? undefined : { seq: known_seq, hash: known_hash },
      ),
    ),
  ],
}
