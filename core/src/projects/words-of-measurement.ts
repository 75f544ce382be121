import type { Said } from './words-of-facts.ts'

/** What the measuring of a pair of pictures can say: why it could not tell, and what to know of what it could. */
export const measurementWords = {
  'kinds-differ': [
    'One picture is a photo and the other a georeferenced raster: they do not compare.',
    'Une image est une photo et l’autre un raster géoréférencé : elles ne se comparent pas.',
  ],
  'crs-missing': [
    'The file[[ of the {side} picture]] does not say where on Earth its pixels lie.',
    'Le fichier[[ de l’image « {side} »]] ne dit pas où ses pixels se trouvent sur Terre.',
  ],
  'boundary-missing': [
    'The project has no polygon, so nobody knows which pixels are its own.',
    'Le projet n’a pas de polygone : on ne sait pas quels pixels lui appartiennent.',
  ],
  'no-overlap': ['The {side} picture does not hold the polygon.', 'L’image « {side} » ne contient pas le polygone.'],
  'dates-not-in-order': [
    'The after picture ({after}) is not later than the before picture ({before}).',
    'L’image « après » ({after}) n’est pas postérieure à l’image « avant » ({before}).',
  ],
  'different-season': [
    'The dates lie {gap_days} days apart in the year, more than {gap_days_max}: a season would be taken for a change.',
    'Les dates sont éloignées de {gap_days} jours dans l’année, plus que {gap_days_max} : une saison passerait pour un changement.',
  ],
  'date-unknown': ['The day of a picture is not known.', 'Le jour d’une image n’est pas connu.'],
  'bands-unknown': [
    'Which band is which is not known[[ in the {side} picture]]: {why}. Name the bands of the evidence (“bands”), and have it analysed again.',
    'On ne sait pas quelle bande est laquelle[[ dans l’image « {side} »]] : {why}. Nommez les bandes de la preuve (« bands ») et relancez l’analyse.',
  ],
  'bands-missing': [
    'Red with near infrared or green is needed[[; the {side} picture holds: {found}]].',
    'Il faut le rouge, et le proche infrarouge ou le vert[[ ; l’image « {side} » contient : {found}]].',
  ],
  'band-named-twice': [
    'Two bands[[ of the {side} picture]] are named {role}.',
    'Deux bandes[[ de l’image « {side} »]] s’appellent {role}.',
  ],
  'bands-not-shared': [
    'The two pictures share neither red and near infrared nor red and green.',
    'Les deux images n’ont en commun ni rouge et proche infrarouge, ni rouge et vert.',
  ],
  'infrared-is-a-mask': [
    'What is called near infrared[[ in the {side} picture]] is a mask of transparency.',
    'Ce qui est appelé proche infrarouge[[ dans l’image « {side} »]] est un masque de transparence.',
  ],
  'reflectance-unknown': [
    'How the numbers[[ of the {side} picture]] become reflectances is not known: {why}. A wrong offset looks like a restoration.',
    'On ne sait pas comment les valeurs[[ de l’image « {side} »]] deviennent des réflectances : {why}. Un décalage faux ressemble à une restauration.',
  ],
  'sensors-not-comparable': [
    'Uncalibrated numbers of two sensors do not compare ({before}, {after}).',
    'Les valeurs non étalonnées de deux capteurs ne se comparent pas ({before}, {after}).',
  ],
  'not-registered': [
    'The pictures could not be laid on each other: {why}.',
    'Les images n’ont pas pu être superposées : {why}.',
  ],
  'too-little-clear': [
    'Too little of the polygon is seen in the {side} picture: a share of {seen_fraction}, where {seen_fraction_min} is needed.',
    'Trop peu du polygone est visible dans l’image « {side} » : une part de {seen_fraction}, pour {seen_fraction_min} nécessaires.',
  ],
  'too-few-pixels': [
    '{pixels} pixels could be compared, fewer than {pixels_min}.',
    '{pixels} pixels ont pu être comparés, moins que {pixels_min}.',
  ],
  'no-invariant-ground': [
    'There is no ground that stayed the same by which uncalibrated numbers could be compared.',
    'Aucune surface restée stable ne permet de comparer des valeurs non étalonnées.',
  ],
  'radiometry-differs': [
    'Over ground that stayed the same the pictures differ by {bias}, more than {bias_max}.',
    'Sur des surfaces restées stables les images diffèrent de {bias}, plus que {bias_max}.',
  ],
  'invariant-ground-moved': [
    'Over ground that should have stayed the same the index moved by {bias}.',
    'Sur des surfaces qui auraient dû rester stables l’indice a bougé de {bias}.',
  ],
  'no-cloud-mask': [
    'The {side} picture comes without a mask of clouds.',
    'L’image « {side} » est livrée sans masque de nuages.',
  ],
  'digital-numbers': [
    'The numbers are not calibrated: the index is not an NDVI of reflectances.',
    'Les valeurs ne sont pas étalonnées : l’indice n’est pas un NDVI de réflectances.',
  ],
  'greenness-is-no-ndvi': [
    'This is a greenness of colours, not an NDVI: there is no near infrared.',
    'C’est un verdissement de couleurs, pas un NDVI : il n’y a pas de proche infrarouge.',
  ],
  'photos-not-registered': [
    'Photos are not laid on each other, and a share of their pixels is no share of an area.',
    'Les photos ne sont pas superposées, et une part de leurs pixels n’est pas une part de surface.',
  ],
  'water-rule': ['Water was told apart by {rule}.', 'L’eau a été distinguée par {rule}.'],
  'no-delta-file': [
    'The map of the change is too large to be written as a file.',
    'La carte du changement est trop grande pour être écrite dans un fichier.',
  ],
  'nir-tagged-alpha': [
    'The near infrared is tagged as transparency in the file; it was read as what it is.',
    'Le proche infrarouge est étiqueté comme transparence dans le fichier ; il a été lu pour ce qu’il est.',
  ],
  'choice-contradicts-descriptions': [
    'The bands were chosen otherwise than the file describes them.',
    'Les bandes ont été choisies autrement que le fichier ne les décrit.',
  ],
} as const satisfies Record<string, Said>

/** Why, in the words of the mathematics of pictures. */
export const whyWords: Readonly<Record<string, Said>> = {
  'no-evidence': [
    'the file does not say, and no sensor was named',
    'le fichier ne le dit pas, et aucun capteur n’est nommé',
  ],
  'same-role-twice': ['two bands have one name', 'deux bandes portent un même nom'],
  'names-need-sensor': ['their names need the sensor', 'leurs noms exigent de connaître le capteur'],
  'band-count-unknown-for-sensor': [
    'the named sensor has another number of bands',
    'le capteur nommé a un autre nombre de bandes',
  ],
  'choice-of-wrong-length': [
    'another number of bands was chosen than there are',
    'on a choisi un autre nombre de bandes qu’il n’y en a',
  ],
  'offset-unknown': ['the offset is not stated', 'le décalage n’est pas indiqué'],
  'baseline-unreadable': ['the processing baseline cannot be read', 'la version de traitement ne peut pas être lue'],
  'offset-implausible': ['the offset is not plausible', 'le décalage n’est pas plausible'],
  'quantification-implausible': ['the scale is not plausible', 'l’échelle n’est pas plausible'],
  'picture-too-small': ['they are too small', 'elles sont trop petites'],
  'no-correlation': ['they do not seem to show one place', 'elles ne semblent pas montrer un même lieu'],
  'tiles-disagree': ['their parts are shifted differently', 'leurs parties sont décalées différemment'],
  'shift-too-large': ['the shift is too large', 'le décalage est trop grand'],
}
