import { textOf, toJson } from './functions.ts'
import type { VectorType } from './vector.ts'

type Change = (key: unknown, value: unknown, aggregate: unknown) => unknown

/** A named aggregator: initial value, adder, subtractor for tables, merger for sessions. */
export interface NamedAggregator {
  readonly type: VectorType
  readonly initial: unknown
  readonly add: Change
  readonly subtract: Change
  merge(key: unknown, left: unknown, right: unknown): unknown
}

const numberOr0 = (value: unknown): number => (typeof value === 'number' ? value : 0)
const plus = (_: unknown, left: unknown, right: unknown): unknown => (left as number) + (right as number)

/** Sums what `amount` sees in a value. */
function summing(amount: (value: unknown) => number): NamedAggregator {
  return {
    type: 'long',
    initial: 0,
    add: (_, value, sum) => (sum as number) + amount(value),
    subtract: (_, value, sum) => (sum as number) - amount(value),
    merge: plus,
  }
}

function integerMember(value: unknown, name: string): number {
  const member = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
  return Number.isInteger(member) ? (member as number) : 0
}

function concatenating(initial: string, type: VectorType): NamedAggregator {
  return {
    type: 'string',
    initial,
    add: (_, value, text) => `${text}+${textOf(value, type)}`,
    subtract: (_, value, text) => `${text}-${textOf(value, type)}`,
    merge: (_, left, right) => `${left}&${right}`,
  }
}

function keyed(keyType: VectorType, valueType: VectorType): NamedAggregator {
  const part = (key: unknown, value: unknown) => `${textOf(key, keyType)}=${textOf(value, valueType)};`
  return {
    type: 'string',
    initial: '',
    add: (key, value, text) => `${text}${part(key, value)}`,
    subtract: (key, value, text) => without(text as string, part(key, value)),
    merge: (_, left, right) => `${left}${right}`,
  }
}

function without(text: string, part: string): string {
  const index = text.indexOf(part)
  return index < 0 ? text : text.slice(0, index) + text.slice(index + part.length)
}

function collecting(valueType: VectorType): NamedAggregator {
  return {
    type: 'json',
    initial: [],
    add: (_, value, list) => [...(list as unknown[]), toJson(value, valueType)],
    subtract: (_, value, list) => withoutElement(list as unknown[], JSON.stringify(toJson(value, valueType))),
    merge: (_, left, right) => [...(left as unknown[]), ...(right as unknown[])],
  }
}

function withoutElement(list: readonly unknown[], text: string): readonly unknown[] {
  const index = list.findIndex((element) => JSON.stringify(element) === text)
  return index < 0 ? list : list.toSpliced(index, 1)
}

const largest: NamedAggregator = {
  type: 'long',
  initial: -1_000_000,
  add: (_, value, most) => (value === null || value === undefined ? most : Math.max(most as number, value as number)),
  subtract: (_key, _value, most) => most,
  merge: (_, left, right) => Math.max(left as number, right as number),
}

function summingWithHole(hole: number): NamedAggregator {
  const checked = (sum: number) => (sum === hole ? null : sum)
  return {
    type: 'long',
    initial: 0,
    add: (_, value, sum) => checked(numberOr0(sum) + numberOr0(value)),
    subtract: (_, value, sum) => checked(numberOr0(sum) - numberOr0(value)),
    merge: (_, left, right) => numberOr0(left) + numberOr0(right),
  }
}

export function aggregatorFunction(text: string, keyType: VectorType, valueType: VectorType): NamedAggregator {
  const colon = text.indexOf(':')
  const name = colon < 0 ? text : text.slice(0, colon)
  const argument = colon < 0 ? undefined : text.slice(colon + 1)
  switch (name) {
    case 'sum':
      return summing(numberOr0)
    case 'sumField':
      return summing((value) => integerMember(value, argument ?? ''))
    case 'count':
      return summing(() => 1)
    case 'concat':
      return concatenating(argument ?? '0', valueType)
    case 'keyed':
      return keyed(keyType, valueType)
    case 'collect':
      return collecting(valueType)
    case 'max':
      return largest
    case 'sumNullAt':
      return summingWithHole(Number(argument))
    default:
      throw new Error(`unknown aggregator ${text}`)
  }
}
