export const en = {
  skip: 'Skip to the content',
  home: 'Tidemark, home page',
  navigation: 'Main',
  menu: 'Menu',
  close: 'Close',
  nav: { questionnaire: 'Questionnaire', calculations: 'Results', verify: 'Verify', factors: 'Factors', api: 'API' },
  language: 'Language',
  theme: { label: 'Colours', system: 'As the system', light: 'Light', dark: 'Dark' },
  footer: {
    says: 'Climate numbers that anyone can replay.',
    version: 'Version {{version}}',
    docs: 'API reference',
    redoc: 'API, to read',
    licence: 'Apache-2.0. Factors keep their publishers’ licences.',
  },
  loading: 'Loading…',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Could not copy: select the text instead',
  download: 'Download',
  retry: 'Try again',
  notFound: {
    title: 'There is no page at this address',
    says: 'It may have been mistyped, or the page has moved.',
    home: 'To the home page',
  },
  broken: {
    title: 'This page stopped working',
    says: 'That is a mistake of ours, not of yours. Your answers are kept in this browser.',
    reload: 'Load the page again',
    detail: 'What the browser said',
  },
  problem: {
    noAnswer: 'The server does not answer',
    noAnswerSays: 'Check the connection and try again. What you typed is still here.',
    notOurs: 'The answer is not from the Tidemark API',
    notOursSays: 'Something between this page and the server answered in its place.',
    status: 'Status {{status}}',
    request: 'Request {{id}}',
    faults: 'What to mend',
  },
} as const satisfies Words

export const fr: Shape<typeof en> = {
  skip: 'Aller au contenu',
  home: 'Tidemark, page d’accueil',
  navigation: 'Principale',
  menu: 'Menu',
  close: 'Fermer',
  nav: {
    questionnaire: 'Questionnaire',
    calculations: 'Résultats',
    verify: 'Vérifier',
    factors: 'Facteurs',
    api: 'API',
  },
  language: 'Langue',
  theme: { label: 'Couleurs', system: 'Comme le système', light: 'Clair', dark: 'Sombre' },
  footer: {
    says: 'Des chiffres climat que chacun peut recalculer.',
    version: 'Version {{version}}',
    docs: 'Référence de l’API',
    redoc: 'L’API, à lire',
    licence: 'Apache-2.0. Les facteurs gardent la licence de leur éditeur.',
  },
  loading: 'Chargement…',
  copy: 'Copier',
  copied: 'Copié',
  copyFailed: 'Copie impossible : sélectionnez le texte',
  download: 'Télécharger',
  retry: 'Réessayer',
  notFound: {
    title: 'Il n’y a pas de page à cette adresse',
    says: 'Une faute de frappe, peut-être, ou la page a changé de place.',
    home: 'Vers l’accueil',
  },
  broken: {
    title: 'Cette page s’est arrêtée',
    says: 'L’erreur est de notre côté, pas du vôtre. Vos réponses sont gardées dans ce navigateur.',
    reload: 'Recharger la page',
    detail: 'Ce qu’a dit le navigateur',
  },
  problem: {
    noAnswer: 'Le serveur ne répond pas',
    noAnswerSays: 'Vérifiez la connexion et réessayez. Votre saisie est toujours là.',
    notOurs: 'La réponse ne vient pas de l’API Tidemark',
    notOursSays: 'Quelque chose entre cette page et le serveur a répondu à sa place.',
    status: 'Statut {{status}}',
    request: 'Requête {{id}}',
    faults: 'À corriger',
  },
}

/** A tree of sentences. */
export interface Words {
  [key: string]: string | Words
}
/** The same tree in another language: no key may be missing, none may be too many. */
export type Shape<T> = { [K in keyof T]: T[K] extends string ? string : Shape<T[K]> }
