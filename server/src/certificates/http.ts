import type { Readable } from 'node:stream'
import * as contract from '@tidemark/core/certificates/contract.ts'
import { bind, bindFile, RawReply, type Capability } from '../platform/capability.ts'
import { personalData } from './personal.ts'
import * as service from './service.ts'

/** The capability. What it says about calculations is handed in by those who keep them. */
export function createCertificates(sources: service.CertificateSources = {}): Capability {
  return {
    name: 'certificates',
    problems: contract.problems,
    bindings: [
      bind(contract.get, (ctx, input) => service.get(ctx, input, sources)),
      bind(contract.list, service.list),
      bindFile(contract.verify, async (ctx, { file, replay }) =>
        service.verify(ctx, { bytes: await bytesOf(file), replay }, sources),
      ),
      bind(contract.signature, async (ctx, input) => {
        const media_type = 'application/octet-stream'
        const headers = { 'content-disposition': `attachment; filename="${input.id}.ps256.sig"` }
        return new RawReply({ body: await service.detachedSignature(ctx, input), media_type, headers })
      }),
      bind(contract.jwks, service.publicKeys),
      bind(contract.did, service.did),
      bind(contract.vocabulary, service.vocabulary),
      bind(
        contract.pem,
        async (ctx, input) =>
          new RawReply({ body: await service.pem(ctx, input), media_type: 'application/x-pem-file' }),
      ),
    ],
    seed: service.refuseLostKeys,
    personal_data: personalData,
  }
}

async function bytesOf(file: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of file) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
