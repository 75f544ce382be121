import * as contract from '@tidemark/core/accounts/contract.ts'
import * as passkeysContract from '@tidemark/core/accounts/passkeys-contract.ts'
import { planProblems } from '@tidemark/core/admin/plans.ts'
import type { InputOf, OutputOf, Route } from '@tidemark/core/lib/contract.ts'
import { z } from 'zod'
import type { Access } from '../platform/access.ts'
import { bind, type Binding, type Capability, type RawReply } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { jobKind, work } from '../platform/jobs.ts'
import * as admin from './admin.ts'
import * as claim from './claim.ts'
import * as consents from './consents.ts'
import * as keys from './keys.ts'
import * as organisations from './organisations.ts'
import * as passkeys from './passkeys.ts'
import * as providers from './providers.ts'
import * as secondFactor from './second-factor.ts'
import * as service from './service.ts'
import * as signIn from './sign-in.ts'
import * as signUp from './sign-up.ts'
import * as tokens from './tokens.ts'

/** How the platform learns who asks and what they may do. */
export const access: Access = {
  authenticate: service.authenticate,
  authorise: service.authorise,
  isClaimed: service.isClaimed,
}

const tidyKind = jobKind('accounts.tidy', z.object({}))

export const accounts: Capability = {
  name: 'accounts',
  problems: { ...contract.problems, ...planProblems },
  seed: claim.seed,
  personal_data: service.personalData,
  jobs: [work(tidyKind, { schedule: '41 3 * * *' }, service.tidy)],
  bindings: [
    own(contract.state, claim.state),
    own(contract.demo, claim.demo),
    own(contract.claim, claim.claim),
    own(contract.signUp, signUp.signUp),
    own(contract.showInvitation, signUp.showInvitation),
    own(contract.acceptInvitation, signUp.acceptInvitation),
    own(contract.verifyEmail, signUp.verifyEmail),
    own(contract.resendVerification, signUp.resendVerification),
    own(contract.signIn, signIn.signIn),
    own(contract.secondFactor, signIn.secondFactor),
    own(contract.signOut, signIn.signOut),
    own(contract.signOutEverywhere, signIn.signOutEverywhere),
    own(contract.stepUp, signIn.stepUp),
    own(contract.switchOrganisation, signIn.switchOrganisation),
    own(contract.requestReset, signIn.requestReset),
    own(contract.resetPassword, signIn.resetPassword),
    own(contract.changePassword, signIn.changePassword),
    own(contract.listSessions, signIn.listSessions),
    own(contract.endSession, signIn.endSession),
    own(contract.showSecondFactor, secondFactor.show),
    own(contract.enrolSecondFactor, secondFactor.enrol),
    own(contract.confirmSecondFactor, secondFactor.confirm),
    own(contract.disableSecondFactor, secondFactor.disable),
    own(contract.renewRecoveryCodes, secondFactor.renewCodes),
    own(passkeysContract.listPasskeys, passkeys.list),
    own(passkeysContract.passkeyRegistrationOptions, passkeys.registrationOptions),
    own(passkeysContract.addPasskey, passkeys.add),
    own(passkeysContract.renamePasskey, passkeys.rename),
    own(passkeysContract.removePasskey, passkeys.remove),
    own(passkeysContract.passkeySignInOptions, passkeys.signInOptions),
    own(passkeysContract.passkeySignIn, passkeys.signIn),
    own(passkeysContract.passkeyStepUpOptions, passkeys.stepUpOptions),
    own(passkeysContract.passkeyStepUp, passkeys.stepUp),
    own(contract.token, tokens.token),
    own(contract.refresh, tokens.refresh),
    own(contract.revoke, tokens.revoke),
    own(contract.startProvider, providers.start),
    own(contract.completeProvider, providers.complete),
    own(passkeysContract.listIdentities, providers.listIdentities),
    own(passkeysContract.unlinkIdentity, providers.unlink),
    own(contract.me, service.me),
    own(contract.updateMe, signIn.updateMe),
    own(contract.changeEmail, signIn.changeEmail),
    own(contract.listConsents, consents.list),
    own(contract.setConsent, consents.set),
    own(contract.listOrganisations, organisations.list),
    own(contract.createOrganisation, organisations.create),
    own(contract.getOrganisation, organisations.get),
    own(contract.updateOrganisation, organisations.update),
    own(contract.requireSecondFactor, organisations.requireSecondFactor),
    own(contract.listMembers, organisations.listMembers),
    own(contract.changeRole, organisations.changeRole),
    own(contract.removeMember, organisations.removeMember),
    own(contract.leaveOrganisation, organisations.leave),
    own(contract.listInvitations, organisations.listInvitations),
    own(contract.invite, organisations.invite),
    own(contract.revokeInvitation, organisations.revokeInvitation),
    own(contract.listKeys, keys.list),
    own(contract.createKey, keys.create),
    own(contract.revokeKey, keys.revoke),
    own(contract.adminGetInstance, admin.getInstance),
    own(contract.adminUpdateInstance, admin.updateInstance),
    own(contract.adminListPeople, admin.listPeople),
    own(contract.adminUpdatePerson, admin.updatePerson),
    own(contract.adminListOrganisations, admin.listOrganisations),
    own(contract.adminUpdateOrganisation, admin.updateOrganisation),
    own(contract.adminListKeys, admin.listKeys),
  ],
}

/**
 * Binds a handler that works on the whole database: accounts decide who sees what, and their tables are open to the
 * system alone.
 */
function own<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, O extends z.ZodType>(
  route: Route<P, Q, B, O>,
  handler: (ctx: Context, input: InputOf<Route<P, Q, B, O>>) => Promise<OutputOf<Route<P, Q, B, O>> | RawReply>,
): Binding {
  return bind(route, (ctx, input) => handler({ ...ctx, db: ctx.system_db }, input))
}
