import { type FieldPath, fieldPath } from '../field-path.ts'
import { type FieldValue, isFields } from '../field-value.ts'
import { PipelineMistake } from '../mistake.ts'
import { LinearExpression } from '../patterns/linear-expression.ts'
import { textOf } from '../template.ts'
import { comparison } from './comparison.ts'
import type { SeenFields } from './seen-fields.ts'
import { type Token, tokensOf } from './tokens.ts'

/** Whether an event meets a condition. Takes time linear in the event, never throws. */
export type Condition = (event: SeenFields) => boolean

type Literal = string | number | boolean | null

/**
 * Compiles a condition such as `level >= 'error' and not (service in ['a', 'b'] or exists(user.id))`. Throws a
 * PipelineMistake that names the column and what was expected there.
 */
export function compileCondition(text: string): Condition {
  const parser = new ConditionParser(tokensOf(text))
  return parser.whole()
}

/** The fields that a condition looks at, each once. Throws as `compileCondition`. */
export function conditionFields(text: string): readonly string[] {
  const parser = new ConditionParser(tokensOf(text))
  parser.whole()
  return [...parser.fields]
}

class ConditionParser {
  /** Those that were read so far. */
  readonly fields = new Set<string>()
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): Condition {
    const condition = this.#any()
    const { kind, text, column } = this.#token
    if (kind !== 'end') throw new PipelineMistake(`${text} at column ${column} is too much: join conditions by and, or`)
    return condition
  }

  #any(): Condition {
    const first = this.#all()
    if (!this.#takes('or')) return first
    const rest = this.#any()
    return (event) => first(event) || rest(event)
  }

  #all(): Condition {
    const first = this.#single()
    if (!this.#takes('and')) return first
    const rest = this.#all()
    return (event) => first(event) && rest(event)
  }

  #single(): Condition {
    if (this.#takes('not')) {
      const inner = this.#single()
      return (event) => !inner(event)
    }
    if (this.#takes('(')) {
      const inner = this.#any()
      this.#expect(')')
      return inner
    }
    if (this.#takes('exists')) {
      this.#expect('(')
      const path = this.#path()
      this.#expect(')')
      return (event) => event.seen(path) !== undefined
    }
    return this.#comparison()
  }

  #comparison(): Condition {
    const path = this.#path()
    if (this.#takes('not')) {
      const inner = this.#list(path)
      return (event) => !inner(event)
    }
    const { text, column } = this.#next()
    switch (text) {
      case 'in':
        this.#at--
        return this.#list(path)
      case 'matches': {
        const found = this.#expression()
        const isFound = (value: string) => found.test(value)
        return (event) => someText(event.seen(path), isFound)
      }
      case 'contains': {
        const part = String(this.#literal())
        return (event) => holds(event.seen(path), part)
      }
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=': {
        const literal = this.#literal()
        return comparison(path, text, literal)
      }
      default:
        throw new PipelineMistake(
          `${text} at column ${column} is no comparison: use ==, !=, <, <=, >, >=, in, matches or contains`,
        )
    }
  }

  #list(path: FieldPath): Condition {
    this.#expect('in')
    this.#expect('[')
    const allowed = new Set<string>()
    do allowed.add(String(this.#literal()))
    while (this.#takes(','))
    this.#expect(']')
    const isAllowed = (value: string) => allowed.has(value)
    return (event) => someText(event.seen(path), isAllowed)
  }

  #path(): FieldPath {
    const { kind, text, column } = this.#next()
    if (kind !== 'name')
      throw new PipelineMistake(`${text} at column ${column} is no field: write its name, such as level`)
    const path = fieldPath(text)
    this.fields.add(path.text)
    return path
  }

  #literal(): Literal {
    const { kind, text, column } = this.#next()
    if (kind === 'text') return text
    if (kind === 'number') return Number(text)
    if (kind === 'name' && text === 'true') return true
    if (kind === 'name' && text === 'false') return false
    if (kind === 'name' && text === 'null') return null
    throw new PipelineMistake(`${text} at column ${column} is no value: put texts between quotes`)
  }

  #expression(): LinearExpression {
    const { kind, text, column } = this.#next()
    if (kind !== 'expression' && kind !== 'text')
      throw new PipelineMistake(`${text} at column ${column} is no expression: write it between slashes`)
    return new LinearExpression(text)
  }

  get #token(): Token {
    return this.#tokens[this.#at] as Token
  }

  #next(): Token {
    const token = this.#token
    if (token.kind !== 'end') this.#at++
    return token
  }

  #takes(text: string): boolean {
    const { kind } = this.#token
    if ((kind !== 'sign' && kind !== 'name') || this.#token.text !== text) return false
    this.#at++
    return true
  }

  #expect(text: string): void {
    const { text: found, column } = this.#token
    if (!this.#takes(text)) throw new PipelineMistake(`${found} at column ${column} is not ${text}: put ${text} there`)
  }
}

/** Whether the text, or one of the list, meets it. Allocates nothing for a text. */
function someText(value: FieldValue | undefined, meets: (text: string) => boolean): boolean {
  if (typeof value === 'string') return meets(value)
  if (Array.isArray(value)) return value.some((item: FieldValue) => someText(item, meets))
  if (value === undefined || isFields(value)) return false
  return meets(value === null ? 'null' : textOf(value))
}

/** A list has the item; a text has the part. */
function holds(value: FieldValue | undefined, part: string): boolean {
  if (Array.isArray(value)) return value.some((item: FieldValue) => textOf(item) === part)
  return typeof value === 'string' && value.includes(part)
}
