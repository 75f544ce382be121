import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { AssertionCredential, RegistrationCredential } from '@tidemark/core/accounts/passkeys-contract.ts'
import type { z } from 'zod'
import type { Context } from '../../platform/context.ts'
import type { PasskeyPlace } from './place.ts'
import { refused } from './question.ts'
import type { StoredPasskey } from './store.ts'
import { sameBytes } from '../secrets.ts'

/**
 * What a device says, checked by `@simplewebauthn/server`, and what that library leaves to its caller: nothing that names
 * an address of its own is read, no frame of another site takes part, and the counter is judged after the signature.
 */

/** ES256, EdDSA and RS256, by their numbers in COSE (RFC 9053): what devices of today make. */
export const ALGORITHMS = [-7, -8, -257]

/** What is kept of a device that made a passkey. */
export type Checked = Pick<StoredPasskey, 'credential_id' | 'public_key' | 'counter' | 'transports' | 'synchronised'>

export interface CheckedAssertion {
  counter: number
  synchronised: boolean
}

const WHY = 'It does not answer what this page asked, or was made for another page.'

/** @throws Problem `accounts/passkey-refused` */
export async function checkRegistration(
  ctx: Context,
  { rp_id, origin }: PasskeyPlace,
  challenge: string,
  credential: z.output<typeof RegistrationCredential>,
): Promise<Checked> {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  const { response } = credential
  const verified = await orRefuse(ctx, async () => {
    refuseFrames(response.clientDataJSON)
    await refuseCertificates(response.attestationObject)
    return verifyRegistrationResponse({
      response: credential as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rp_id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    })
  })
  const { credential: made, credentialBackedUp } = verified.registrationInfo ?? {}
  if (!verified.verified || !made || made.id !== credential.id) throw refused(WHY)
  return {
    credential_id: Buffer.from(made.id, 'base64url'),
    public_key: made.publicKey,
    counter: made.counter,
    transports: [...new Set(response.transports)].join(' '),
    synchronised: credentialBackedUp ?? false,
  }
}

/**
 * @returns what the device counts; whether that went on is for the caller to judge in one statement.
 * @throws Problem `accounts/passkey-refused`
 */
export async function checkAssertion(
  ctx: Context,
  { rp_id, origin }: PasskeyPlace,
  challenge: string,
  credential: z.output<typeof AssertionCredential>,
  passkey: StoredPasskey,
): Promise<CheckedAssertion> {
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  const { clientDataJSON, userHandle } = credential.response
  // Whoever was already known by name may leave out whom the passkey is for; that it fits is checked when it is said.
  const fits = typeof userHandle !== 'string' || sameBytes(Buffer.from(userHandle, 'base64url'), passkey.user_handle)
  if (passkey.rp_id !== rp_id || !fits) throw refused(WHY)
  const verified = await orRefuse(ctx, async () => {
    refuseFrames(clientDataJSON)
    return verifyAuthenticationResponse({
      response: credential as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rp_id,
      requireUserVerification: true,
      credential: {
        id: Buffer.from(passkey.credential_id).toString('base64url'),
        publicKey: new Uint8Array(passkey.public_key),
        // The library would judge it before the signature, and say so to whoever made one up.
        counter: 0,
      },
    })
  })
  if (!verified.verified) throw refused(WHY)
  const { newCounter, credentialBackedUp } = verified.authenticationInfo
  return { counter: newCounter, synchronised: credentialBackedUp }
}

/** The library throws a plain error for everything that does not fit. What it says goes to the log alone. */
async function orRefuse<T>(ctx: Context, check: () => Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (error) {
    ctx.log.info({ reason: error instanceof Error ? error.message : 'unknown' }, 'a passkey was refused')
    throw refused(WHY)
  }
}

/** A page of another site that shows ours in a frame has no part in this; browsers say so in `crossOrigin`. */
function refuseFrames(client_data: string): void {
  const said = JSON.parse(Buffer.from(client_data, 'base64url').toString()) as Record<string, unknown>
  if (said.crossOrigin !== undefined && said.crossOrigin !== false)
    throw new Error('asked from a frame of another site')
}

/**
 * Nothing was asked about the make of the device, so no certificates have a part in this. The library would follow the
 * addresses in them to lists of revoked ones: addresses that whoever sends this has chosen.
 */
async function refuseCertificates(attestation: string): Promise<void> {
  const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers')
  const decoded = decodeAttestationObject(new Uint8Array(Buffer.from(attestation, 'base64url')))
  const format: string = decoded.get('fmt')
  // `packed` without a certificate is signed by the new key itself; some devices send it unasked.
  const bare = format === 'none' || (format === 'packed' && decoded.get('attStmt').get('x5c') === undefined)
  if (!bare) throw new Error('brought a certificate')
}
