// What a person does on any page: look at it, answer the question whether it is still them, read a code off their telephone.
import { hotp, stepAt } from '@tidemark/core/accounts/totp.ts'
import { expect } from 'vitest'
import { accessibilityFaults, overflow_px, picture, type Visit } from './browser.ts'

/** Takes a picture of the page, and holds that nothing is out of a screen reader's reach or wider than the window. */
export async function expectSound({ page }: Visit, name: string): Promise<void> {
  await picture(page, name)
  expect(await accessibilityFaults(page), name).toEqual([])
  expect(await overflow_px(page), name).toBe(0)
}

/** Answers the question whether it is still the same person, where it is asked. */
export async function confirmIfAsked({ page }: Visit, answer: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' })
  const asked = await dialog.waitFor({ timeout: 3000 }).then(
    () => true,
    () => false,
  )
  if (!asked) return
  await dialog.getByRole('textbox').fill(answer)
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await dialog.waitFor({ state: 'detached' })
}

/** What an authenticator shows now for a secret in base32. */
export function codeOf(secret: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.replaceAll(' ', '')]
    .map((each) => alphabet.indexOf(each).toString(2).padStart(5, '0'))
    .join('')
  const bytes = Array.from({ length: bits.length >> 3 }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2))
  return hotp(new Uint8Array(bytes), stepAt(new Date()))
}

/** Sends to the API what a page of this visit would, with its cookies, and returns the answer's body. */
export async function send<T>({ page }: Visit, method: string, path: string, body?: object): Promise<T> {
  const script = `fetch(${JSON.stringify(path)}, {
    method: ${JSON.stringify(method)},
    ${body === undefined ? '' : `headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify(body))}`}
  }).then(async (answer) => ({ status: answer.status, body: await answer.json().catch(() => null) }))`
  const answer = await page.evaluate<{ status: number; body: T }>(script)
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300)
  return answer.body
}

/** A device that answers for passkeys in this visit as a telephone with a fingerprint would. */
export async function addDevice({ page, context }: Visit): Promise<void> {
  const chromium = await context.newCDPSession(page)
  await chromium.send('WebAuthn.enable')
  await chromium.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

/** What has the focus, as its tag and its text: a screen reader says that next. */
export async function focused({ page }: Visit): Promise<string> {
  return String(await page.evaluate('`${document.activeElement?.tagName} ${document.activeElement?.textContent}`'))
}
