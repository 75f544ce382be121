import { shown, type Fault } from '../lib/problem.ts'

/** One line cannot be calculated. The engine collects these, so that a person hears of every fault at once. */
export class LineFault extends Error {
  override name = 'LineFault'
  /** Field of the line, as a pointer without the leading slash: `unit`, `attributes/fuel`. */
  readonly field: string
  readonly code: string
  readonly value: unknown
  readonly expected: unknown

  constructor(field: string, code: string, message: string, value?: unknown, expected?: unknown) {
    super(message)
    this.field = field
    this.code = code
    this.value = value
    this.expected = expected
  }

  at(line_index: number): Fault {
    return {
      path: `/lines/${line_index}${this.field ? `/${this.field}` : ''}`,
      code: this.code,
      message: this.message,
      ...(this.value === undefined ? {} : { value: shown(this.value) }),
      ...(this.expected === undefined ? {} : { expected: this.expected }),
    }
  }
}
