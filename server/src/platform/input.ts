import type { z } from 'zod'
import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import { faultsOf } from '@tidemark/core/lib/faults.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem, type Fault } from '@tidemark/core/lib/problem.ts'
import { faultsSentence } from './json-body.ts'

export interface RequestParts {
  params: unknown
  query: unknown
  body: unknown
}

/** A body of a million wrong lines gets this many faults back, and the count of all. */
const FAULTS_MAX = 100

/**
 * Validates all parts and lays them side by side. A parameter in the path wins over a field of the same name.
 * @throws Problem `request/invalid` with every fault of every part.
 */
export async function readInput(
  route: Pick<AnyRoute, 'name' | 'params' | 'query' | 'body'>,
  parts: RequestParts,
): Promise<object> {
  const results = await Promise.all([
    check(route.body, parts.body),
    check(route.query, parts.query),
    check(route.params, parts.params),
  ])
  const faults = results.flatMap((result) => result.faults)
  if (faults.length > 0) {
    throw new Problem('request/invalid', {
      detail: faultsSentence(faults.length),
      faults: faults.slice(0, FAULTS_MAX),
      ...(faults.length > FAULTS_MAX ? { faults_found: faults.length } : {}),
    })
  }
  const [body, query, params] = results.map((result) => result.value)
  const address = { ...(query as object), ...(params as object) }
  if (body === undefined) return address
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body, ...address }
  invariant(Object.keys(address).length === 0, `${route.name}: a body that is no object cannot lie beside parameters.`)
  return body as object
}

async function check(schema: z.ZodType | undefined, value: unknown): Promise<{ value: unknown; faults: Fault[] }> {
  if (!schema) return { value: undefined, faults: [] }
  const result = await schema.safeParseAsync(value)
  if (result.success) return { value: result.data, faults: [] }
  return { value: undefined, faults: faultsOf(result.error, value) }
}
