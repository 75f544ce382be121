import { expect, test } from 'vitest'
import { frenchBlanks } from './french-blanks.ts'

test.each([
  ['Mot de passe oublié ?', 'Mot de passe oublié\u00A0?'],
  ['Retirer « Téléphone » ?', 'Retirer «\u00A0Téléphone\u00A0»\u00A0?'],
  ['Votre rôle : éditeur ; 12 % déjà.', 'Votre rôle\u00A0: éditeur\u00A0; 12\u00A0% déjà.'],
  ['Il est 12:30, à https://tidemark.example', 'Il est 12:30, à https://tidemark.example'],
  ['Un :mot et un ?signe restent', 'Un :mot et un ?signe restent'],
])('the blanks of “%s” do not end a line', (typed, shown) => expect(frenchBlanks(typed)).toBe(shown))
