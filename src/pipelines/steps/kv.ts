import { type Fields, type FieldValue, newFields } from '../field-value.ts'
import { type KeyValueOptions, readKeyValues } from '../patterns/key-values.ts'
import type { StepKind } from '../step.ts'
import { type TextOptions, textProperties, textStep } from './text-step.ts'

export interface KvOptions extends TextOptions, KeyValueOptions {
  /** Names of the only pairs that are kept. */
  readonly only?: readonly string[]
  /** Names of pairs that are left out. */
  readonly except?: readonly string[]
  /** Comes in front of each name. */
  readonly prefix?: string
  /** Characters that are taken off both ends of each value, such as `<>,`. */
  readonly trim?: string
}

const listOfNames = { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 } as const

/** Pairs such as `user=bob action="log in"`. */
export const kv: StepKind<KvOptions> = {
  name: 'kv',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...textProperties,
      equals: { type: 'string', minLength: 1, default: '=' },
      separators: { type: 'string', minLength: 1, default: ' \t' },
      only: listOfNames,
      except: listOfNames,
      prefix: { type: 'string', minLength: 1 },
      trim: { type: 'string', minLength: 1 },
    },
  },
  compile(options) {
    const change = changeOf(options)
    return textStep('kv', options, (text, into) => {
      if (change === undefined) return readKeyValues(text, into, options) > 0
      const pairs = newFields()
      const count = readKeyValues(text, pairs, options)
      for (const name in pairs) change(name, pairs[name] as FieldValue, into)
      return count > 0
    })
  },
}

/** What becomes of each pair; undefined: all of them are fields as they are. */
function changeOf({ only, except, prefix = '', trim }: KvOptions) {
  if (only === undefined && except === undefined && prefix === '' && trim === undefined) return undefined
  const [wanted, unwanted] = [only && new Set(only), new Set(except)]
  const ends = new Set(trim)
  return (name: string, value: FieldValue, into: Fields): void => {
    if (wanted?.has(name) === false || unwanted.has(name)) return
    into[prefix + name] = Array.isArray(value)
      ? value.map((item: FieldValue) => trimmed(item as string, ends))
      : trimmed(value as string, ends)
  }
}

function trimmed(text: string, ends: ReadonlySet<string>): string {
  if (ends.size === 0) return text
  let [from, to] = [0, text.length]
  while (from < to && ends.has(text[from] as string)) from++
  while (to > from && ends.has(text[to - 1] as string)) to--
  return text.slice(from, to)
}
