/**
 * The answers to the questionnaire: which questions they leave to ask, which of them cannot stand, and what is missing.
 * Nothing is assumed: an unanswered condition hides no question, and a unit that was not chosen is no unit.
 */
import {
  factorMoney,
  questions,
  type Condition,
  type Field,
  type ListField,
  type NumberField,
  type Question,
  type Scalar,
  type UnitChoice,
} from './questionnaire.ts'

export type Row = Readonly<Record<string, Scalar>>
export type AnswerValue = Scalar | readonly string[] | readonly Row[]
/** The answers to one question. `unknown` says "I don't know", which is an answer and is listed as a gap. */
export type Answer = Readonly<{ unknown?: boolean } & Record<string, AnswerValue | undefined>>
export type Answers = Readonly<Record<string, Answer>>

/** Whether a condition holds for these answers. What was not answered, or answered "I don't know", holds nothing. */
export function holds(condition: Condition, answers: Answers): boolean {
  const [question = '', field = ''] = condition.at.split('.')
  const answer = answers[question]
  if (!answer || answer.unknown) return false
  const value = answer[field]
  if (Array.isArray(value)) return value.some((each) => condition.is.includes(each as Scalar))
  return value !== undefined && condition.is.includes(value as Scalar)
}

/** Whether a question applies at all: somebody without premises is not asked for their waste. */
export function isAsked(question: Question, answers: Answers): boolean {
  return !(question.unless ?? []).some((condition) => holds(condition, answers))
}

export function askedQuestions(answers: Answers): Question[] {
  return questions.filter((question) => isAsked(question, answers))
}

export function isFieldAsked(field: Field, answers: Answers): boolean {
  return field.when === undefined || holds(field.when, answers)
}

/** The units a number can be stated in, for this company. */
export function unitsFor(field: NumberField, answers: Answers): readonly UnitChoice[] {
  return (field.units ?? []).filter((choice) => choice.when === undefined || holds(choice.when, answers))
}

/** The unit of a stated number: the one chosen, or the only one there is; undefined while the choice is open. */
export function unitOf(field: NumberField, values: Answer | Row, answers: Answers): string | undefined {
  const offered = unitsFor(field, answers)
  if (offered.length === 1) return offered[0]?.unit
  const chosen = values[`${field.id}_unit`]
  return offered.find((choice) => choice.unit === chosen)?.unit
}

export type AnswerFaultCode =
  | 'not-a-number'
  | 'too-small'
  | 'too-large'
  | 'not-whole'
  | 'unknown-choice'
  | 'too-many-rows'
  | 'too-long'

export interface AnswerFault {
  question: string
  field: string
  row?: number
  code: AnswerFaultCode
  min?: number
  max?: number
}

const TEXT_MAX = 200

/** Every answer that cannot stand. A faulty answer gives no line. */
export function faultsOf(answers: Answers): AnswerFault[] {
  return askedQuestions(answers).flatMap((question) => {
    const answer = answers[question.id]
    if (!answer || answer.unknown) return []
    return question.fields.flatMap((field) =>
      isFieldAsked(field, answers) ? fieldFaults(question, field, answer) : [],
    )
  })
}

function fieldFaults(question: Question, field: Field, answer: Answer): AnswerFault[] {
  const value = answer[field.id]
  if (value === undefined || value === '') return []
  const at = { question: question.id, field: field.id }
  if (field.type !== 'list') return scalarFaults(field, value).map((fault) => ({ ...at, ...fault }))
  const rows = rowsOf(value)
  const many: AnswerFault[] =
    rows.length > field.rows_max ? [{ ...at, code: 'too-many-rows', max: field.rows_max }] : []
  const inside = rows.flatMap((row, index) =>
    field.item.flatMap((item) => {
      const given = row[item.id]
      if (given === undefined || given === '') return []
      return scalarFaults(item, given).map((fault) => ({
        question: question.id,
        field: `${field.id}.${item.id}`,
        row: index,
        ...fault,
      }))
    }),
  )
  return [...many, ...inside]
}

function scalarFaults(
  field: Exclude<Field, ListField>,
  value: AnswerValue,
): Pick<AnswerFault, 'code' | 'min' | 'max'>[] {
  if (field.type === 'number') {
    if (typeof value !== 'number' || !Number.isFinite(value)) return [{ code: 'not-a-number' }]
    if (value < field.min) return [{ code: 'too-small', min: field.min, max: field.max }]
    if (value > field.max) return [{ code: 'too-large', min: field.min, max: field.max }]
    return field.whole && !Number.isInteger(value) ? [{ code: 'not-whole' }] : []
  }
  if (field.type === 'choice')
    return field.options.some((option) => option.value === value) ? [] : [{ code: 'unknown-choice' }]
  if (field.type === 'choices') {
    const known = Array.isArray(value) && value.every((each) => field.options.some((option) => option.value === each))
    return known ? [] : [{ code: 'unknown-choice' }]
  }
  if (field.type === 'yes_no') return typeof value === 'boolean' ? [] : [{ code: 'unknown-choice' }]
  if (typeof value !== 'string') return [{ code: 'unknown-choice' }]
  if (field.type === 'country') return /^[A-Z]{2}$/.test(value) ? [] : [{ code: 'unknown-choice' }]
  if (field.type === 'airport') return /^[A-Z]{3}$/.test(value) ? [] : [{ code: 'unknown-choice' }]
  return value.length > TEXT_MAX ? [{ code: 'too-long', max: TEXT_MAX }] : []
}

export function rowsOf(value: AnswerValue | undefined): readonly Row[] {
  if (!Array.isArray(value)) return []
  return value.filter((each): each is Row => typeof each === 'object' && each !== null && !Array.isArray(each))
}

/** How far a question has come. `complete` questions need not give a line: "no company vehicles" is complete. */
export type QuestionState = 'open' | 'unknown' | 'started' | 'complete' | 'faulty' | 'not-asked'

export function stateOf(question: Question, answers: Answers): QuestionState {
  if (!isAsked(question, answers)) return 'not-asked'
  const answer = answers[question.id]
  if (!answer) return 'open'
  if (answer.unknown) return 'unknown'
  if (faultsOf({ ...answers }).some((fault) => fault.question === question.id)) return 'faulty'
  const asked = question.fields.filter((field) => isFieldAsked(field, answers))
  const answered = asked.filter((field) => isAnswered(field, answer, answers))
  const needed = asked.filter((field) => !field.optional && !isRateNotNeeded(question, field, answers))
  const stated = answered.filter((field) => field.id !== 'evidence')
  if (stated.length === 0) return 'open'
  return needed.every((field) => answered.includes(field)) && asked.every((field) => !isHalf(field, answer, answers))
    ? 'complete'
    : 'started'
}

/** A rate is asked only where the money of the year is not already the money of the factors. */
export function isRateNotNeeded(question: Question, field: Field, answers: Answers): boolean {
  if (field.id !== 'price_rate') return false
  const year = answers.company?.year
  const coin = answers[question.id]?.currency
  const country = answers.company?.country
  return typeof country === 'string' && `${String(coin)}-${String(year)}` === factorMoney(country)
}

function isAnswered(field: Field, values: Answer | Row, answers: Answers): boolean {
  const value = values[field.id]
  if (value === undefined || value === '') return false
  if (field.type === 'choices') return Array.isArray(value) && value.length > 0
  if (field.type === 'list') return rowsOf(value).length > 0
  return field.type !== 'number' || !field.units || unitOf(field, values, answers) !== undefined
}

/** Something was typed, but not enough to give a line. */
function isHalf(field: Field, answer: Answer, answers: Answers): boolean {
  const value = answer[field.id]
  if (field.type === 'number') return typeof value === 'number' && !isAnswered(field, answer, answers)
  if (field.type !== 'list') return false
  return rowsOf(value).some((row) => field.item.some((item) => !item.optional && !isAnswered(item, row, answers)))
}

/** A question whose emissions are missing from the total, and why. */
export interface Gap {
  question: string
  reason: 'unknown' | 'open' | 'started' | 'faulty'
}

/** What the total does not know of. A gap is not a zero. */
export function gapsOf(answers: Answers): Gap[] {
  return questions.flatMap((question) => {
    const reason = stateOf(question, answers)
    return reason === 'complete' || reason === 'not-asked' ? [] : [{ question: question.id, reason }]
  })
}
