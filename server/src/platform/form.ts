import multipart, { type MultipartFile, type MultipartValue } from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem, type Fault } from '@tidemark/core/lib/problem.ts'
import type { FormFile } from './capability.ts'
import type { FileStore } from './files.ts'

/** Fields are short: what is long is a file. */
const FIELD_BYTES_MAX = 16 * 1024
const FIELDS_MAX = 100
const NAME_MAX = 120

export interface Form {
  /** By name; one that was sent twice is a list, which no field's schema takes. */
  fields: Record<string, unknown>
  files: readonly FormFile[]
}

/** Makes a part of the server read forms: there a body stays a stream until `readForm` takes it apart. */
export async function readForms(target: FastifyInstance): Promise<void> {
  target.removeAllContentTypeParsers()
  await target.register(multipart, { throwFileSizeLimit: false })
}

/**
 * Takes a form apart as it arrives. Each file lies apart, not stored; whoever calls drops those that nobody kept.
 * @throws Problem `request/malformed-body` when the form breaks off or is none, `request/too-large` for a file, a field or a
 * number of either beyond the limits, `request/invalid` for files where none belong. Then nothing is left.
 */
export async function readForm(request: FastifyRequest, route: AnyRoute, store: FileStore): Promise<Form> {
  const { form, body_bytes_max } = route
  invariant(form && body_bytes_max !== undefined, `${route.name} accepts a form and does not say how large.`)
  if (Number(request.headers['content-length'] ?? 0) > body_bytes_max) throw tooLarge('form', body_bytes_max)
  if (!request.isMultipart()) throw malformed('Send a form: multipart/form-data.')
  const limits = {
    fieldNameSize: NAME_MAX,
    fieldSize: FIELD_BYTES_MAX,
    fields: FIELDS_MAX,
    // One more than allowed, so that the refusal is ours and names the limit.
    files: form.files_max + 1,
    fileSize: form.file_bytes_max + 1,
    parts: FIELDS_MAX + form.files_max + 1,
    headerPairs: 20,
  }
  const fields = new Map<string, unknown>()
  const files: FormFile[] = []
  let left = body_bytes_max
  try {
    for await (const part of request.parts({ limits })) {
      if (part.type === 'field') addField(fields, part)
      else {
        const file = await takeFile(part, { form, files, left, store })
        if (file) left -= files[files.push(file) - 1]?.bytes ?? 0
      }
    }
  } catch (error) {
    await Promise.all(files.map((file) => file.drop()))
    throw asProblem(error)
  }
  return { fields: Object.fromEntries(fields), files }
}

function addField(fields: Map<string, unknown>, part: MultipartValue): void {
  const { fieldname, value, fieldnameTruncated, valueTruncated } = part
  const is_whole = !fieldnameTruncated && !valueTruncated && fieldname.length <= NAME_MAX
  if (!is_whole) throw tooLarge('field', FIELD_BYTES_MAX)
  const before = fields.get(fieldname)
  if (before === undefined) fields.set(fieldname, value)
  else fields.set(fieldname, Array.isArray(before) ? [...(before as unknown[]), value] : [before, value])
}

interface Taking {
  form: NonNullable<AnyRoute['form']>
  files: readonly FormFile[]
  /** Bytes that the form may still bring. */
  left: number
  store: FileStore
}

/** @returns undefined for the empty part that a browser sends where nobody chose a file. */
async function takeFile(part: MultipartFile, { form, files, left, store }: Taking): Promise<FormFile | undefined> {
  if (part.fieldname !== form.files_field) {
    const path = `/${part.fieldname.slice(0, NAME_MAX)}`
    throw invalid({ path, code: 'unrecognized-field', message: `Files are sent as "${form.files_field}".` })
  }
  if (files.length >= form.files_max) {
    throw new Problem('request/too-large', {
      detail: `The form holds more than the ${form.files_max} files that are accepted here.`,
      files_max: form.files_max,
    })
  }
  const received = await store.receive(part.file, { bytes_max: Math.min(form.file_bytes_max, left) })
  const is_whole = !part.file.truncated
  if (is_whole && (part.filename ?? '') !== '') return { ...received, name: plainName(part.filename) }
  await received.drop()
  if (!is_whole) throw tooLarge('file', form.file_bytes_max)
  if (received.bytes === 0) return undefined
  throw invalid({ path: `/${part.fieldname}`, code: 'unnamed-file', message: 'A file of a form has a name.' })
}

/** The last part of whatever the sender called it, fit to be shown. */
function plainName(name: string): string {
  const last = name.toWellFormed().split(/[/\\]/).at(-1) ?? ''
  const shown = last.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim()
  return [...shown].slice(0, NAME_MAX).join('') || 'file'
}

/** What the reader of forms says, in our words; anything else is what it is. */
function asProblem(error: unknown): unknown {
  if (error instanceof Problem || !(error instanceof Error)) return error
  const code = 'code' in error ? String(error.code) : ''
  if (/^FST_(?:PARTS|FIELDS|FILES)_LIMIT$/.test(code)) {
    return new Problem('request/too-large', { detail: 'The form has more parts than are accepted here.' })
  }
  const is_malformed =
    /^FST_(?:PROTO_VIOLATION|INVALID_JSON_FIELD_ERROR|MP_PREMATURE_CLOSE|INVALID_MULTIPART_CONTENT_TYPE)$/.test(code) ||
    /multipart|boundary|terminated early|malformed part header|content-disposition/i.test(error.message)
  return is_malformed ? malformed('The form breaks off, or is not built as multipart/form-data.') : error
}

function malformed(detail: string): Problem {
  return new Problem('request/malformed-body', { detail })
}

function invalid(fault: Fault): Problem {
  return new Problem('request/invalid', { detail: fault.message, faults: [fault] })
}

function tooLarge(what: 'form' | 'file' | 'field', bytes_max: number): Problem {
  return new Problem('request/too-large', {
    detail: `The ${what} is larger than the ${bytes_max} bytes that are accepted here.`,
    bytes_max,
  })
}
