import type { Windowed } from '../../src/index.ts'
import type { VectorType } from './vector.ts'

/**
 * The named functions of the scenario language. A function text is a pipeline of parts joined by `|`, evaluated on a key
 * and a value; null stays null unless a part says otherwise. Values carry no type, so each function is compiled for the
 * types it meets: they decide how a value prints.
 */
export interface Pipeline {
  readonly type: VectorType
  evaluate(key: unknown, value: unknown): unknown
}

type Step = (current: unknown, key: unknown, value: unknown) => unknown

const largestLong = '9223372036854775807'

function longText(value: number): string {
  return value >= 2 ** 63 ? largestLong : String(value)
}

/** The JSON form of a value: windowed keys become objects. */
export function toJson(value: unknown, type: VectorType): unknown {
  if (value === null || value === undefined) return null
  if (typeof type === 'string') return value
  const { key, window } = value as Windowed<unknown>
  return { key: toJson(key, innerType(type)), start: window.startMs, end: window.endMs }
}

/** Text form: what concat, eq and toString work on. */
export function textOf(value: unknown, type: VectorType): string {
  if (value === null || value === undefined) return 'null'
  if (type === 'json') return JSON.stringify(value)
  if (typeof type === 'string') return String(value)
  const { key, window } = value as Windowed<unknown>
  return `${textOf(key, innerType(type))}@${longText(window.startMs)}-${longText(window.endMs)}`
}

export function innerType(type: VectorType): VectorType {
  if (typeof type === 'string') throw new Error(`${type} is not a windowed type`)
  return 'windowed' in type ? type.windowed : type.session
}

/** What the language calls IllegalStateException. */
export function illegalState(message: string): Error {
  const error = new Error(message)
  error.name = 'java.lang.IllegalStateException'
  return error
}

const floorModulus = (value: number, by: number): number => ((value % by) + by) % by
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const numberOr0 = (value: unknown): number => (typeof value === 'number' ? value : 0)

function splitPart(part: string): readonly [string, string] {
  const colon = part.indexOf(':')
  return colon < 0 ? [part, ''] : [part.slice(0, colon), part.slice(colon + 1)]
}

const unlessNull =
  (step: (current: never) => unknown): Step =>
  (current) =>
    current === null || current === undefined ? null : step(current as never)

interface Part {
  readonly step: Step
  readonly type: VectorType
}

/** A part that keeps null, by name: its step and the type of its result. */
function valuePart(name: string, argument: string, type: VectorType): Part | undefined {
  const number = Number(argument)
  const same = (step: (current: never) => unknown): Part => ({ step: unlessNull(step), type })
  const to = (result: VectorType, step: (current: never) => unknown): Part => ({ step: unlessNull(step), type: result })
  switch (name) {
    case 'upper':
      return same((text: string) => text.toUpperCase())
    case 'lower':
      return same((text: string) => text.toLowerCase())
    case 'prefix':
      return same((text: string) => argument + text)
    case 'suffix':
      return same((text: string) => text + argument)
    case 'left':
      return same((text: string) => text.slice(0, number))
    case 'length':
      return to('long', (text: string) => text.length)
    case 'toLong':
      return to('long', (value) => (/^[+-]?\d+$/.test(textOf(value, type)) ? Number(textOf(value, type)) : null))
    case 'toString':
      return to('string', (value) => textOf(value, type))
    case 'add':
      return same((value: number) => value + number)
    case 'mul':
      return same((value: number) => value * number)
    case 'mod':
      return same((value: number) => floorModulus(value, number))
    case 'neg':
      return same((value: number) => 0 - value)
    case 'field':
      return same((value) => (isObject(value) ? (value[argument] ?? null) : null))
    case 'fieldS':
      return to('string', (value) => stringField(value, argument))
    case 'fieldL':
      return to('long', (value) => integerField(value, argument))
    case 'nullIf':
      return same((value) => (textOf(value, type) === argument ? null : value))
    case 'winKey':
      return to(innerType(type), (value: Windowed<unknown>) => value.key)
    case 'winStart':
      return to('long', (value: Windowed<unknown>) => value.window.startMs)
    case 'winEnd':
      return to('long', (value: Windowed<unknown>) => value.window.endMs)
    default:
      return undefined
  }
}

function stringField(value: unknown, name: string): string | null {
  const field = isObject(value) ? value[name] : undefined
  return typeof field === 'string' ? field : null
}

function integerField(value: unknown, name: string): number | null {
  const field = isObject(value) ? value[name] : undefined
  return Number.isInteger(field) ? (field as number) : null
}

/** A part that sees null too. */
function anyPart(name: string, argument: string, type: VectorType, keyType: VectorType, valueType: VectorType): Part {
  switch (name) {
    case 'key':
      return { step: (_current, key) => key, type: keyType }
    case 'value':
      return { step: (_current, _key, value) => value, type: valueType }
    case 'const':
      return { step: () => argument, type: 'string' }
    case 'constL':
      return { step: () => Number(argument), type: 'long' }
    case 'null':
      return { step: () => null, type }
    case 'ifNull':
      return { step: (current) => current ?? argument, type }
    case 'throwIf':
      return { step: (current) => refusing(current, type, argument), type }
    case 'obj':
      return { step: (current) => ({ [argument]: toJson(current, type) }), type: 'json' }
    case 'pair':
      return {
        step: (_current, key, value) => ({ k: toJson(key, keyType), v: toJson(value, valueType) }),
        type: 'json',
      }
    case 'kv':
      return { step: (_current, key, value) => `${textOf(key, keyType)}:${textOf(value, valueType)}`, type: 'string' }
    default:
      throw new Error(`unknown function ${name}`)
  }
}

function refusing(value: unknown, type: VectorType, refused: string): unknown {
  if (textOf(value, type) === refused) throw illegalState(`throwIf:${refused}`)
  return value
}

export function pipeline(text: string, keyType: VectorType, valueType: VectorType): Pipeline {
  const steps: Step[] = []
  let type = valueType
  for (const partText of text === '' ? [] : text.split('|')) {
    const [name, argument] = splitPart(partText)
    const part = valuePart(name, argument, type) ?? anyPart(name, argument, type, keyType, valueType)
    steps.push(part.step)
    type = part.type
  }
  return {
    type,
    evaluate: (key, value) => steps.reduce((current, step) => step(current, key, value), value),
  }
}

/** A pipeline whose last part is a test. */
export function predicate(
  text: string,
  keyType: VectorType,
  valueType: VectorType,
): (key: unknown, value: unknown) => boolean {
  const bar = text.lastIndexOf('|')
  const head = pipeline(bar < 0 ? '' : text.slice(0, bar), keyType, valueType)
  const [name, argument] = splitPart(text.slice(bar + 1))
  const test = testOf(name, argument, head.type)
  return (key, value) => test(head.evaluate(key, value) ?? null)
}

function testOf(name: string, argument: string, type: VectorType): (value: unknown) => boolean {
  const number = Number(argument)
  const long = (test: (value: number) => boolean) => (value: unknown) => value !== null && test(value as number)
  switch (name) {
    case 'true':
      return () => true
    case 'false':
      return () => false
    case 'isNull':
      return (value) => value === null
    case 'notNull':
      return (value) => value !== null
    case 'eq':
      return (value) => textOf(value, type) === argument
    case 'ne':
      return (value) => textOf(value, type) !== argument
    case 'gt':
      return long((value) => value > number)
    case 'lt':
      return long((value) => value < number)
    case 'even':
      return long((value) => floorModulus(value, 2) === 0)
    case 'odd':
      return long((value) => floorModulus(value, 2) === 1)
    case 'contains':
      return (value) => value !== null && textOf(value, type).includes(argument)
    case 'startsWith':
      return (value) => value !== null && textOf(value, type).startsWith(argument)
    case 'throwIf':
      return (value) => refusing(value, type, argument) === value
    default:
      throw new Error(`unknown predicate ${name}`)
  }
}

const words = (text: unknown): readonly string[] =>
  text === null || text === undefined ? [] : (text as string).split(' ').filter((word) => word !== '')

function countdown(value: unknown): readonly number[] {
  if (value === null || value === undefined) return []
  const first = Math.min(value as number, 4)
  return Array.from({ length: Math.max(0, first) }, (_, index) => first - index)
}

export function flatMapValuesFunction(
  text: string,
  valueType: VectorType,
): { type: VectorType; apply(value: unknown): readonly unknown[] } {
  const [name, argument] = splitPart(text)
  switch (name) {
    case 'words':
      return { type: 'string', apply: words }
    case 'repeat':
      return { type: valueType, apply: (value) => Array.from({ length: Number(argument) }, () => value) }
    case 'countdown':
      return { type: 'long', apply: countdown }
    default:
      throw new Error(`unknown flatMapValues function ${text}`)
  }
}

type Pairs = readonly (readonly [unknown, unknown])[]

export function flatMapFunction(
  name: string,
  keyType: VectorType,
  valueType: VectorType,
): { keyType: VectorType; valueType: VectorType; apply(key: unknown, value: unknown): Pairs } {
  switch (name) {
    case 'wordsAsKeys':
      return {
        keyType: 'string',
        valueType: 'long',
        apply: (_, value) => words(value).map((word) => [word, word.length]),
      }
    case 'both':
      return {
        keyType,
        valueType,
        apply: (key, value) =>
          value === null
            ? [[key, value]]
            : [
                [key, value],
                [value, key],
              ],
      }
    case 'none':
      return { keyType, valueType, apply: () => [] }
    case 'twice':
      return {
        keyType,
        valueType,
        apply: (key, value) => [
          [key, value],
          [key, value],
        ],
      }
    default:
      throw new Error(`unknown flatMap function ${name}`)
  }
}

export function joinerFunction(
  name: string,
  keyType: VectorType,
  leftType: VectorType,
  rightType: VectorType,
): { type: VectorType; apply(left: unknown, right: unknown, key: unknown): unknown } {
  const texts = (left: unknown, right: unknown) => `${textOf(left, leftType)}-${textOf(right, rightType)}`
  switch (name) {
    case 'concat':
      return { type: 'string', apply: texts }
    case 'keyed':
      return { type: 'string', apply: (left, right, key) => `${textOf(key, keyType)}:${texts(left, right)}` }
    case 'sum':
      return { type: 'long', apply: (left, right) => numberOr0(left) + numberOr0(right) }
    case 'obj':
      return { type: 'json', apply: (left, right) => ({ l: toJson(left, leftType), r: toJson(right, rightType) }) }
    case 'nullIfNoRight':
      return {
        type: 'string',
        apply: (left, right) => (right === null || right === undefined ? null : texts(left, right)),
      }
    default:
      throw new Error(`unknown joiner ${name}`)
  }
}

export function reducerFunction(name: string, type: VectorType): (aggregate: unknown, value: unknown) => unknown {
  const text = (value: unknown) => textOf(value, type)
  switch (name) {
    case 'concat':
      return (aggregate, value) => `${text(aggregate)}+${text(value)}`
    case 'concatSub':
      return (aggregate, value) => `${text(aggregate)}-${text(value)}`
    case 'add':
      return (aggregate, value) => numberOr0(aggregate) + numberOr0(value)
    case 'sub':
      return (aggregate, value) => numberOr0(aggregate) - numberOr0(value)
    case 'max':
      return (aggregate, value) => Math.max(numberOr0(aggregate), numberOr0(value))
    case 'min':
      return (aggregate, value) => Math.min(numberOr0(aggregate), numberOr0(value))
    case 'first':
      return (aggregate) => aggregate
    case 'last':
      return (_, value) => value
    case 'nullOnEqual':
      return (aggregate, value) => (text(aggregate) === text(value) ? null : value)
    default:
      throw new Error(`unknown reducer ${name}`)
  }
}
