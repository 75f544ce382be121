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
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: at + pointer([...issue.path, key]),
      code: 'unknown-field',
      message: `There is no field "${key.slice(0, 60)}" here.`,
    }))
  }
  if (issue.code === 'invalid_union') return [closestUnionFault(issue, input, at)]
  const value = valueAt(input, issue.path)
  return [
    {
      path: at + pointer(issue.path),
      code: value === undefined ? 'missing-field' : codeOf(issue),
      message: value === undefined ? 'This field is needed.' : messageOf(issue),
      ...(value === undefined ? {} : { value: shown(value) }),
      ...('values' in issue ? { expected: issue.values } : {}),
    },
  ]
}

/** The branch of a union that came nearest is the one its author meant: the branch with the fewest faults. */
function closestUnionFault(issue: Extract<Issue, { code: 'invalid_union' }>, input: unknown, at: string): Fault {
  const value = valueAt(input, issue.path)
  const branches = issue.errors
    .map((errors) => errors.filter((each) => each.path.length > 0))
    .filter((errors) => errors.length > 0)
  const nearest = branches.sort((a, b) => a.length - b.length)[0]?.[0]
  if (nearest) {
    const [fault] = faultsOfIssue(nearest, value, at + pointer(issue.path))
    if (fault) return fault
  }
  return {
    path: at + pointer(issue.path),
    code: value === undefined ? 'missing-field' : 'wrong-form',
    message: value === undefined ? 'This field is needed.' : 'None of the forms that are possible here fits.',
    ...(value === undefined ? {} : { value: shown(value) }),
  }
}

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
    default:
      return 'wrong-value'
  }
}

function messageOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `This should be a ${issue.expected}.`
    case 'too_small':
      return `This should be ${issue.inclusive ? 'at least' : 'more than'} ${String(issue.minimum)}${issue.origin === 'string' ? ' characters long' : issue.origin === 'array' ? ' long' : ''}.`
    case 'too_big':
      return `This should be ${issue.inclusive ? 'at most' : 'less than'} ${String(issue.maximum)}${issue.origin === 'string' ? ' characters long' : issue.origin === 'array' ? ' long' : ''}.`
    case 'invalid_value':
      return `This should be one of: ${issue.values.map(String).join(', ')}.`
    default:
      return issue.message.endsWith('.') ? issue.message : `${issue.message}.`
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const segment of path) {
    if (value === null || typeof value !== 'object') return undefined
    value = Reflect.get(value, segment)
  }
  return value
}
