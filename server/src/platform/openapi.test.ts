import { expect, test } from 'vitest'
import { z } from 'zod'
import { route } from '@tidemark/core/lib/contract.ts'
import { socket } from '@tidemark/core/lib/socket.ts'
import { openApiDocument } from './openapi.ts'

const Line = z.object({ unit: z.string(), at: z.iso.datetime(), factor: z.number().default(1) }).meta({ id: 'Line' })
const Sheet = z.object({ lines: z.array(Line), note: z.string().nullable() }).meta({ id: 'Sheet' })
const Plain = z.object({ name: z.string() }).meta({ id: 'Plain' })
interface Tree {
  children: Tree[]
}
const Tree: z.ZodType<Tree> = z.lazy(() => z.object({ children: z.array(Tree) }).meta({ id: 'Tree' }))

const save = route({
  name: 'sheets.save',
  method: 'POST',
  path: '/api/v1/sheets/{id}',
  summary: 'Saves a sheet',
  needs: 'public',
  params: z.object({ id: z.string().describe('The sheet.') }),
  query: z.object({ limit: z.coerce.number().max(9).default(5), word: z.string() }),
  body: Sheet,
  output: z.object({ sheet: Sheet, plain: Plain, tree: Tree }),
  status: 201,
  problems: ['sheets/locked'],
  examples: [
    { summary: 'A small one', params: { id: 's1' }, query: { word: 'x' }, body: { lines: [], note: null } },
    { summary: 'Refused', params: { id: 'bad' }, body: {}, status: 422 },
  ],
})
const rename = route({
  ...save,
  name: 'sheets.rename',
  method: 'PUT',
  query: z.object({}),
  body: Plain,
  output: Plain,
  status: 200,
  examples: [],
})
const fetchFile = route({
  name: 'sheets.file',
  method: 'GET',
  path: '/api/v1/file',
  summary: 'A file',
  needs: 'public',
  output: z.string(),
  produces: 'text/csv',
  problems: [],
  examples: [],
})
const upload = route({
  ...fetchFile,
  name: 'sheets.upload',
  method: 'POST',
  accepts: 'file',
  produces: undefined,
  output: Plain,
})

const watch = socket({
  name: 'sheets.watch',
  path: '/ws/sheets/{id}',
  summary: 'What happens to a sheet',
  needs: 'sheets.read',
  params: z.object({ id: z.string() }),
  query: z.object({ after: z.string().optional() }),
  sends: Line,
  problems: ['sheets/locked'],
  examples: [{ summary: 'One', params: { id: 's1' } }],
})

const problems = { 'sheets/locked': { status: 409, title: 'The sheet is locked' } }
const document = openApiDocument({
  routes: [save, rename, fetchFile, upload],
  sockets: [watch],
  problems,
  version: '1.2.3',
}) as never as {
  openapi: string
  paths: Record<string, Record<string, Record<string, never>>>
  components: { schemas: Record<string, Record<string, unknown>> }
}
const operation = (path: string, method: string) => document.paths[path]?.[method] as Record<string, never>

test('what may be sent and what is answered are told apart only where they differ', () => {
  const { schemas } = document.components
  expect(Object.keys(schemas)).toEqual([
    'Fault',
    'Line',
    'LineInput',
    'Plain',
    'Problem',
    'Sheet',
    'SheetInput',
    'Tree',
  ])
  expect(schemas.Line?.required).toEqual(['unit', 'at', 'factor'])
  expect(schemas.LineInput?.required).toEqual(['unit', 'at'])
  expect(schemas.SheetInput).toMatchObject({
    properties: { lines: { items: { $ref: '#/components/schemas/LineInput' } }, note: { type: ['string', 'null'] } },
  })
  expect(schemas.Tree).toMatchObject({ properties: { children: { items: { $ref: '#/components/schemas/Tree' } } } })
})

test('every reference leads somewhere, and no endless pattern stands beside a format', () => {
  const text = JSON.stringify(document)
  for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
    expect(document.components.schemas).toHaveProperty(name ?? '')
  expect([...text.matchAll(/"\$ref":"(?!#\/components\/schemas\/)/g)]).toEqual([])
  expect(document.components.schemas.Line).toMatchObject({
    properties: { at: { type: 'string', format: 'date-time' } },
  })
  expect(text).not.toContain('"pattern"')
})

test('parameters, body, answer and each refusal by status are there, with examples', () => {
  expect(operation('/api/v1/sheets/{id}', 'post')).toMatchObject({
    operationId: 'sheets.save',
    tags: ['sheets'],
    parameters: [
      { name: 'id', in: 'path', required: true, description: 'The sheet.', schema: { type: 'string' }, example: 's1' },
      { name: 'limit', in: 'query', required: false },
      { name: 'word', in: 'query', required: true, example: 'x' },
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/SheetInput' },
          examples: { 'a-small-one': { value: { lines: [], note: null } } },
        },
      },
    },
    responses: {
      201: { content: { 'application/json': { schema: {} } } },
      409: { description: 'The sheet is locked (`/problems/sheets/locked`)' },
    },
  })
  const statuses = (path: string, method: string) => Object.keys(operation(path, method).responses ?? {})
  expect(statuses('/api/v1/sheets/{id}', 'post')).toEqual([
    '201',
    '400',
    '403',
    '409',
    '413',
    '415',
    '422',
    '429',
    '500',
    '503',
    '507',
  ])
  expect(statuses('/api/v1/file', 'get')).toEqual(['200', '429', '500', '503'])
  expect(statuses('/api/v1/file', 'post')).toEqual(['200', '403', '413', '429', '500', '503', '507'])
})

test('a file comes in as bytes and goes out in its own media type', () => {
  expect(operation('/api/v1/file', 'get')).toMatchObject({
    responses: { 200: { content: { 'text/csv': { schema: { type: 'string' } } } } },
  })
  expect(operation('/api/v1/file', 'post')).toMatchObject({
    requestBody: { content: { 'application/octet-stream': { schema: { format: 'binary' } } } },
  })
})

test('a WebSocket is told as the GET that is upgraded, with what it sends under 101 and what refuses it beside', () => {
  expect(operation('/ws/sheets/{id}', 'get')).toMatchObject({
    operationId: 'sheets.watch',
    parameters: [
      { name: 'id', in: 'path', example: 's1' },
      { name: 'after', in: 'query' },
    ],
    responses: {
      101: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Line' } } } },
      409: { description: 'The sheet is locked (`/problems/sheets/locked`)' },
      426: {},
    },
    'x-needs': 'sheets.read',
    'x-websocket': { takes_bytes_max: 0 },
  })
  expect(operation('/ws/sheets/{id}', 'get').responses).not.toHaveProperty('200')
})

test('a route that names a problem which nobody declares is refused', () => {
  expect(() => openApiDocument({ routes: [save], problems: {}, version: '1' })).toThrow(
    'sheets.save names the problem "sheets/locked"',
  )
})
