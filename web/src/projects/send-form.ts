import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import { ApiProblem, NO_ANSWER, problemOf, type AnswerOf } from '../lib/api.ts'

/**
 * Sends fields and files as a form, telling how much of it is gone: `fetch` cannot say that. The header shows the server that
 * no plain form of another site sent it.
 * @throws ApiProblem for every answer that is not a success.
 */
export function sendForm<R extends AnyRoute>(
  route: R,
  fields: Readonly<Record<string, string>>,
  files: readonly File[],
  onProgress: (fraction: number) => void,
): Promise<AnswerOf<R>> {
  const form = new FormData()
  // Fields first: the server knows what the files are for before it reads them.
  for (const [name, value] of Object.entries(fields)) if (value !== '') form.append(name, value)
  for (const file of files) form.append(route.form?.files_field ?? 'files', file, file.name)
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(route.method, route.path)
    request.setRequestHeader('accept', 'application/json')
    request.setRequestHeader('x-tidemark-form', '1')
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total))
    request.addEventListener('error', () =>
      reject(new ApiProblem({ type: NO_ANSWER, title: 'The server does not answer', status: 0 })),
    )
    request.addEventListener('load', () => {
      const answer = new Response(request.responseText, { status: request.status })
      if (answer.ok) resolve(answer.json() as Promise<AnswerOf<R>>)
      else void problemOf(answer).then(reject)
    })
    request.send(form)
  })
}
