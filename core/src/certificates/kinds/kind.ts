import { z } from 'zod'
import { digestOf } from '../canonical.ts'
import type { Said } from '../sentences.ts'

/** Each part of evidence that is bound to a certificate by a digest of its own. */
export type Part = 'inventory' | 'factors' | 'airports' | 'readings' | 'past' | 'inputs' | 'result'

/** A statement that stands both in the certificate and in the evidence: JSON Pointers to it on either side. */
export type StatedTwice = readonly [
  of_certificate: string,
  of_evidence: string,
  how: 'text' | 'decimal' | 'length' | 'score' | 'presence',
]

/**
 * What a verifier must know of one kind of certificate. A kind knows the form of what it certifies and nothing of how it
 * came about: whoever computes it stands above, and hands in a way to compute it again.
 */
export interface Kind<Stated = unknown, Evidence = unknown> {
  /** The second type of the Verifiable Credential. */
  vc_type: string
  /** In a sentence: "it states everything … states". */
  called: Said
  /** The form of `credentialSubject`. */
  Stated: z.ZodType<Stated>
  /** The form of the evidence that travels with it. */
  Evidence: z.ZodType<Evidence>
  /** The id of what was certified. */
  recordIdOf(stated: Stated): string
  /** What the certificate says, in one sentence for people. */
  says(stated: Stated): Said
  /** Where what it states contradicts itself: statements of the right form that cannot stand side by side. */
  contradictionIn?(stated: Stated): { path: string; message: string } | undefined
  /** The digest that the certificate states of each part. Undefined where it speaks of no such part. */
  digestsStated(stated: Stated): Partial<Record<Part, string | undefined>>
  /** The digest of each part as it travels. */
  digestsOf(evidence: Evidence): Partial<Record<Part, string | undefined>>
  statedTwice(stated: Stated): readonly StatedTwice[]
  /** What one of the things is called that its result has one entry for each. */
  entry: Said
  /** JSON Pointer to what a fault of a replay is about. */
  faults_at: string
}

type Camel<S extends string> = S extends `${infer First}_${infer Rest}` ? `${First}${Capitalize<Camel<Rest>>}` : S
/** The same with its names as a Verifiable Credential writes them: `engine_digest` → `engineDigest`. */
export type InDocument<T> = T extends readonly (infer Item)[]
  ? InDocument<Item>[]
  : T extends object
    ? { [Key in keyof T as Camel<Key & string>]: InDocument<T[Key]> }
    : T

/** Writes our names as a Verifiable Credential writes them. */
export function inDocument<T>(value: T): InDocument<T> {
  if (Array.isArray(value)) return value.map((item: unknown) => inDocument(item)) as InDocument<T>
  if (typeof value !== 'object' || value === null) return value as InDocument<T>
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [camel(key), inDocument(member)]),
  ) as InDocument<T>
}

/** The form of `inDocument(value)` for a value of this form. Rules beyond the form of single fields do not come along. */
export function formInDocument<S extends z.ZodType>(form: S): z.ZodType<InDocument<z.infer<S>>> {
  return renamed(form) as z.ZodType<InDocument<z.infer<S>>>
}

function renamed(form: z.core.$ZodType): z.ZodType {
  if (form instanceof z.ZodObject) {
    const fields = Object.entries<z.core.$ZodType>(form.shape)
    return z.strictObject(Object.fromEntries(fields.map(([key, field]) => [camel(key), renamed(field)])))
  }
  if (form instanceof z.ZodArray) {
    const list = z.array(renamed(form.element))
    return form.def.checks === undefined ? list : list.check(...(form.def.checks as z.core.$ZodCheck<unknown[]>[]))
  }
  if (form instanceof z.ZodOptional) return renamed(form.unwrap()).optional()
  if (form instanceof z.ZodNullable) return renamed(form.unwrap()).nullable()
  return form as z.ZodType
}

function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** `/methods/0/engineDigest` → `/methods/0/engine_digest`. */
function inOurNames(path: string): string {
  return path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** What something was computed from, one object each, and what came of it: the evidence of kinds whose form is open. */
export const OpenEvidence = z.strictObject({
  inputs: z.array(z.record(z.string(), z.unknown())),
  result: z.record(z.string(), z.unknown()),
})
export type OpenEvidence = z.infer<typeof OpenEvidence>

/** The digests that a certificate must hold for this evidence, as its facts name them. */
export function openEvidenceDigests({ inputs, result }: OpenEvidence): {
  inputs: { count: number; digest: string }
  result_digest: string
} {
  return { inputs: { count: inputs.length, digest: digestOf(inputs) }, result_digest: digestOf(result) }
}

const BOUND_OTHERWISE = new Set(['subjectCommitment', 'inputs', 'resultDigest', 'statement'])

/** Everything that a certificate states stands in an open result under our own name for it, wherever the result has it. */
export function statedInResult(stated: object): readonly StatedTwice[] {
  const pairs = (node: unknown, path: string): StatedTwice[] => {
    if (typeof node !== 'object' || node === null) return [[path, `/result${inOurNames(path)}`, 'text']]
    const members = Object.entries(node).flatMap(([key, member]) => pairs(member, `${path}/${key}`))
    return Array.isArray(node) ? [[path, `/result${inOurNames(path)}`, 'length'], ...members] : members
  }
  return [
    ['/inputs/count', '/inputs', 'length'],
    ...Object.entries(stated)
      .filter(([key]) => !BOUND_OTHERWISE.has(key))
      .flatMap(([key, member]) => pairs(member, `/${key}`)),
  ]
}
