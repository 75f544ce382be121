import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Context } from '../platform/context.ts'
import { fetchOutside, outsideUrl } from '../platform/outbound.ts'

export interface Called {
  /** Undefined when there was no answer. */
  status?: number
  /** What the other side said, or why it was not reached. */
  answer: string
}

/** Why an address is not called, in a sentence for whoever typed it; undefined when its form is right. */
export function refusalOf(url: string): string | undefined {
  return reasonOf(() => void outsideUrl(url))
}

/** Sends a body to an address that somebody typed. What goes wrong is an answer like any other, told by its kind. */
export async function call(
  { config }: Pick<Context, 'config'>,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<Called> {
  try {
    const sent = { headers: { 'content-type': 'application/json', ...headers }, body }
    const { status, body: bytes } = await fetchOutside(url, sent, { test_loopback: config.test_loopback })
    return { status, answer: new TextDecoder().decode(bytes) }
  } catch (error) {
    return { answer: sentenceOf(error) }
  }
}

function reasonOf(work: () => void): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    return sentenceOf(error)
  }
}

/** @throws the error itself when it is no problem that has a sentence. */
function sentenceOf(error: unknown): string {
  if (error instanceof Problem) return error.message
  throw error
}
