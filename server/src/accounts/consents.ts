import {
  consentPurposes,
  type listConsents as listRoute,
  type setConsent as setRoute,
} from '@tidemark/core/accounts/contract.ts'
import { consentDigest, consentTexts, type ConsentPurpose } from '@tidemark/core/accounts/consents.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { record } from '../audit/service.ts'
import type { Context } from '../platform/context.ts'
import { personOf } from './sessions.ts'
import * as store from './store.ts'

export async function list(ctx: Context): Promise<OutputOf<typeof listRoute>> {
  const history = await store.listConsents(ctx.db, personOf(ctx).person_id)
  return {
    consents: consentPurposes.map((purpose) => {
      const latest = history.find((row) => row.purpose === purpose)
      const { en, fr } = consentTexts[purpose]
      return { ...describe(purpose, latest), text: { en, fr } }
    }),
  }
}

/** Another wording than the one that was agreed to is not agreed to. */
function describe(purpose: ConsentPurpose, latest: store.StoredConsent | undefined) {
  const text_digest = consentDigest(purpose)
  return {
    purpose,
    given: latest !== undefined && latest.given && latest.text_digest === text_digest,
    text_version: consentTexts[purpose].version,
    text_digest,
    at: latest?.at.toISOString() ?? null,
  }
}

export async function set(
  ctx: Context,
  { purpose, given }: InputOf<typeof setRoute>,
): Promise<OutputOf<typeof setRoute>> {
  const { person_id } = personOf(ctx)
  const at = ctx.now()
  const text_digest = consentDigest(purpose)
  const row = { person_id, purpose, given, text_version: consentTexts[purpose].version, text_digest, at }
  await ctx.db.transaction(async (tx) => {
    await store.insertConsent(tx, row)
    await record(
      { ...ctx, db: tx },
      {
        action: given ? 'accounts.consent_given' : 'accounts.consent_withdrawn',
        resource: { type: 'consent', id: purpose },
        after: { text_digest },
      },
    )
  })
  return describe(purpose, { ...row, seq: 0 })
}

/** Whether somebody agrees to a purpose at this moment, as it is worded now. */
export async function hasConsented(ctx: Context, person_id: string, purpose: ConsentPurpose): Promise<boolean> {
  const history = await store.listConsents(ctx.system_db, person_id)
  return describe(
    purpose,
    history.find((row) => row.purpose === purpose),
  ).given
}
