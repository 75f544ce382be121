import { z } from 'zod'

/**
 * A sentence that has not been said yet: its code, and the facts that stand in it. Records keep this form, so that a
 * better wording changes no stored byte; `sentenceOf` in `words.ts` says it in English and French.
 */
export type Message = z.infer<typeof Message>
export const Message = z.strictObject({
  code: z
    .string()
    .regex(/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/)
    .max(80),
  facts: z
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.union([z.string().max(300), z.number(), z.boolean()]))
    .default({}),
})

/** A message with its facts; those that are null or undefined are left out. */
export function message(
  code: string,
  facts: Record<string, string | number | boolean | null | undefined> = {},
): Message {
  const known = Object.entries(facts).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== null && entry[1] !== undefined,
  )
  return { code, facts: Object.fromEntries(known) }
}
