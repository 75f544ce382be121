import { Problem } from '../lib/problem.ts'

/**
 * Regular expressions from strangers, matched against strangers' texts, without backtracking: all places at once, in time
 * proportional to text times pattern (K. Thompson, CACM 11 (1968)). Letters, `.`, classes `[a-z]` and `[^…]`, `\d \w \s` and
 * their opposites, groups, `|`, `* + ? {m,n}`. No back references and no look-around, which such a matcher cannot have.
 */
export interface Pattern {
  /** Whether the whole text fits. */
  matches(text: string): boolean
}

const STATES_MAX = 2000
const REPEATS_MAX = 500
const DEPTH_MAX = 50

type Test = (code: number) => boolean
type Node =
  | { kind: 'one'; test: Test }
  | { kind: 'sequence'; parts: Node[] }
  | { kind: 'choice'; parts: Node[] }
  | { kind: 'repeat'; part: Node; least: number; most: number }

/** @throws {Problem} models/pattern-unfit, saying where. */
export function readPattern(source: string): Pattern {
  const node = new Reader(source).whole()
  const states: State[] = []
  const start = compile(node, push(states, { kind: 'end', next: -1, other: -1 }), states, source)
  return { matches: matcher(states, start) }
}

function refuse(source: string, at: number, what: string): never {
  throw new Problem('models/pattern-unfit', {
    detail: `The pattern cannot be used: at character ${at + 1} ${what}.`,
    pattern: source.slice(0, 200),
  })
}

class Reader {
  readonly #source: string
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#source = source
  }

  whole(): Node {
    // The whole text must fit, so the anchors that people write are allowed and change nothing.
    if (this.#source.startsWith('^')) this.#at = 1
    const node = this.#choice()
    if (this.#at < this.#source.length) this.#refuse('a group is closed that was not opened')
    return node
  }

  #choice(): Node {
    if (++this.#depth > DEPTH_MAX) this.#refuse('groups are nested too deeply')
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    this.#depth--
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'choice', parts }
  }

  #sequence(): Node {
    const parts: Node[] = []
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      if (next === '$' && this.#at === this.#source.length - 1) {
        this.#at++
        break
      }
      parts.push(this.#repeated(this.#one()))
    }
    return { kind: 'sequence', parts }
  }

  #repeated(part: Node): Node {
    const bounds = this.#bounds()
    if (!bounds) return part
    if (this.#bounds() || this.#peek() === '+' || this.#peek() === '?') this.#refuse('a repetition is repeated')
    return { kind: 'repeat', part, ...bounds }
  }

  #bounds(): { least: number; most: number } | undefined {
    if (this.#take('*')) return { least: 0, most: Infinity }
    if (this.#take('+')) return { least: 1, most: Infinity }
    if (this.#take('?')) return { least: 0, most: 1 }
    const match = /^\{(\d{1,3})(,(\d{1,3})?)?\}/.exec(this.#source.slice(this.#at, this.#at + 12))
    if (!match) return undefined
    this.#at += match[0].length
    const least = Number(match[1])
    const most = match[2] === undefined ? least : match[3] === undefined ? Infinity : Number(match[3])
    if (most < least || least > REPEATS_MAX || (most !== Infinity && most > REPEATS_MAX))
      this.#refuse('a repetition has no such bounds')
    return { least, most }
  }

  #one(): Node {
    if (this.#take('(')) {
      this.#take('?:')
      if (this.#peek() === '?') this.#refuse('look-around and named groups are not known here')
      const inner = this.#choice()
      if (!this.#take(')')) this.#refuse('a group is not closed')
      return inner
    }
    if (this.#take('[')) return { kind: 'one', test: this.#class() }
    if (this.#take('.')) return { kind: 'one', test: () => true }
    if (this.#take('\\')) return { kind: 'one', test: this.#escape() }
    if ('*+?{}])^$'.includes(this.#peek() ?? ''))
      this.#refuse(`${this.#peek()} stands alone; write \\${this.#peek()} for the character`)
    const code = this.#character()
    return { kind: 'one', test: (each) => each === code }
  }

  #class(): Test {
    const opposite = this.#take('^')
    const tests: Test[] = []
    while (!this.#take(']')) {
      if (this.#peek() === undefined) this.#refuse('a class is not closed')
      if (this.#take('\\')) {
        tests.push(this.#escape())
        continue
      }
      const from = this.#character()
      const ranged = this.#peek() === '-' && this.#source[this.#at + 1] !== ']'
      if (ranged) this.#at++
      if (ranged && this.#take('\\')) this.#refuse('a range ends in a plain character')
      const to = ranged ? this.#character() : from
      if (to < from) this.#refuse('a range runs backwards')
      tests.push((code) => code >= from && code <= to)
    }
    return (code) => tests.some((test) => test(code)) !== opposite
  }

  #escape(): Test {
    const letter = this.#peek()
    if (letter === undefined) this.#refuse('the pattern ends in the middle of an escape')
    const named = letter && NAMED[letter.toLowerCase()]
    if (named) {
      this.#at++
      return letter === letter.toLowerCase() ? named : (code) => !named(code)
    }
    if (/[A-Za-z0-9]/.test(letter ?? '')) this.#refuse(`\\${letter} is not known here`)
    const code = this.#character()
    return (each) => each === code
  }

  #character(): number {
    const code = this.#source.codePointAt(this.#at)
    if (code === undefined) return this.#refuse('the pattern ends too early')
    this.#at += code > 0xffff ? 2 : 1
    return code
  }

  #peek(): string | undefined {
    return this.#source[this.#at]
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #refuse(what: string): never {
    return refuse(this.#source, this.#at, what)
  }
}

const isDigit: Test = (code) => code >= 0x30 && code <= 0x39
const NAMED: Record<string, Test> = {
  d: isDigit,
  w: (code) => isDigit(code) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f,
  s: (code) => code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0 || code === 0x202f,
}

interface State {
  kind: 'one' | 'fork' | 'end'
  test?: Test
  next: number
  other: number
}

function push(states: State[], state: State): number {
  return states.push(state) - 1
}

/** Builds the states of a node from its end backwards, and returns where it begins. */
function compile(node: Node, end: number, states: State[], source: string): number {
  if (states.length > STATES_MAX) refuse(source, source.length - 1, 'it has become too large; repeat less')
  if (node.kind === 'one') return push(states, { kind: 'one', test: node.test, next: end, other: -1 })
  if (node.kind === 'sequence')
    return node.parts.reduceRight((after, part) => compile(part, after, states, source), end)
  if (node.kind === 'choice') {
    const starts = node.parts.map((part) => compile(part, end, states, source))
    return starts.reduceRight((other, next) => push(states, { kind: 'fork', next, other }))
  }
  return compileRepeat(node, end, states, source)
}

function compileRepeat(node: Extract<Node, { kind: 'repeat' }>, end: number, states: State[], source: string): number {
  let start = end
  if (node.most === Infinity) {
    const fork: State = { kind: 'fork', next: -1, other: end }
    start = push(states, fork)
    fork.next = compile(node.part, start, states, source)
  } else {
    for (let i = node.least; i < node.most; i++) {
      start = push(states, { kind: 'fork', next: compile(node.part, start, states, source), other: end })
    }
  }
  for (let i = 0; i < node.least; i++) start = compile(node.part, start, states, source)
  return start
}

/** The states that a text can be in after some characters, with what follows each character as far as it was met. */
interface Place {
  states: readonly number[]
  ends: boolean
  after: Map<number, Place>
}

/** Places are made when they are first reached. A pattern that reaches too many begins anew: slower, and as right. */
const PLACES_MAX = 5000

function matcher(states: readonly State[], start: number): (text: string) => boolean {
  let places = new Map<string, Place>()
  const placeOf = (from: readonly number[]): Place => {
    const reached = reach(states, from)
    const key = reached.join()
    const known = places.get(key)
    if (known) return known
    const ends = reached.some((index) => states[index]?.kind === 'end')
    const place = { states: reached, ends, after: new Map<number, Place>() }
    if (places.size >= PLACES_MAX) places = new Map()
    places.set(key, place)
    return place
  }
  const next = (place: Place, code: number): Place => {
    const known = place.after.get(code)
    if (known) return known
    const reached = placeOf(place.states.flatMap((index) => (states[index]?.test?.(code) ? [states[index].next] : [])))
    if (place.after.size < PLACES_MAX) place.after.set(code, reached)
    return reached
  }
  return (text) => {
    let place = placeOf([start])
    for (let at = 0; at < text.length && place.states.length > 0;) {
      const code = text.codePointAt(at) ?? 0
      at += code > 0xffff ? 2 : 1
      place = next(place, code)
    }
    return place.ends
  }
}

/** The states that wait for a character, from those named, through forks; in ascending order. */
function reach(states: readonly State[], from: readonly number[]): number[] {
  const seen = new Set<number>()
  const open = [...from]
  const waiting: number[] = []
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const state = states[index]
    if (!state || seen.has(index)) continue
    seen.add(index)
    if (state.kind === 'fork') open.push(state.other, state.next)
    else waiting.push(index)
  }
  return waiting.sort((a, b) => a - b)
}
