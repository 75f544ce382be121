import type { Report } from '@tidemark/core/certificates/contract.ts'
import { rsaPssWith, type Jwks } from '@tidemark/core/certificates/keys.ts'
import { verifyCertificate } from '@tidemark/core/certificates/verify.ts'
import { replayers } from '@tidemark/core/replayers.ts'

/** Checks a file with nothing but what is in this page: no request leaves it. */
export function checkHere(text: string, trusted_keys: Jwks, options: { replay: boolean }): Promise<Report> {
  return verifyCertificate(text, {
    trusted_keys,
    // Only a secure context has WebCrypto; without it the flat form is reported as not checked, never as good.
    ...(globalThis.crypto?.subtle ? { verifyRsaPss: rsaPssWith(crypto.subtle) } : {}),
    ...(options.replay ? { replayers } : {}),
  })
}
