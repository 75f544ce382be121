import type { Shape, Words } from '../app/words.ts'
import * as form from './words-of-form.ts'
import * as project from './words-of-project.ts'
import * as result from './words-of-result.ts'
import * as review from './words-of-review.ts'

const own_en = {
  title: 'Blue-carbon projects',
  says: 'Restored coasts: pictures from before and after, what can be measured on them, and what a reviewer decides.',
  add: 'Make a project',
  edit: 'Change the project',
  back: 'To all projects',
  toReviews: 'Reviews',
  hectares: '{{ha}} ha',
  platform: 'the platform itself',
  generated: 'Generated scene',
  generatedSays: 'Its place and its pictures were made by a program: not a real place.',
  state: {
    draft: 'Draft',
    registered: 'Registered',
    evidence_collection: 'Evidence coming in',
    analysed: 'Analysed',
    in_review: 'Under review',
    more_evidence: 'More evidence wanted',
    approved: 'Approved',
    rejected: 'Rejected',
    withdrawn: 'Withdrawn',
  },
  empty: {
    title: 'No project yet',
    says: 'A project is a stretch of coast that somebody restores. Three things make a first result:',
    first: 'its boundary, drawn or from a file;',
    second: 'a picture from before and one from after, with their dates – best from a satellite with near infrared;',
    third: 'half a minute of measuring. If it cannot be told, the page says why.',
  },
  map: {
    title: 'Map of the projects',
    in: 'Zoom in',
    out: 'Zoom out',
    wheel: 'Hold Ctrl and turn the wheel to zoom',
    fingers: 'Use two fingers to move the map',
    failed: 'This browser draws no maps. Everything is in the list as well.',
    source: 'Outlines: Natural Earth. Sand-coloured pins are generated scenes.',
  },
} as const satisfies Words

const own_fr: Shape<typeof own_en> = {
  title: 'Projets de carbone bleu',
  says: 'Des côtes restaurées : des images d’avant et d’après, ce qu’on peut y mesurer, et ce qu’un relecteur décide.',
  add: 'Créer un projet',
  edit: 'Modifier le projet',
  back: 'Vers tous les projets',
  toReviews: 'Relectures',
  hectares: '{{ha}} ha',
  platform: 'la plateforme elle-même',
  generated: 'Scène générée',
  generatedSays: 'Son lieu et ses images ont été faits par un programme : ce n’est pas un lieu réel.',
  state: {
    draft: 'Brouillon',
    registered: 'Enregistré',
    evidence_collection: 'Preuves en cours',
    analysed: 'Analysé',
    in_review: 'En relecture',
    more_evidence: 'Autres preuves demandées',
    approved: 'Approuvé',
    rejected: 'Rejeté',
    withdrawn: 'Retiré',
  },
  empty: {
    title: 'Aucun projet',
    says: 'Un projet est une portion de côte que quelqu’un restaure. Trois choses font un premier résultat :',
    first: 'sa limite, tracée ou d’un fichier ;',
    second: 'une image d’avant et une d’après, datées – de préférence d’un satellite à proche infrarouge ;',
    third: 'une demi-minute de mesure. Si l’on ne peut rien dire, la page explique pourquoi.',
  },
  map: {
    title: 'Carte des projets',
    in: 'Agrandir',
    out: 'Réduire',
    wheel: 'Maintenez Ctrl et tournez la molette pour zoomer',
    fingers: 'Déplacez la carte avec deux doigts',
    failed: 'Ce navigateur ne dessine pas de cartes. Tout est aussi dans la liste.',
    source: 'Contours : Natural Earth. Les épingles couleur sable sont des scènes générées.',
  },
}

export const en = { ...own_en, ...form.en, ...project.en, ...result.en, ...review.en }
export const fr: Shape<typeof en> = { ...own_fr, ...form.fr, ...project.fr, ...result.fr, ...review.fr }
