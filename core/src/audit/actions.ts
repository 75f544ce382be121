/**
 * Everything that the log can name. An action is not renamed once it was recorded: what was written stays readable.
 */
export const auditActions = [
  // Signing in and out.
  'accounts.signed_in',
  'accounts.sign_in_refused',
  'accounts.signed_out',
  'accounts.session_ended',
  'accounts.locked',
  'accounts.stepped_up',
  'accounts.refresh_reused',
  'accounts.claimed',
  // The account of a person.
  'accounts.signed_up',
  'accounts.profile_changed',
  'accounts.email_verified',
  'accounts.email_changed',
  'accounts.password_changed',
  'accounts.password_reset_asked',
  'accounts.password_reset',
  'accounts.second_factor_on',
  'accounts.second_factor_off',
  'accounts.recovery_codes_renewed',
  'accounts.consent_given',
  'accounts.consent_withdrawn',
  // Organisations.
  'accounts.organisation_created',
  'accounts.organisation_changed',
  'accounts.organisation_switched',
  'accounts.invited',
  'accounts.invitation_revoked',
  'accounts.invitation_accepted',
  'accounts.role_changed',
  'accounts.member_removed',
  'accounts.member_left',
  'accounts.key_created',
  'accounts.key_revoked',
  // The installation.
  'accounts.person_suspended',
  'accounts.person_restored',
  'accounts.admin_granted',
  'accounts.admin_withdrawn',
  'accounts.plan_changed',
  'accounts.instance_changed',
  'accounts.denied',
  // Work.
  'footprint.calculated',
  'factors.imported',
  'factors.custom_added',
  'webhooks.created',
  'webhooks.changed',
  'webhooks.deleted',
  'webhooks.secret_renewed',
  'webhooks.redelivered',
  'webhooks.disabled',
  'privacy.export_requested',
  'privacy.export_downloaded',
  'privacy.deletion_scheduled',
  'privacy.deletion_undone',
  'privacy.deleted',
  'privacy.retention_changed',
  'audit.exported',
] as const

export type AuditAction = (typeof auditActions)[number]

export const auditResults = ['done', 'refused', 'failed'] as const
export type AuditResult = (typeof auditResults)[number]
