/**
 * The mails that accounts send, as data: plain text in both languages, with `{facts}` to fill. Every value becomes one
 * line before it is put in, so a name can neither break a header nor pretend to be a paragraph of ours.
 */

export const mailKinds = [
  'verify-email',
  'known-address',
  'reset-password',
  'invitation',
  'new-sign-in',
  'deletion-scheduled',
] as const
export type MailKind = (typeof mailKinds)[number]
export type MailLanguage = 'en' | 'fr'

interface Template {
  subject: string
  text: string
}

// oxfmt-ignore
export const mailTemplates: Record<MailKind, { facts: readonly string[] } & Record<MailLanguage, Template>> = {
  'verify-email': {
    facts: ['link', 'valid_for'],
    en: { subject: 'Confirm your address', text: 'Hello,\n\nthis address was given for a Tidemark account. To confirm that it is yours, open:\n\n{link}\n\nThe link works once, for {valid_for}. If it was not you, ignore this mail: without the link nothing happens.\n' },
    fr: { subject: 'Confirmez votre adresse', text: 'Bonjour,\n\ncette adresse a été donnée pour un compte Tidemark. Pour confirmer qu’elle est la vôtre, ouvrez :\n\n{link}\n\nLe lien sert une fois, pendant {valid_for}. Si ce n’était pas vous, ignorez ce message : sans le lien, rien ne se passe.\n' },
  },
  'known-address': {
    facts: ['link', 'reset_link'],
    en: { subject: 'You have an account already', text: 'Hello,\n\nsomebody asked for a Tidemark account with this address, and you have one. To sign in, open:\n\n{link}\n\nIf you forgot the password, choose a new one:\n\n{reset_link}\n\nIf it was not you, ignore this mail: nothing was changed.\n' },
    fr: { subject: 'Vous avez déjà un compte', text: 'Bonjour,\n\nquelqu’un a demandé un compte Tidemark avec cette adresse, et vous en avez déjà un. Pour vous connecter, ouvrez :\n\n{link}\n\nSi vous avez oublié le mot de passe, choisissez-en un nouveau :\n\n{reset_link}\n\nSi ce n’était pas vous, ignorez ce message : rien n’a été modifié.\n' },
  },
  'reset-password': {
    facts: ['link', 'valid_for'],
    en: { subject: 'Choose a new password', text: 'Hello,\n\nsomebody asked to change the password of your Tidemark account. To choose a new one, open:\n\n{link}\n\nThe link works once, for {valid_for}. If it was not you, ignore this mail: your password stays as it is.\n' },
    fr: { subject: 'Choisissez un nouveau mot de passe', text: 'Bonjour,\n\nquelqu’un a demandé à changer le mot de passe de votre compte Tidemark. Pour en choisir un nouveau, ouvrez :\n\n{link}\n\nLe lien sert une fois, pendant {valid_for}. Si ce n’était pas vous, ignorez ce message : votre mot de passe reste le même.\n' },
  },
  invitation: {
    facts: ['organisation', 'role', 'link', 'valid_for'],
    en: { subject: 'Invitation to {organisation}', text: 'Hello,\n\nyou are invited to join {organisation} on Tidemark, as {role}. To accept, open:\n\n{link}\n\nThe invitation holds for {valid_for}. If you do not expect it, ignore this mail.\n' },
    fr: { subject: 'Invitation à rejoindre {organisation}', text: 'Bonjour,\n\nvous êtes invité à rejoindre {organisation} sur Tidemark, avec le rôle {role}. Pour accepter, ouvrez :\n\n{link}\n\nL’invitation vaut {valid_for}. Si vous ne l’attendiez pas, ignorez ce message.\n' },
  },
  'new-sign-in': {
    facts: ['at', 'where', 'link'],
    en: { subject: 'New sign-in to your account', text: 'Hello,\n\nyour Tidemark account was opened at {at} from {where}, for the first time from there.\n\nIf it was you, there is nothing to do. If not, end that session and change your password here:\n\n{link}\n' },
    fr: { subject: 'Nouvelle connexion à votre compte', text: 'Bonjour,\n\nvotre compte Tidemark a été ouvert le {at} depuis {where}, pour la première fois de cet endroit.\n\nSi c’était vous, il n’y a rien à faire. Sinon, fermez cette session et changez votre mot de passe ici :\n\n{link}\n' },
  },
  'deletion-scheduled': {
    facts: ['what', 'on', 'link'],
    en: { subject: 'Deletion is scheduled', text: 'Hello,\n\n{what} will be deleted on {on}. Until then everything can be undone here:\n\n{link}\n\nAfter that day names and addresses are gone for good. Certificates stay valid and name nobody.\n' },
    fr: { subject: 'Suppression prévue', text: 'Bonjour,\n\nla suppression est prévue le {on} : {what}. Jusque-là, tout peut être annulé ici :\n\n{link}\n\nAprès ce jour, noms et adresses disparaissent définitivement. Les certificats restent valables et ne nomment personne.\n' },
  },
}

export interface RenderedMail {
  kind: MailKind
  to: string
  subject: string
  text: string
}

const VALUE_LENGTH_MAX = 2_000
const SUBJECT_LENGTH_MAX = 150

/**
 * Fills a template.
 * @param facts by the names in `mailTemplates[kind].facts`; a missing one is refused.
 */
export function renderMail(
  kind: MailKind,
  language: MailLanguage,
  to: string,
  facts: Readonly<Record<string, string>>,
): RenderedMail {
  const template = mailTemplates[kind]
  const missing = template.facts.filter((name) => facts[name] === undefined)
  if (missing.length > 0) throw new Error(`The mail ${kind} needs ${missing.join(', ')}.`)
  const fill = (text: string) => text.replaceAll(/\{(\w+)\}/g, (_, name: string) => oneLine(facts[name] ?? ''))
  const { subject, text } = template[language]
  return { kind, to, subject: shortened(fill(subject)), text: fill(text) }
}

/** Line ends, control and direction characters become spaces: what is shown is what was meant. */
function oneLine(value: string): string {
  return value
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, VALUE_LENGTH_MAX)
}

function shortened(text: string): string {
  const characters = [...text]
  return characters.length > SUBJECT_LENGTH_MAX ? `${characters.slice(0, SUBJECT_LENGTH_MAX - 1).join('')}…` : text
}
