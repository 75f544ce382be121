import type { z } from 'zod'
import { pointer, shown, type Fault } from './problem.ts'

/**
 * Every fault that a schema found, with a pointer to the field, the value that was sent and what would be right.
 * `at` is put before each pointer, for a value that is part of a larger document.
 */
export function faultsOf(error: z.ZodError, input: unknown, at = ''): Fault[] {
  return error.issues.flatMap((issue) => faultsOfIssue(issue as Issue, input, at))
}

type Issue = z.core.$ZodIssue

function faultsOfIssue(issue: Issue, input: unknown, at: string): Fault[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: at + pointer([...issue.path, key]),
        code: 'unknown-field',
        message: `There is no field "${String(shown(key))}" here.`,
      }))
    case 'invalid_union':
      return faultsOfUnion(issue, input, at)
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.map((inner) => ({ ...oneFault(issue, input, at), message: messageOf(inner as Issue) }))
    default:
      return [oneFault(issue, input, at)]
  }
}

/** The branch a person meant is the one that got furthest: fewest faults, deepest in. */
function faultsOfUnion(issue: Extract<Issue, { code: 'invalid_union' }>, input: unknown, at: string): Fault[] {
  const value = valueAt(input, issue.path)
  const [likeliest = []] = [...issue.errors].sort((a, b) => closeness(a) - closeness(b))
  const got_in = likeliest.some((inner) => inner.path.length > 0)
  if (got_in || issue.errors.length === 1) {
    return likeliest.flatMap((inner) => faultsOfIssue(inner as Issue, value, at + pointer(issue.path)))
  }
  return [oneFault(issue, input, at)]
}

function closeness(issues: readonly { path: PropertyKey[] }[]): number {
  return issues.length - 10 * Math.max(0, ...issues.map((issue) => issue.path.length))
}

function oneFault(issue: Issue, input: unknown, at: string): Fault {
  const value = valueAt(input, issue.path)
  const expected = expectedBy(issue)
  const missing = value === undefined && issue.code !== 'custom'
  return {
    path: at + pointer(issue.path),
    code: missing ? 'missing-field' : codeOf(issue),
    message: missing ? 'This field is needed.' : messageOf(issue),
    ...(value === undefined ? {} : { value: shown(value) }),
    ...(expected === undefined ? {} : { expected }),
  }
}

/** A rule of a contract can name its own code: `ctx.addIssue({ code: 'custom', params: { code: 'unknown-unit' }, … })`. */
function codeOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return 'wrong-type'
    case 'too_small':
      return 'too-small'
    case 'too_big':
      return 'too-big'
    case 'invalid_format':
      return 'wrong-format'
    case 'invalid_value':
      return 'unknown-value'
    case 'invalid_union':
      return 'wrong-form'
    case 'custom':
      return typeof issue.params?.code === 'string' ? issue.params.code : 'wrong-value'
    default:
      return 'wrong-value'
  }
}

function messageOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `This should be a ${issue.expected}.`
    case 'too_small':
      return `This should be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${inWhat(issue.origin)}.`
    case 'too_big':
      return `This should be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${inWhat(issue.origin)}.`
    case 'invalid_value':
      return `This should be one of: ${issue.values.map(String).join(', ')}.`
    case 'invalid_union':
      return 'None of the forms that are possible here fits.'
    default:
      return issue.message.endsWith('.') ? issue.message : `${issue.message}.`
  }
}

function inWhat(origin: string): string {
  if (origin === 'string') return ' characters long'
  return origin === 'array' ? ' long' : ''
}

function expectedBy(issue: Issue): unknown {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected
    case 'invalid_value':
      return issue.values
    case 'too_small':
      return { [issue.inclusive === false ? 'more_than' : 'min']: Number(issue.minimum) }
    case 'too_big':
      return { [issue.inclusive === false ? 'less_than' : 'max']: Number(issue.maximum) }
    case 'invalid_format':
      return issue.pattern ?? issue.format
    case 'custom':
      return issue.params?.expected
    default:
      return undefined
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = Reflect.get(value, segment)
  }
  return value
}
