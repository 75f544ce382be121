import type { Outcome } from './contract.ts'
import type { Part } from './kinds/kind.ts'
import type { CertificateKind } from './kinds/kinds.ts'

/** What a verification report says, in English and French, apart from the rules that decide which of it is said. */
export type Said = readonly [en: string, fr: string]

export const headlines: Record<Outcome, Said> = {
  valid: [
    'Valid: this is what the trusted key signed, unchanged.',
    'Valide : c’est ce que la clé de confiance a signé, sans changement.',
  ],
  altered: ['Altered: this is not what was signed.', 'Altéré : ce n’est pas ce qui a été signé.'],
  untrusted_key: [
    'Not proven: the key that signed it is not on your list of trusted keys.',
    'Non prouvé : la clé qui a signé n’est pas dans votre liste de clés de confiance.',
  ],
  unreadable: ['This file cannot be judged.', 'Ce fichier ne peut pas être jugé.'],
  replay_differs: [
    'Signed and unchanged, but computing it again gives something else.',
    'Signé et inchangé, mais le recalcul donne autre chose.',
  ],
}

/** Sentences that are always the same. */
export const fixed = {
  json: ['The file is JSON with a single meaning.', 'Le fichier est du JSON à sens unique.'],
  profile: [
    'Every value has the only form in which it is signed.',
    'Chaque valeur a la seule forme sous laquelle elle est signée.',
  ],
  proof: [
    'The proof is one eddsa-jcs-2022 proof by the issuer.',
    'La preuve est une preuve eddsa-jcs-2022 de l’émetteur.',
  ],
  noProof: ['There is no proof.', 'Il n’y a pas de preuve.'],
  proofValue: [
    'The proof value is not a signature: it must be z and 64 bytes in base58.',
    'La valeur de preuve n’est pas une signature : z et 64 octets en base58.',
  ],
  foreignKey: [
    'The key named by the proof is not the issuer’s.',
    'La clé nommée par la preuve n’est pas celle de l’émetteur.',
  ],
  foreignContext: [
    'The proof was made in another context than the document’s.',
    'La preuve a été faite dans un autre contexte que celui du document.',
  ],
  signedByTrusted: ['The signature matches the trusted key.', 'La signature correspond à la clé de confiance.'],
  signedByCarried: [
    'The signature matches the key carried in the file, which proves nothing about who made it.',
    'La signature correspond à la clé contenue dans le fichier, ce qui ne prouve pas qui l’a fait.',
  ],
  signatureFails: [
    'The signature does not match the certificate: the certificate or its signature was altered after signing.',
    'La signature ne correspond pas au certificat : le certificat ou sa signature a été altéré après signature.',
  ],
  signatureUnchecked: [
    'Not checked: there is no key or no signature to check with.',
    'Non vérifié : il manque la clé ou la signature.',
  ],
  noKeyNamed: ['It does not name the key that signed it.', 'Il ne nomme pas la clé qui l’a signé.'],
  noDisclosure: [
    'The file does not say whom the certificate speaks of.',
    'Le fichier ne dit pas de qui parle le certificat.',
  ],
  disclosureFails: [
    'The certificate was not issued to the subject that the file names: name, details or salt were altered.',
    'Le certificat n’a pas été délivré au sujet que nomme le fichier : nom, détails ou sel ont été altérés.',
  ],
  airportsOneSided: [
    'Certificate and evidence do not both speak of airports: the list was added or removed.',
    'Certificat et preuves ne parlent pas tous deux d’aéroports : la liste a été ajoutée ou retirée.',
  ],
  noEvidence: ['The file holds no evidence to compute again.', 'Le fichier ne contient pas de quoi recalculer.'],
  replayNotAsked: ['Not computed again: no replay was asked for.', 'Non recalculé : le recalcul n’a pas été demandé.'],
  replayFails: [
    'Computed again, the result is not the certified one.',
    'Au recalcul, le résultat n’est pas celui qui a été certifié.',
  ],
  seedNoHash: ['The flat form does not carry its own hash.', 'La forme à plat ne porte pas sa propre empreinte.'],
  seedHash: ['The hash in the flat form is its own.', 'L’empreinte de la forme à plat est la sienne.'],
  seedHashFails: [
    'The hash in the flat form is not its own: the hash or what it covers was altered.',
    'L’empreinte n’est pas celle de la forme à plat : elle ou ce qu’elle couvre a été altéré.',
  ],
  seedNoSignature: ['The digital signature is not base64.', 'La signature numérique n’est pas du base64.'],
  rsaUnavailable: ['The RSA signature cannot be checked here.', 'La signature RSA ne peut pas être vérifiée ici.'],
  rsa: ['The RSA signature matches the trusted key.', 'La signature RSA correspond à la clé de confiance.'],
  rsaFails: [
    'The RSA signature does not match: the flat form or its signature was altered after signing.',
    'La signature RSA ne correspond pas : la forme à plat ou sa signature a été altérée après signature.',
  ],
} as const satisfies Record<string, Said>

const asInEvidence: Said = ['Certificate and evidence state the same.', 'Certificat et preuves énoncent la même chose.']

export const agreement: Record<CertificateKind, Said> = {
  emission_calculation: [
    'Certificate and result state the same totals.',
    'Certificat et résultat énoncent les mêmes totaux.',
  ],
  sensor_batch: asInEvidence,
  project_analysis: asInEvidence,
  credit_decision: asInEvidence,
}

/** What each part of the evidence is called. */
export const parts: Record<Part, Said> = {
  inventory: ['The inventory', 'L’inventaire'],
  factors: ['The emission factors', 'Les facteurs d’émission'],
  airports: ['The airports', 'Les aéroports'],
  readings: ['The readings and how they were to be validated', 'Les relevés et la façon de les valider'],
  past: ['What was known of the sensors before', 'Ce qu’on savait des capteurs auparavant'],
  inputs: ['The inputs', 'Les données d’entrée'],
  result: ['The result', 'Le résultat'],
}

export const unreadableJson = (why: string): Said => [
  `The text is not JSON with a single meaning: ${why}`,
  `Le texte n’est pas du JSON à sens unique : ${why}`,
]

export const unknownForm = (why = ''): Said => [
  `This is neither a certificate nor a bundle nor a flat-form certificate. ${why}`.trimEnd(),
  `Ce n’est ni un certificat, ni un dossier de certificat, ni un certificat à plat. ${why}`.trimEnd(),
]

export const outsideProfile = (why: string): Said => [
  `No certificate is ever signed with such a value: ${why}`,
  `Aucun certificat n’est signé avec une telle valeur : ${why}`,
]

export const wrongProof = (why: string): Said => [
  `The proof is not an eddsa-jcs-2022 proof: ${why}`,
  `La preuve n’est pas une preuve eddsa-jcs-2022 : ${why}`,
]

export const rightCertificate = ([en, fr]: Said): Said => [
  `It states everything ${en} states.`,
  `Il énonce tout ce qu’énonce ${fr}.`,
]

export const wrongCertificate = ([en, fr]: Said, why: string): Said => [
  `It does not have the form of ${en}: ${why}`,
  `Il n’a pas la forme d’${fr} : ${why}`,
]

export const anotherKind = ([en, fr]: Said): Said => [
  `It calls itself another kind of certificate than it is: it states what ${en} states.`,
  `Il se dit d’une autre sorte qu’il n’est : il énonce ce qu’énonce ${fr}.`,
]

export const notReplayable = ([en, fr]: Said): Said => [
  `Not replayed: this program cannot compute ${en} again.`,
  `Non rejoué : ce programme ne sait pas recalculer ${fr}.`,
]

export const notReplayed = ([en, fr]: Said): Said => [`Not replayed: ${en}`, `Non rejoué : ${fr}`]

export const trustedKey = (kid: string): Said => [
  `Signed in the name of the trusted key ${kid}.`,
  `Signé au nom de la clé de confiance ${kid}.`,
]

export const untrustedKey = (kid: string): Said => [
  `The key ${kid} is not on your list of trusted keys.`,
  `La clé ${kid} n’est pas dans votre liste de clés de confiance.`,
]

export const untrustedButConsistent = (kid: string): Said => [
  `${untrustedKey(kid)[0]} The signature is consistent with the key carried in the file, which shows only that nothing changed since somebody signed it.`,
  `${untrustedKey(kid)[1]} La signature concorde avec la clé contenue dans le fichier, ce qui montre seulement que rien n’a changé depuis que quelqu’un l’a signé.`,
]

export const exchangedKey = (kid: string): Said => [
  `The file carries another key under the trusted name ${kid}.`,
  `Le fichier contient une autre clé sous le nom de confiance ${kid}.`,
]

export const scopesDoNotAddUp = (sum: number, total: number): Said => [
  `The scopes add up to ${sum} kgCO2e and the total says ${total}: one of these was altered.`,
  `Les scopes totalisent ${sum} kgCO2e et le total indique ${total} : l’un d’eux a été altéré.`,
]

export const speaksOf = (name: string): Said => [
  `The certificate speaks of ${name}.`,
  `Le certificat parle de ${name}.`,
]

export const asCertified = (part: Part): Said => [
  `${parts[part][0]}: as certified.`,
  `${parts[part][1]} : comme certifié.`,
]

export const notAsCertified = (part: Part): Said => [
  `${parts[part][0]}: not what was certified.`,
  `${parts[part][1]} : pas ce qui a été certifié.`,
]

export const fieldAltered = (path: string, certificate: string, evidence: string): Said => [
  `${path} was altered: the certificate says ${certificate}, the evidence ${evidence}.`,
  `${path} a été altéré : le certificat indique ${certificate}, les preuves ${evidence}.`,
]

/** @param given what was taken as it stands, for a result that does not rest on what was computed again alone. */
export const replayed = (given: Said | undefined): Said => [
  `Computed again, digit for digit.${given ? ` ${given[0]}` : ''}`,
  `Recalculé, au chiffre près.${given ? ` ${given[1]}` : ''}`,
]

export const replayRefused = (why: string): Said => [
  `The evidence cannot be computed again: ${why}`,
  `Les preuves ne peuvent pas être recalculées : ${why}`,
]

/**
 * @param entry what a line is called, in a result of this kind.
 * @param line the one that differs, or undefined when it is none.
 */
export const replayDiffers = (
  [en, fr]: Said,
  line: string | undefined,
  path: string,
  stated: string,
  computed: string,
): Said => [
  `Computed again, ${line === undefined ? path : `${en} ${line}`} comes to ${computed} where the file says ${stated}.`,
  `Au recalcul, ${line === undefined ? path : `${fr} ${line}`} donne ${computed} là où le fichier indique ${stated}.`,
]

export const formsDisagree = (path: string, native: string, flat: string): Said => [
  `The two forms disagree at ${path}: ${native} against ${flat}.`,
  `Les deux formes divergent en ${path} : ${native} contre ${flat}.`,
]

export const noFlatForm = ([en, fr]: Said): Said => [
  `There is no flat form of ${en}: it was added.`,
  `Il n’existe pas de forme à plat d’${fr} : elle a été ajoutée.`,
]
