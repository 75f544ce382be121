// What a tidy repository looks like, as plain functions over text: each returns the sentences to show, none when all is well.
// `tidy.test.ts` at the root applies them to every file; `tidy.test.ts` beside this file shows that each can fail.
import { posix } from 'node:path'
import ts from 'typescript'

/** A file of the project: its path from the root with forward slashes, and its text. */
export interface TextFile {
  path: string
  text: string
}

const isTest = (path: string) => /\.(?:test|journey)\.tsx?$/.test(path)
export const isProductCode = (path: string) =>
  /^(?:core|server|web|scripts|bench|e2e)\/.+\.tsx?$/.test(path) && !isTest(path) && !path.endsWith('.d.ts')

// --- Code ------------------------------------------------------------------------------------------------------------

/** The clock and the dice, by how they are written. Core receives the time and the randomness it needs as arguments. */
export function clockAndDice({ path, text }: TextFile): string[] {
  const found: string[] = []
  walk(parse(path, text), (node) => {
    const written = readsClockOrDice(node)
    if (written)
      found.push(`${path}:${lineOf(node)} ${written}: core gives the same answer every time; take it as an argument`)
  })
  return found
}

function readsClockOrDice(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const written = node.getText()
    if (
      /^(?:globalThis\.)?(?:Date\.now|Math\.random|performance\.\w+|crypto\.(?:getRandomValues|randomUUID))$/.test(
        written,
      )
    ) {
      return written
    }
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) return 'new Date()'
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()'
  return undefined
}

export interface LongFunction {
  /** `path#name`, as it is written in a list of exceptions. */
  id: string
  lines: number
}

/**
 * Functions of more than `lines_max` lines of their own, the line of the name and the closing brace included. Lines of a
 * function inside it are that one's: a maker that returns ten short functions is a list, and reads like one.
 */
export function longFunctions({ path, text }: TextFile, lines_max: number): LongFunction[] {
  const found: LongFunction[] = []
  walk(parse(path, text), (node) => {
    if (!isFunctionWithBody(node)) return
    const lines = linesOf(node) - linesOfInner(node)
    if (lines > lines_max) found.push({ id: `${path}#${nameOf(node)}`, lines })
  })
  return found
}

function isFunctionWithBody(node: ts.Node): node is ts.SignatureDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined
}

function linesOf(node: ts.Node): number {
  const file = node.getSourceFile()
  const first = file.getLineAndCharacterOfPosition(node.getStart()).line
  const last = file.getLineAndCharacterOfPosition(node.getEnd()).line
  return last - first + 1
}

/** Lines that belong wholly to functions inside this one: a short callback on a shared line takes nothing away. */
function linesOfInner(node: ts.Node): number {
  let lines = 0
  ts.forEachChild(node, (child) => {
    lines += isFunctionWithBody(child) ? Math.max(0, linesOf(child) - 2) : linesOfInner(child)
  })
  return lines
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name) return node.name.getText()
  const { parent } = node
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText()
  if (ts.isCallExpression(parent)) return `given to ${parent.expression.getText().slice(0, 40)}`
  return `line ${lineOf(node)}`
}

function parse(path: string, text: string): ts.SourceFile {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind)
}

function walk(node: ts.Node, visit: (node: ts.Node) => void) {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

function lineOf(node: ts.Node): number {
  return node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1
}

// --- Text ------------------------------------------------------------------------------------------------------------

/** Each is written in two halves, so that this file passes its own check. */
const unwelcome: { pattern: RegExp; why: string }[] = [
  { pattern: new RegExp(`\\b(?:TO${'DO'}|FIX${'ME'})\\b`), why: 'finish it, or open an issue and leave it out' },
  {
    pattern: new RegExp(`(?<![\\w.:/-])/(?:work|home|Users|root)${'/'}[\\w.-]+`),
    why: 'a path of one machine means nothing on another; say it relative to the project',
  },
  {
    pattern: new RegExp(`registry\\.(?:npmjs|yarnpkg)${'\\.'}`),
    why: 'where packages come from is a setting of the machine',
  },
  { pattern: new RegExp(`^(?:<{7} |>{7} |={7}$)${''}`), why: 'a merge was left half done' },
]

/** Unfinished work, machine paths, registry hosts and merge leftovers, with their lines. */
export function unwelcomeText({ path, text }: TextFile): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      unwelcome
        .filter(({ pattern }) => pattern.test(line))
        .map(({ pattern, why }) => `${path}:${index + 1} has \`${pattern.exec(line)?.[0]}\`: ${why}`),
    )
}

// --- SQL -------------------------------------------------------------------------------------------------------------

const everyonesSchemas = new Set(['public', 'pg_catalog', 'information_schema'])
const sqlTable =
  /\b(?:from|join|into|update|truncate(?:\s+table)?|references|lock\s+table|create\s+table(?:\s+if\s+not\s+exists)?|alter\s+table(?:\s+if\s+exists)?|on)\s+(?:only\s+)?"?([a-z_]+)"?\."?[a-z_]+"?(?!\.)/gi
const kyselyTable =
  /\b(?:selectFrom|insertInto|updateTable|deleteFrom|replaceInto|mergeInto|(?:inner|left|right|full|cross)Join(?:Lateral)?|withSchema|table)\(\s*\[?\s*['"`]([a-z_]+)(?:\.[a-z_]+(?:\s+as\s+\w+)?)?['"`]/g

/**
 * Schemas named in a store beside the capability's own. Reads SQL and Kysely calls; names of aliases follow `on` as well, so
 * `schemas` tells which names are schemas at all.
 */
export function foreignSchemas({ path, text }: TextFile, own: string, schemas: ReadonlySet<string>): string[] {
  const named = [...text.matchAll(sqlTable), ...text.matchAll(kyselyTable)].map(
    (match) => match[1]?.toLowerCase() ?? '',
  )
  const foreign = new Set(named.filter((name) => schemas.has(name) && name !== own && !everyonesSchemas.has(name)))
  return [...foreign].map(
    (name) => `${path} reads or writes the schema \`${name}\`: ask server/src/${name}/service.ts instead`,
  )
}

/** A migration is `YYYYMMDDTHHMM_<capability>_<what>.sql` and opens with a comment that says why it exists. */
export function migrationFaults({ path, text }: TextFile, capabilities: ReadonlySet<string>): string[] {
  const name = posix.basename(path)
  const parts = /^(\d{8}T\d{4})_([a-z]+)(?:_[a-z0-9_]+)?\.sql$/.exec(name)
  if (!parts) return [`${path} should be named like 20260823T0900_credits_batch.sql: when, whose, what`]
  const faults: string[] = []
  if (!capabilities.has(parts[2] ?? '')) faults.push(`${path} belongs to \`${parts[2]}\`, which is no capability`)
  const first = text.split('\n')[0] ?? ''
  if (!/^-- .{20,}/.test(first))
    faults.push(`${path} should open with \`-- \` and a sentence that says why it is there`)
  return faults
}

// --- Documents -------------------------------------------------------------------------------------------------------

/** The text with fenced blocks blanked out: what stands in them is shown, not meant. */
function withoutFences(text: string): string {
  let inside = false
  const lines = text.split('\n').map((line) => {
    const fence = /^\s*(?:```|~~~)/.test(line)
    if (fence) inside = !inside
    return fence || inside ? '' : line
  })
  return lines.join('\n')
}

/** Titles of level one: a document has exactly one. */
export function titleFaults({ path, text }: TextFile): string[] {
  const count = withoutFences(text).match(/^# .+/gm)?.length ?? 0
  if (count === 1) return []
  return [`${path} has ${count} lines that begin with \`# \`: a document has one title`]
}

/** Links to files and headings that are not there. `exists` answers for paths from the root, folders included. */
export function deadLinks(
  { path, text }: TextFile,
  exists: (path: string) => boolean,
  read: (path: string) => string,
): string[] {
  const prose = withoutFences(text).replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\[[^\]]*\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].flatMap((match) => {
    const target = match[1] ?? ''
    if (/^(?:[a-z]+:|\/\/)/i.test(target)) return []
    const [file = '', anchor] = target.split('#')
    const place = file === '' ? path : posix.join(posix.dirname(path), decodeURI(file))
    if (place.startsWith('..') || !exists(place)) return [`${path} links to ${target}, which is not there`]
    if (anchor && place.endsWith('.md') && !anchorsOf(read(place)).has(anchor)) {
      return [`${path} links to ${target}, but ${place} has no such heading`]
    }
    return []
  })
}

/** Anchors as GitHub makes them from headings: lower case, punctuation dropped, spaces become hyphens. */
function anchorsOf(text: string): Set<string> {
  const headings = [...withoutFences(text).matchAll(/^#{1,6} (.+)$/gm)].map((match) => match[1] ?? '')
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  )
}

/** Scripts of package.json that a document names and that do not exist. */
export function unknownScripts({ path, text }: TextFile, scripts: ReadonlySet<string>): string[] {
  const named = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map((match) => match[1] ?? match[2] ?? '')
  const unknown = new Set(named.filter((name) => !scripts.has(name)))
  return [...unknown].map((name) => `${path} says \`npm run ${name}\`, but package.json has no script \`${name}\``)
}

/** Decision notes whose number is taken twice, or whose name has none. */
export function decisionFaults(paths: readonly string[]): string[] {
  const owner = new Map<string, string>()
  return paths.flatMap((path) => {
    const number = /^(\d{4})-[a-z0-9-]+\.md$/.exec(posix.basename(path))?.[1]
    if (number === undefined) return [`${path} should be named like 0020-node-from-npm.md`]
    const other = owner.get(number)
    owner.set(number, path)
    return other === undefined ? [] : [`${path} and ${other} carry the same number`]
  })
}
