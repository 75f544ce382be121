import type { z } from 'zod'
import { pointer, Problem } from '../lib/problem.ts'

/**
 * Reads plain data of one form, or refuses with what is wrong and where.
 *
 * @throws {Problem} learn/model-file-invalid
 */
export function readModelFile<T>(schema: z.ZodType<T>, file: unknown, what: string): T {
  const read = schema.safeParse(file)
  if (read.success) return read.data
  const faults = read.error.issues.slice(0, 20).map((issue) => ({
    path: pointer(issue.path),
    code: issue.code ?? 'invalid',
    message: issue.message,
  }))
  throw new Problem('learn/model-file-invalid', { detail: `This is not ${what}: ${faults[0]?.message ?? ''}`, faults })
}
