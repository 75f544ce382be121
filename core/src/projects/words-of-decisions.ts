import type { LevelName } from './decide.ts'
import type { MethodId } from './method-result.ts'
import type { Said } from './words-of-facts.ts'

export const confidenceWords = {
  'confidence-unknown': ['Not known: {component}.', 'Inconnu : {component}.'],
  'confidence-class-e1': [
    'Calibrated multispectral pictures with their reference system and a mask of clouds.',
    'Images multispectrales étalonnées, avec système de référence et masque de nuages.',
  ],
  'confidence-class-e2': [
    'Multispectral pictures with their reference system, in uncalibrated numbers or without a mask.',
    'Images multispectrales avec système de référence, en valeurs non étalonnées ou sans masque.',
  ],
  'confidence-class-e3': [
    'Georeferenced colour pictures: no near infrared.',
    'Images couleur géoréférencées : pas de proche infrarouge.',
  ],
  'confidence-class-e4': ['Photos with place and time.', 'Photos avec lieu et heure.'],
  'confidence-class-e5': ['Photos without place or time.', 'Photos sans lieu ou sans heure.'],
  'confidence-class-numbers': [
    'Numbers without a scale: their ratio is no NDVI, and thresholds of NDVI do not fit it.',
    'Nombres sans échelle : leur rapport n’est pas un NDVI, et les seuils du NDVI ne lui conviennent pas.',
  ],
  'confidence-cover': [
    'Of the polygon, {points} % lies so near to the threshold of cover that one date cannot tell on which side.',
    'Du polygone, {points} % est si près du seuil de couverture qu’une seule date ne dit pas de quel côté.',
  ],
  'confidence-clear-share': [
    'On the worse of both dates {percent} % of the polygon is clear.',
    'À la moins bonne des deux dates, {percent} % du polygone est dégagé.',
  ],
  'confidence-residual': [
    'The pictures lie on each other to {residual_px} pixels.',
    'Les images se superposent à {residual_px} pixel près.',
  ],
  'confidence-inliers': [
    '{inliers} points of both photos agree on one scene.',
    '{inliers} points des deux photos s’accordent sur une même scène.',
  ],
  'confidence-psr': [
    'The photos correlate with a peak of {psr}: whether they show one scene is estimated, not proven.',
    'Les photos se corrèlent avec un pic de {psr} : qu’elles montrent la même scène est estimé, non prouvé.',
  ],
  'confidence-season': ['{days} days apart in the year.', '{days} jours d’écart dans l’année.'],
  'confidence-same-sensor': ['Same sensor and level of processing.', 'Même capteur et même niveau de traitement.'],
  'confidence-other-sensor': [
    'Other sensors or levels, and no ground that stayed the same to compare them by.',
    'Capteurs ou niveaux différents, sans surface restée stable pour les comparer.',
  ],
  'confidence-pif': [
    'Over ground that should not have changed, the pictures differ by {rmse} in reflectance.',
    'Sur des surfaces qui n’auraient pas dû changer, les images diffèrent de {rmse} en réflectance.',
  ],
  'confidence-pixels': ['{pixels} pixels in the polygon.', '{pixels} pixels dans le polygone.'],
  'confidence-area': [
    'The claimed area is {percent} % away from the measured one.',
    'La surface déclarée s’écarte de {percent} % de la surface mesurée.',
  ],
  'confidence-detectability': ['The change is {times} times its noise.', 'Le changement vaut {times} fois son bruit.'],
  'gate-cannot-tell': [
    'The pair could not be measured: {score_max} at most.',
    'La paire n’a pas pu être mesurée : {score_max} au plus.',
  ],
  'gate-class-e5': ['A plain photo: {score_max} at most.', 'Une simple photo : {score_max} au plus.'],
  'gate-class-e4': [
    'A photo with place and time: {score_max} at most.',
    'Une photo avec lieu et heure : {score_max} au plus.',
  ],
  'gate-class-e3': [
    'Colour without near infrared: {score_max} at most, so it is never approved by its score alone.',
    'Couleur sans proche infrarouge : {score_max} au plus, donc jamais approuvé par son seul score.',
  ],
  'gate-integrity': [
    'A check of the evidence raised a flag: {score_max} at most.',
    'Un contrôle de la preuve a levé un signal : {score_max} au plus.',
  ],
  'gate-seagrass-optical': [
    'Seagrass is not seen from above the water: {score_max} at most.',
    'Un herbier ne se voit pas depuis le dessus de l’eau : {score_max} au plus.',
  ],
  'gate-hardly-clear': [
    'Less than a fifth of the polygon is clear: {score_max} at most.',
    'Moins d’un cinquième du polygone est dégagé : {score_max} au plus.',
  ],
  'gate-half-clear': [
    'Less than half of the polygon is clear: {score_max} at most.',
    'Moins de la moitié du polygone est dégagée : {score_max} au plus.',
  ],
  'gate-season': [
    'More than 90 days apart in the year: {score_max} at most.',
    'Plus de 90 jours d’écart dans l’année : {score_max} au plus.',
  ],
  'gate-date-missing': ['A date is missing: {score_max} at most.', 'Une date manque : {score_max} au plus.'],
  'gate-crs-missing': [
    'A reference system is missing: {score_max} at most.',
    'Un système de référence manque : {score_max} au plus.',
  ],
} as const satisfies Record<string, Said>

export const decisionWords = {
  'only-a-person-can-say': [
    'The measurement is too weak for a number: two people decide, in writing.',
    'La mesure est trop faible pour un chiffre : deux personnes décident, par écrit.',
  ],
  'no-change-no-credits': [
    'Measured, and no change was found: no credits.',
    'Mesuré, et aucun changement n’a été trouvé : pas de crédits.',
  ],
  'loss-no-credits': ['Vegetation was lost: no credits.', 'De la végétation a été perdue : pas de crédits.'],
  'nothing-until-more-evidence': ['Nothing until more evidence is there.', 'Rien avant d’autres preuves.'],
  'partial-by-uncertainty': [
    '{percent} % of the estimate: what its lower bound at 90 % stands on.',
    '{percent} % de l’estimation : ce que soutient sa borne basse à 90 %.',
  ],
  'developer-cannot-tell': [
    'We could not measure this. The reasons are listed, and no number is shown as a credit.',
    'Nous n’avons pas pu mesurer ceci. Les raisons sont listées, et aucun nombre n’est montré comme crédit.',
  ],
  'developer-no-change': [
    'Measured with a confidence of {score}: no change, so no credits.',
    'Mesuré avec une confiance de {score} : pas de changement, donc pas de crédits.',
  ],
  'developer-approve-full': [
    'Measurement strong ({score}). Sent for sign-off. What could still be better: {weakest}.',
    'Mesure solide ({score}). Envoyée pour validation. À améliorer encore : {weakest}.',
  ],
  'developer-approve-with-monitoring': [
    'Good ({score}): proposed with monitoring. Send another picture in the window below. Weakest: {weakest}.',
    'Bonne mesure ({score}) : proposée avec suivi. Envoyez une autre image dans la fenêtre ci-dessous. Point faible : {weakest}.',
  ],
  'developer-approve-partial': [
    'Moderate ({score}): a part is proposed. Weakest: {weakest}.',
    'Moyenne ({score}) : une partie est proposée. Point faible : {weakest}.',
  ],
  'developer-more-evidence': [
    'Too weak ({score}): nothing until more evidence is there. Weakest: {weakest}.',
    'Trop faible ({score}) : rien avant d’autres preuves. Point faible : {weakest}.',
  ],
  'developer-manual-review': [
    'We could not measure this well enough ({score}). Weakest: {weakest}. No number is shown as a credit.',
    'Nous n’avons pas pu mesurer ceci assez bien ({score}). Point faible : {weakest}. Aucun nombre n’est montré comme crédit.',
  ],
  'reviewer-cannot-tell': [
    'Nothing could be measured. The whole file is there; a decision is yours, in writing, and a second reviewer confirms it.',
    'Rien n’a pu être mesuré. Le dossier complet est là ; la décision vous revient, par écrit, et un second relecteur la confirme.',
  ],
  'reviewer-no-change': [
    'Measured with a confidence of {score}, and no change was found. There is nothing to approve.',
    'Mesuré avec une confiance de {score}, sans changement. Il n’y a rien à approuver.',
  ],
  'reviewer-approve-full': [
    'Confidence {score}: approve in one step, after a look at three tiles drawn at random.',
    'Confiance {score} : approuvez en une étape, après avoir regardé trois tuiles tirées au hasard.',
  ],
  'reviewer-approve-with-monitoring': [
    'Confidence {score}: approve, and another measurement is due in the window; missed, the approval lapses.',
    'Confiance {score} : approuvez ; une nouvelle mesure est due dans la fenêtre, faute de quoi l’approbation tombe.',
  ],
  'reviewer-approve-partial': [
    'Confidence {score}: approve a part, with your reason. Weakest: {weakest}.',
    'Confiance {score} : approuvez une partie, avec votre raison. Point faible : {weakest}.',
  ],
  'reviewer-more-evidence': [
    'Confidence {score}: there is nothing to approve. Ask for more. Weakest: {weakest}.',
    'Confiance {score} : il n’y a rien à approuver. Demandez d’autres preuves. Point faible : {weakest}.',
  ],
  'reviewer-manual-review': [
    'Confidence {score}: decide by hand, in writing; a second reviewer confirms. Weakest: {weakest}.',
    'Confiance {score} : décidez à la main, par écrit ; un second relecteur confirme. Point faible : {weakest}.',
  ],
  'send-multispectral': [
    'Send a multispectral picture with red and near infrared: the score could reach {score_then}.',
    'Envoyez une image multispectrale avec rouge et proche infrarouge : le score pourrait atteindre {score_then}.',
  ],
  'send-clear-date': [
    'Send a date with clear sky over the polygon: the score could reach {score_then}.',
    'Envoyez une date sans nuage sur le polygone : le score pourrait atteindre {score_then}.',
  ],
  'send-same-season': [
    'Send two dates from the same weeks of the year: the score could reach {score_then}.',
    'Envoyez deux dates des mêmes semaines de l’année : le score pourrait atteindre {score_then}.',
  ],
  'send-dates': [
    'State the day of each picture: the score could reach {score_then}.',
    'Indiquez le jour de chaque image : le score pourrait atteindre {score_then}.',
  ],
  'send-georeferenced': [
    'Send the file with its reference system: the score could reach {score_then}.',
    'Envoyez le fichier avec son système de référence : le score pourrait atteindre {score_then}.',
  ],
  'send-registered': [
    'Send pictures on one grid, of one viewpoint: the score could reach {score_then}.',
    'Envoyez des images sur une même grille, d’un même point de vue : le score pourrait atteindre {score_then}.',
  ],
  'send-same-sensor': [
    'Send both dates from one sensor and level of processing: the score could reach {score_then}.',
    'Envoyez les deux dates d’un même capteur et niveau de traitement : le score pourrait atteindre {score_then}.',
  ],
  'send-finer': [
    'Send pictures with smaller pixels: the score could reach {score_then}.',
    'Envoyez des images à pixels plus petits : le score pourrait atteindre {score_then}.',
  ],
  'correct-area': [
    'Correct the claimed area or the polygon: the score could reach {score_then}.',
    'Corrigez la surface déclarée ou le polygone : le score pourrait atteindre {score_then}.',
  ],
  'replace-flagged': [
    'Replace the flagged picture by an original: the score could reach {score_then}.',
    'Remplacez l’image signalée par un original : le score pourrait atteindre {score_then}.',
  ],
  'survey-in-water': [
    'Send a survey made in the water: bathymetry, transects or cores. No picture from above will do.',
    'Envoyez un relevé fait dans l’eau : bathymétrie, transects ou carottes. Aucune image prise d’en haut ne suffira.',
  ],
} as const satisfies Record<string, Said>

/** What each level is called, and what it asks for. */
export const levelWords: Record<LevelName, { name: Said; action: Said }> = {
  approve_full: {
    name: ['High confidence', 'Confiance élevée'],
    action: ['Approve full credits', 'Approuver tous les crédits'],
  },
  approve_with_monitoring: {
    name: ['Good confidence', 'Bonne confiance'],
    action: ['Approve with monitoring', 'Approuver avec suivi'],
  },
  approve_partial: {
    name: ['Moderate confidence', 'Confiance moyenne'],
    action: ['Approve partial credits', 'Approuver une partie des crédits'],
  },
  more_evidence: {
    name: ['Low confidence', 'Confiance faible'],
    action: ['Require additional evidence', 'Demander d’autres preuves'],
  },
  manual_review: {
    name: ['Insufficient', 'Insuffisante'],
    action: ['Require manual review', 'Exiger un examen à la main'],
  },
}

/** What each method is called on pages. */
export const methodWords: Record<MethodId, Said> = {
  'seed-ai': ['Seed formula (its own units)', 'Formule « seed » (ses propres unités)'],
  'ipcc-ws2013-tier1': ['IPCC Wetlands Supplement 2013, Tier 1', 'GIEC, supplément zones humides 2013, niveau 1'],
  'vm0033-like': ['VM0033-like, not a Verra quantification', 'De type VM0033, pas une quantification Verra'],
  conservation: ['Avoided loss, declared threat', 'Perte évitée, menace déclarée'],
}
