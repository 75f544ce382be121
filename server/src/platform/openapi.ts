import { z } from 'zod'
import type { AnyRoute, RouteExample } from '@tidemark/core/lib/contract.ts'
import { commonProblems, type ProblemTable } from '@tidemark/core/lib/problem.ts'
import type { AnySocket } from '@tidemark/core/lib/socket.ts'

type Json = Record<string, unknown>

export interface OpenApiOptions {
  routes: readonly AnyRoute[]
  sockets?: readonly AnySocket[]
  problems: ProblemTable
  version: string
}

/**
 * The OpenAPI 3.1 document of the routes, derived from the same values that validate requests and answers. The same
 * routes give the same document, so that the committed one can be compared.
 */
export function openApiDocument({ routes, sockets = [], problems, version }: OpenApiOptions): Json {
  const components = new Components()
  const all: ProblemTable = { ...commonProblems, ...problems }
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    const path = (paths[route.path] ??= {})
    path[route.method.toLowerCase()] = operation(route, all, components)
  }
  for (const socket of sockets) paths[socket.path] = { get: upgrade(socket, all, components) }
  const document = {
    openapi: '3.1.1',
    info: {
      title: 'Tidemark',
      version,
      description: 'Climate numbers anyone can replay: measure, monitor, credit, certify and value.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
    paths,
  }
  return components.resolve(document, { Problem: problemSchema, Fault: faultSchema })
}

/** As it is written to `docs/openapi.json`. */
export function openApiText(document: Json): string {
  return `${JSON.stringify(document, null, 1)}\n`
}

function tagOf(route: AnyRoute): string {
  return route.name.split('.')[0] ?? route.name
}

function operation(route: AnyRoute, problems: ProblemTable, components: Components): Json {
  const parameters = [
    ...parametersOf('path', route.params, route, components),
    ...parametersOf('query', route.query, route, components),
  ]
  return {
    operationId: route.name,
    tags: [tagOf(route)],
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBody(route, components),
    responses: { ...success(route, components), ...refusals(route, problems) },
    ...(route.needs === 'public' ? {} : { 'x-needs': route.needs }),
  }
}

/**
 * OpenAPI has no word for a WebSocket: it is told as the GET that is upgraded, with its messages as the content of 101. What
 * refuses it is answered over HTTP.
 */
function upgrade(socket: AnySocket, problems: ProblemTable, components: Components): Json {
  const route: AnyRoute = {
    ...socket,
    method: 'GET',
    output: socket.sends,
    problems: [...socket.problems, 'request/ticket-not-valid', 'request/cross-site', 'request/upgrade-required'],
  }
  const { responses, ...rest } = operation(route, problems, components) as Json & { responses: Json }
  const { 200: _, ...refused } = responses
  const messages = { description: 'Upgraded. Every message is one JSON text.', content: { 'application/json': { schema: components.reference(socket.sends, 'output') } } } // oxfmt-ignore
  return {
    ...rest,
    responses: { 101: messages, ...refused },
    'x-websocket': { takes_bytes_max: socket.takes_bytes_max ?? 0 },
  }
}

function parametersOf(
  place: 'path' | 'query',
  schema: z.ZodType | undefined,
  route: AnyRoute,
  components: Components,
): Json[] {
  if (!schema) return []
  const object = components.inline(schema, 'input')
  const properties = (object.properties ?? {}) as Record<string, Json>
  const required = (object.required ?? []) as string[]
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property
    const examples = route.examples.filter(
      (example) => given(example, place)[name] !== undefined && worked(example, route),
    )
    const example = examples[0] && given(examples[0], place)[name]
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
      ...(example === undefined ? {} : { example }),
    }
  })
}

function given(example: RouteExample, place: 'path' | 'query'): Record<string, string> {
  return (place === 'path' ? example.params : example.query) ?? {}
}

function worked(example: RouteExample, route: AnyRoute): boolean {
  return (example.status ?? route.status ?? 200) === (route.status ?? 200)
}

function requestBody(route: AnyRoute, components: Components): Json {
  if (route.accepts === 'file') {
    const schema = { type: 'string', format: 'binary' }
    return { requestBody: { required: true, content: { 'application/octet-stream': { schema } } } }
  }
  if (!route.body) return {}
  if (route.accepts === 'form') {
    return { requestBody: { required: true, content: { 'multipart/form-data': formContent(route, components) } } }
  }
  const examples = Object.fromEntries(
    route.examples
      .filter((example) => example.body !== undefined)
      .map((example) => [keyOf(example.summary), { summary: example.summary, value: example.body }]),
  )
  const content = {
    schema: components.reference(route.body, 'input'),
    ...(Object.keys(examples).length > 0 ? { examples } : {}),
  }
  return {
    requestBody: { required: !route.body.safeParse(undefined).success, content: { 'application/json': content } },
  }
}

/** The fields as they are declared, and the files beside them. */
function formContent({ body, form, examples }: AnyRoute, components: Components): Json {
  const fields = components.inline(body, 'input')
  const files = {
    type: 'array',
    items: { type: 'string', format: 'binary' },
    minItems: 1,
    ...(form ? { maxItems: form.files_max } : {}),
  }
  const name = form?.files_field ?? 'files'
  return {
    schema: {
      ...fields,
      properties: { ...(fields.properties as Json), [name]: files },
      required: [...((fields.required as string[] | undefined) ?? []), name],
    },
    examples: Object.fromEntries(examples.map(({ summary, body: value }) => [keyOf(summary), { summary, value }])),
  }
}

function keyOf(summary: string): string {
  return summary
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '')
}

function success(route: AnyRoute, components: Components): Json {
  const status = String(route.status ?? 200)
  if (status === '204') return { [status]: { description: 'Done; there is nothing to tell.' } }
  const media_type = route.produces ?? 'application/json'
  const schema =
    route.produces && !/json/.test(route.produces) ? { type: 'string' } : components.reference(route.output, 'output')
  return { [status]: { description: route.summary, content: { [media_type]: { schema } } } }
}

/** Which of the common problems a route can answer follows from what it takes. */
function problemsOf(route: AnyRoute): string[] {
  const takes_body = route.body !== undefined && (route.accepts ?? 'json') === 'json'
  const takes_form = route.accepts === 'form'
  return [
    ...(takes_body ? ['request/malformed-json', 'request/too-deep', 'request/unsupported-media-type'] : []),
    ...(takes_form ? ['request/malformed-body', 'request/unsupported-media-type'] : []),
    ...(takes_body || takes_form || route.accepts === 'file' ? ['request/too-large'] : []),
    ...(route.body || route.query || route.params ? ['request/invalid'] : []),
    ...route.problems,
    'request/too-many',
    ...(route.method === 'GET' ? [] : ['request/cross-site']),
    'server/bug',
    'server/unavailable',
    ...(route.method === 'GET' ? [] : ['server/out-of-space']),
  ]
}

function refusals(route: AnyRoute, problems: ProblemTable): Json {
  const by_status = new Map<number, string[]>()
  for (const type of new Set(problemsOf(route))) {
    const status = problems[type]?.status
    if (status === undefined) throw new Error(`${route.name} names the problem "${type}", which no contract declares.`)
    by_status.set(status, [...(by_status.get(status) ?? []), type])
  }
  return Object.fromEntries(
    [...by_status]
      .sort(([a], [b]) => a - b)
      .map(([status, types]) => [String(status), refusal(status, types, problems)]),
  )
}

function refusal(status: number, types: readonly string[], problems: ProblemTable): Json {
  const examples = Object.fromEntries(
    types.map((type) => [
      keyOf(type),
      { summary: problems[type]?.title, value: { type: `/problems/${type}`, title: problems[type]?.title, status } },
    ]),
  )
  return {
    description: types.map((type) => `${problems[type]?.title} (\`/problems/${type}\`)`).join('. '),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, examples } },
  }
}

const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457. Beside these fields a problem carries its facts: the value, the limit, what would be right.',
  required: ['type', 'title', 'status', 'instance', 'request_id'],
  properties: {
    type: { type: 'string', description: 'Address of the description of this kind of problem.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'One sentence about this occurrence.' },
    instance: { type: 'string', description: 'The path that was asked for.' },
    request_id: { type: 'string' },
    faults: { type: 'array', items: { $ref: '#/components/schemas/Fault' } },
  },
  additionalProperties: true,
}

const faultSchema: Json = {
  type: 'object',
  required: ['path', 'code', 'message'],
  properties: {
    path: { type: 'string', description: 'JSON Pointer to the field; empty for the whole.' },
    code: { type: 'string' },
    message: { type: 'string' },
    value: { description: 'What was sent, shortened when long.' },
    expected: { description: 'What would be right, when that can be listed.' },
  },
}

type Direction = 'input' | 'output'

/**
 * Collects schemas that carry an id. What a caller may send and what we answer can differ under one id (a field with a
 * default may be left out, but is always answered); then the sent form is called `…Input`. Which of them differ is known
 * only at the end, so references are written as `#input/Id` until `resolve` names them.
 */
class Components {
  readonly #forms: Record<Direction, Map<string, Json>> = { input: new Map(), output: new Map() }

  reference(schema: z.ZodType, direction: Direction): Json {
    // Inside an object a schema with an id becomes a definition, and one without stays where it is.
    const whole = convert(z.object({ it: schema }), direction)
    const definitions = (whole.$defs ?? {}) as Record<string, Json>
    for (const [id, definition] of Object.entries(definitions)) {
      if (!id.startsWith('__')) this.#forms[direction].set(id, placed(definition, direction, definitions) as Json)
    }
    return placed((whole.properties as Record<string, Json>).it, direction, definitions) as Json
  }

  /** The schema itself even when it has an id: the fields of a query are listed one by one. */
  inline(schema: z.ZodType, direction: Direction): Json {
    const json = this.reference(schema, direction)
    const id = idIn(json.$ref)
    return id === undefined ? json : (this.#forms[direction].get(id) ?? {})
  }

  /** The definitions and the document, with every reference named. */
  resolve(document: Json, further: Json): Json {
    const differing = this.#differing()
    const name = (id: string, direction: Direction) => (direction === 'input' && differing.has(id) ? `${id}Input` : id)
    const schemas: Json = { ...further }
    for (const direction of ['output', 'input'] as const) {
      for (const [id, definition] of this.#forms[direction]) schemas[name(id, direction)] ??= definition
    }
    const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)))
    return mapReferences({ ...document, components: { schemas: sorted } }, (reference) => {
      const [, direction, id] = /^#(input|output)\/(.*)$/.exec(reference) ?? []
      return id === undefined ? reference : `#/components/schemas/${name(id, direction as Direction)}`
    }) as Json
  }

  /** Ids whose two forms differ, in themselves or in something they refer to. */
  #differing(): ReadonlySet<string> {
    const both = [...this.#forms.input].flatMap(([id, input]) => {
      const output = this.#forms.output.get(id)
      return output ? [{ id, input: plain(input), output: plain(output) }] : []
    })
    const differing = new Set(both.filter(({ input, output }) => input !== output).map(({ id }) => id))
    for (let before = -1; before !== differing.size;) {
      before = differing.size
      for (const { id, input } of both)
        if ([...differing].some((other) => input.includes(`"#/${other}"`))) differing.add(id)
    }
    return differing
  }
}

function idIn(reference: unknown): string | undefined {
  return typeof reference === 'string' ? /^#(?:input|output)\/(.*)$/.exec(reference)?.[1] : undefined
}

/** Without the direction, to compare the two forms. */
function plain(definition: Json): string {
  return JSON.stringify(mapReferences(definition, (reference) => reference.replace(/^#(input|output)\//, '#/')))
}

/** References as `#input/Id`; the converter's own nameless definitions are only other names and are followed. */
function placed(json: unknown, direction: Direction, definitions: Record<string, Json>): unknown {
  const follow = (reference: string): string => {
    const id = reference.replace('#/$defs/', '')
    if (!id.startsWith('__')) return `#${direction}/${id}`
    const target = definitions[id]?.$ref
    if (typeof target !== 'string') throw new Error('A schema that refers to itself needs an id: .meta({ id }).')
    return follow(target)
  }
  return mapReferences(json, follow)
}

function mapReferences(value: unknown, change: (reference: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapReferences(item, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      key === '$ref' && typeof child === 'string' ? change(child) : mapReferences(child, change),
    ]),
  )
}

function convert(schema: z.ZodType, io: Direction): Json {
  return z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // The format says it; the pattern beside it is several hundred characters long.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern
      // An answer may gain fields later; a client must not be told that it never will.
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
    },
  }) as Json
}
