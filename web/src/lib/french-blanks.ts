/**
 * French sets a blank inside its quotation marks and before ; : ! ? and %. Such a blank must not end a line, or the mark stands
 * alone at the beginning of the next one.
 */
export function frenchBlanks(text: string): string {
  return text.replaceAll(/ (?=[;:!?»%](?:[\s.,)»]|$))/g, '\u00A0').replaceAll('« ', '«\u00A0')
}
