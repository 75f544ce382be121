/**
 * What each check of a picture rests on, in two languages: on how few examples its threshold was set, and what innocent cause
 * can look the same. A check without such a sentence would pretend to know more than it does.
 */
export const integrityChecks = [
  'duplicate_bytes',
  'duplicate_pixels',
  'near_duplicate',
  'recoloured_after',
  'gps_outside',
  'capture_time',
  'capture_order',
  'same_scene',
  'editor_trace',
  'resolution',
  'upscaled',
  'fake_nir',
] as const
export type IntegrityCheck = (typeof integrityChecks)[number]

export const integrityCaveats: Record<IntegrityCheck, { en: string; fr: string }> = {
  duplicate_bytes: {
    en: 'Equal SHA-256 digests mean equal files. The same file may rightly serve two periods of one project.',
    fr: 'Deux empreintes SHA-256 égales signifient deux fichiers égaux. Un même fichier peut servir à bon droit deux périodes d’un projet.',
  },
  duplicate_pixels: {
    en: 'Equal digests of the decoded values mean the same picture, packed again. The same scene may rightly serve two projects that lie in it.',
    fr: 'Deux empreintes égales des valeurs décodées signifient la même image, recompressée. Une même scène peut servir à bon droit deux projets qui s’y trouvent.',
  },
  near_duplicate: {
    en: 'Provisional: set on four photographs. Copies differed by at most 9 of 64 bits, different photographs by 27 to 30. Two photographs from one tripod can come close.',
    fr: 'Provisoire : réglé sur quatre photographies. Des copies différaient d’au plus 9 bits sur 64, des photographies différentes de 27 à 30. Deux photographies d’un même trépied peuvent être proches.',
  },
  recoloured_after: {
    en: 'Provisional: set on one photograph that was recoloured, whose hash did not change at all. A fixed camera on an even scene could come close. For rasters set on generated scenes: a copy that was resampled or packed with loss correlates less and may pass.',
    fr: 'Provisoire : réglé sur une seule photographie recolorée, dont l’empreinte n’a pas changé. Une caméra fixe devant une scène uniforme pourrait être proche. Pour les images matricielles, réglé sur des scènes produites : une copie rééchantillonnée ou comprimée avec perte se corrèle moins et peut passer.',
  },
  gps_outside: {
    en: 'Places written by a camera can be wrong by kilometres before it has found its satellites, and can be edited.',
    fr: 'Un lieu inscrit par un appareil peut être faux de plusieurs kilomètres avant l’acquisition des satellites, et peut être modifié.',
  },
  capture_time: {
    en: 'EXIF names no time zone, and clocks of cameras are often wrong: one public test photograph is 22 hours off its own satellites. A reason to ask, never to refuse.',
    fr: 'EXIF ne nomme aucun fuseau horaire, et l’horloge des appareils est souvent fausse : une photographie de test publique s’écarte de 22 heures de ses propres satellites. Une raison de demander, jamais de refuser.',
  },
  capture_order: {
    en: 'Dates come from the files where they name one, else from who sent them; the clock of a camera can be wrong.',
    fr: 'Les dates viennent des fichiers quand ils en nomment une, sinon de l’expéditeur ; l’horloge d’un appareil peut être fausse.',
  },
  same_scene: {
    en: 'Provisional: set on one pair of the same place (17.2) and one of different places (8.8); for photographs on two of the same place (189 and 373 corners) and a few of different ones (0 to 4). Vegetation that grew can hide that two pictures show one place.',
    fr: 'Provisoire : réglé sur une paire du même lieu (17,2) et une de lieux différents (8,8) ; pour les photographies sur deux du même lieu (189 et 373 coins) et quelques-unes de lieux différents (0 à 4). Une végétation qui a poussé peut cacher que deux images montrent un même lieu.',
  },
  editor_trace: {
    en: 'The name of a program says that a file passed through it, not what was done: transferring or turning a photograph leaves one too.',
    fr: 'Le nom d’un programme dit qu’un fichier y est passé, non ce qui y fut fait : transférer ou tourner une photographie en laisse un aussi.',
  },
  resolution: {
    en: 'A rule of the programme, 800 × 600 pixels, not a measurement: a smaller original may be genuine.',
    fr: 'Une règle du programme, 800 × 600 pixels, non une mesure : un original plus petit peut être authentique.',
  },
  upscaled: {
    en: 'Provisional: set on generated pictures. A photograph that is out of focus, or shows smooth water or sky in its middle, lacks fine detail as well.',
    fr: 'Provisoire : réglé sur des images produites. Une photographie floue, ou montrant au centre une eau ou un ciel lisses, manque aussi de détail fin.',
  },
  fake_nir: {
    en: 'Over 11 real scenes red, green and blue explained 41 to 82 % of the near infrared; the threshold is 97 %. A scene of bare ground alone could come close.',
    fr: 'Sur 11 scènes réelles, le rouge, le vert et le bleu expliquaient 41 à 82 % du proche infrarouge ; le seuil est 97 %. Une scène de sol nu seul pourrait être proche.',
  },
}
