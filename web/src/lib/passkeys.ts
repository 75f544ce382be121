import type { Me } from '@tidemark/core/accounts/contract.ts'
import type { AssertionCredential, Passkey, RegistrationCredential } from '@tidemark/core/accounts/passkeys-contract.ts'
import type { z } from 'zod'
import { ApiProblem, call } from './api.ts'

/** The person said no, waited too long, or the device has no passkey for this address. Browsers do not tell which. */
const NOT_DONE = 'passkey/not-done'
/** The device holds a passkey of this account already. */
const THERE_ALREADY = 'passkey/there-already'

/** Both come when a passkey is first used: pages that only offer one do without them. */
const loadContract = () => import('@tidemark/core/accounts/passkeys-contract.ts')
const loadBrowserSide = () => import('@simplewebauthn/browser')
type BrowserSide = Awaited<ReturnType<typeof loadBrowserSide>>

/** Whether this browser knows passkeys at all. Whether they work at this address is what the server says of itself. */
export function knowsPasskeys(): boolean {
  return 'PublicKeyCredential' in globalThis
}

/** @throws ApiProblem when the server says no, or when the device or the person does. */
export async function registerPasskey(name: string): Promise<Passkey> {
  const { addPasskey, passkeyRegistrationOptions } = await loadContract()
  const { options } = await call(passkeyRegistrationOptions, {})
  const credential = await onDevice(({ startRegistration }) =>
    startRegistration({ optionsJSON: options as unknown as OptionsOf<'startRegistration'> }),
  )
  return call(addPasskey, { name, credential: credential as z.input<typeof RegistrationCredential> })
}

/** Signs in without an address or a password being typed. @throws ApiProblem as above. */
export async function signInByPasskey(): Promise<Me> {
  const { passkeySignIn, passkeySignInOptions } = await loadContract()
  const { options } = await call(passkeySignInOptions, {})
  return (await call(passkeySignIn, { credential: await assertionFor(options) })).me
}

/** Confirms that it is still the same person. @throws ApiProblem as above. */
export async function confirmByPasskey(): Promise<void> {
  const { passkeyStepUp, passkeyStepUpOptions } = await loadContract()
  const { options } = await call(passkeyStepUpOptions, {})
  await call(passkeyStepUp, { credential: await assertionFor(options) })
}

type OptionsOf<K extends 'startRegistration' | 'startAuthentication'> = Parameters<BrowserSide[K]>[0]['optionsJSON']

async function assertionFor(options: unknown): Promise<z.input<typeof AssertionCredential>> {
  const credential = await onDevice(({ startAuthentication }) =>
    startAuthentication({ optionsJSON: options as OptionsOf<'startAuthentication'> }),
  )
  return credential as z.input<typeof AssertionCredential>
}

async function onDevice<T>(ask: (browser: BrowserSide) => Promise<T>): Promise<T> {
  const browser = await loadBrowserSide()
  try {
    return await ask(browser)
  } catch (error) {
    const there_already = error instanceof Error && error.name === 'InvalidStateError'
    throw new ApiProblem({
      type: there_already ? THERE_ALREADY : NOT_DONE,
      title: there_already ? 'This device has a passkey for this account already' : 'The device gave no passkey',
      status: 0,
    })
  }
}
