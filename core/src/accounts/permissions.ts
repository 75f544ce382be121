/**
 * Who may do what, as data: the server asks this table before it answers, the web asks it before it shows a button, and
 * the documentation prints it. A permission that no line here names is held by nobody.
 */

export const roles = ['owner', 'admin', 'editor', 'contributor', 'reader', 'verifier', 'operator'] as const
/** What a person is in one organisation. The same person may be something else in another. */
export type Role = (typeof roles)[number]

interface Sentence {
  en: string
  fr: string
}

/** What each role is for, in the words of the screen that hands it out. */
export const roleSentences = {
  owner: {
    en: 'Answers for the organisation: everything, including closing it.',
    fr: 'Répond de l’organisation : tout, y compris sa fermeture.',
  },
  admin: {
    en: 'Runs the account: people, keys, connections and all data, but cannot close the organisation.',
    fr: 'Administre le compte : personnes, clés, connexions et toutes les données, sans pouvoir fermer l’organisation.',
  },
  editor: {
    en: 'Makes the figures: enters data, chooses factors, calculates and publishes.',
    fr: 'Établit les chiffres : saisit les données, choisit les facteurs, calcule et publie.',
  },
  contributor: {
    en: 'Brings in data and calculates with it.',
    fr: 'Apporte des données et calcule avec elles.',
  },
  reader: { en: 'Sees results and changes nothing.', fr: 'Consulte les résultats et ne modifie rien.' },
  verifier: {
    en: 'Checks from outside: sees results, evidence and the trail, changes none of it, and decides on projects.',
    fr: 'Vérifie de l’extérieur : consulte les résultats, les preuves et le journal, n’y change rien, et décide des projets.',
  },
  operator: {
    en: 'Connects machines: keys and webhooks, beside reading.',
    fr: 'Raccorde les machines : clés et webhooks, en plus de la consultation.',
  },
} as const satisfies Record<Role, Sentence>

export interface PermissionLine {
  /** The roles that hold it, in the organisation in which a person acts. */
  roles: readonly Role[]
  /** Whether an API key can carry it as a scope. What concerns a person, or hands out rights, it cannot. */
  key: boolean
  /**
   * `organisation`: by role. `person`: by everyone who is signed in, for themselves. `instance`: by the administrators
   * of this installation, whatever their roles.
   */
  held_in: 'organisation' | 'person' | 'instance'
  says: Sentence
}

const everyone: readonly Role[] = roles
const stewards: readonly Role[] = ['owner', 'admin']
const makers: readonly Role[] = ['owner', 'admin', 'editor', 'contributor']
/** Those who bring figures in, machines included. */
const feeders: readonly Role[] = [...makers, 'operator']

function held(by: readonly Role[], en: string, fr: string, options: { key?: boolean } = {}): PermissionLine {
  return { roles: by, key: options.key ?? true, held_in: 'organisation', says: { en, fr } }
}

export const permissionTable = {
  'footprint.read': held(everyone, 'See calculations and their evidence.', 'Consulter les calculs et leurs preuves.'),
  'footprint.calculate': held(makers, 'Calculate footprints and keep them.', 'Calculer et conserver des bilans.'),
  'factors.read': held(everyone, 'Search the factor library.', 'Chercher dans la bibliothèque de facteurs.'),
  'factors.write': held(
    ['owner', 'admin', 'editor'],
    'Keep emission factors of one’s own.',
    'Tenir ses propres facteurs d’émission.',
  ),
  'factors.import': held(
    ['owner', 'admin', 'editor'],
    'Import factor files of publishers.',
    'Importer des fichiers de facteurs d’éditeurs.',
  ),
  'certificates.read': held(everyone, 'See certificates.', 'Consulter les certificats.'),
  'certificates.issue': held(
    ['owner', 'admin', 'editor', 'contributor'],
    'Have results certified.',
    'Faire certifier des résultats.',
  ),
  'data.read': held(
    everyone,
    'See data sets and their statistics.',
    'Consulter les jeux de données et leurs statistiques.',
  ),
  'data.ingest': held(feeders, 'Bring in data sets and check them.', 'Apporter des jeux de données et les vérifier.'),
  'models.read': held(
    everyone,
    'See models, their cards, versions and figures.',
    'Consulter les modèles, leurs fiches, versions et résultats.',
  ),
  'models.predict': held(
    feeders,
    'Have models predict and explain, and report what came true.',
    'Faire prédire et expliquer les modèles, et rapporter ce qui s’est réalisé.',
  ),
  'models.train': held(
    ['owner', 'admin', 'editor'],
    'Describe, train and compare models.',
    'Décrire, entraîner et comparer des modèles.',
  ),
  'models.promote': held(
    stewards,
    'Decide which version of a model answers, and retire models.',
    'Décider quelle version d’un modèle répond, et retirer des modèles.',
  ),
  'telemetry.read': held(everyone, 'See devices and their readings.', 'Consulter les appareils et leurs relevés.'),
  'telemetry.ingest': held(
    feeders,
    'Send and check readings of sensors.',
    'Envoyer et vérifier des relevés de capteurs.',
  ),
  'telemetry.manage': held(
    ['owner', 'admin', 'editor', 'operator'],
    'Make devices known, change and retire them.',
    'Déclarer, modifier et retirer des appareils.',
  ),
  'sites.read': held(
    everyone,
    'See sites, their figures, alerts and forecasts.',
    'Consulter les sites, leurs chiffres, alertes et prévisions.',
  ),
  'sites.operate': held(
    feeders,
    'Answer alerts: acknowledge, mute, say what they were.',
    'Répondre aux alertes : acquitter, mettre en sourdine, dire ce qu’elles étaient.',
  ),
  'sites.manage': held(
    ['owner', 'admin', 'editor', 'operator'],
    'Add, describe and remove sites and their rules.',
    'Ajouter, décrire et supprimer des sites et leurs règles.',
  ),
  'projects.read': held(
    everyone,
    'See projects, their evidence, analyses and decisions.',
    'Consulter les projets, leurs preuves, analyses et décisions.',
  ),
  'projects.manage': held(
    ['owner', 'admin', 'editor'],
    'Describe projects, draw their boundaries and move them on.',
    'Décrire les projets, tracer leurs limites et les faire avancer.',
  ),
  'projects.upload': held(
    feeders,
    'Bring in pictures, documents and sensor series as evidence.',
    'Apporter images, documents et séries de capteurs comme preuves.',
  ),
  'projects.analyse': held(makers, 'Have pairs of pictures analysed.', 'Faire analyser des paires d’images.'),
  'projects.review': held(
    ['verifier'],
    'Decide on analyses as a reviewer: approve, approve in part, ask for more, reject.',
    'Décider des analyses en tant que réviseur : approuver, approuver en partie, demander plus, rejeter.',
    { key: false },
  ),
  'accounts.read': held(
    everyone,
    'See the organisation’s profile and members.',
    'Consulter le profil et les membres de l’organisation.',
  ),
  'accounts.invite': held(
    stewards,
    'Invite people and withdraw invitations.',
    'Inviter des personnes et retirer des invitations.',
    { key: false },
  ),
  'accounts.manage_members': held(
    stewards,
    'Change roles and remove members.',
    'Modifier les rôles et retirer des membres.',
    { key: false },
  ),
  'accounts.manage_keys': held(
    ['owner', 'admin', 'operator'],
    'Make and revoke the organisation’s API keys.',
    'Créer et révoquer les clés d’API de l’organisation.',
    { key: false },
  ),
  'accounts.manage_organisation': held(
    stewards,
    'Change the organisation’s profile and settings.',
    'Modifier le profil et les réglages de l’organisation.',
    { key: false },
  ),
  'accounts.export': held(
    stewards,
    'Export everything the organisation keeps here.',
    'Exporter tout ce que l’organisation conserve ici.',
    { key: false },
  ),
  'accounts.require_second_factor': held(
    ['owner'],
    'Ask every member for a second factor.',
    'Exiger un second facteur de chaque membre.',
    { key: false },
  ),
  'accounts.delete_organisation': held(['owner'], 'Close the organisation.', 'Fermer l’organisation.', { key: false }),
  'audit.read': held(
    ['owner', 'admin', 'verifier'],
    'Read and check the trail of who did what.',
    'Lire et vérifier le journal de qui a fait quoi.',
  ),
  'webhooks.manage': held(
    ['owner', 'admin', 'operator'],
    'Set up webhooks and see their deliveries.',
    'Configurer les webhooks et suivre leurs envois.',
  ),
  'accounts.self': {
    roles: everyone,
    key: false,
    held_in: 'person',
    says: {
      en: 'Look after one’s own account: profile, password, second factor, sessions, consents and personal keys.',
      fr: 'Gérer son propre compte : profil, mot de passe, second facteur, sessions, consentements et clés personnelles.',
    },
  },
  'instance.admin': {
    roles: [],
    key: false,
    held_in: 'instance',
    says: {
      en: 'Run this installation: people, organisations, settings and health.',
      fr: 'Administrer cette installation : personnes, organisations, réglages et santé.',
    },
  },
} as const satisfies Record<string, PermissionLine>

export type Permission = keyof typeof permissionTable

export const permissions = Object.keys(permissionTable) as Permission[]

export function isPermission(name: string): name is Permission {
  return Object.hasOwn(permissionTable, name)
}

/** Whether a role holds a permission. A name that the table does not know is held by nobody. */
export function may(role: Role, permission: string): boolean {
  if (!isPermission(permission)) return false
  const line: PermissionLine = permissionTable[permission]
  return line.held_in !== 'instance' && line.roles.includes(role)
}

export function permissionsOf(role: Role): Permission[] {
  return permissions.filter((permission) => may(role, permission))
}

/** Every permission that an API key can carry. */
export const scopes = permissions.filter((permission) => permissionTable[permission].key)

/** What a role can hand to an API key. */
export function scopesOf(role: Role): Permission[] {
  return scopes.filter((scope) => may(role, scope))
}

/**
 * What a key may do now: what was written on it, as far as the person who answers for it may still do it. A key never
 * outlives the rights that it came from.
 */
export function scopesInForce(written: readonly string[], role_now: Role | undefined): Permission[] {
  return role_now === undefined ? [] : scopesOf(role_now).filter((scope) => written.includes(scope))
}

/** Highest first. Only an owner makes owners, and nobody hands out more than they hold. */
export function rolesGrantedBy(role: Role): readonly Role[] {
  if (role === 'owner') return roles
  return role === 'admin' ? roles.filter((each) => each !== 'owner') : []
}

/**
 * What a visitor may do on an installation that nobody has claimed yet, from the machine it runs on: try it, in the demo
 * organisation. The first account ends this.
 */
export const openToVisitors: readonly Permission[] = [
  'footprint.calculate',
  'footprint.read',
  'certificates.read',
  'factors.read',
  'factors.write',
  'factors.import',
  'data.read',
  'data.ingest',
  'models.read',
  'models.predict',
  'models.train',
  'models.promote',
  'telemetry.read',
  'telemetry.ingest',
  'telemetry.manage',
  'sites.read',
  'sites.operate',
  'sites.manage',
  'projects.read',
  'projects.manage',
  'projects.upload',
  'projects.analyse',
]
