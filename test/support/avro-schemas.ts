import fc from 'fast-check'
import type { AvroSchema, AvroType } from '../../src/serde/avro-type.ts'

type Schema = AvroSchema & object

/** How large the numbers in values may be: small ones keep broken bytes from being read as huge counts. */
export interface ValueLimits {
  readonly isSmall: boolean
}

const fieldNames = ['a', 'b', 'level', 'time', 'with', 'x1']
const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const

/** Names are given later: each must be another one. */
const { type: anyType } = fc.letrec<{ type: unknown }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<unknown>(...primitives, { type: 'long', logicalType: 'timestamp-millis' }),
    fc.nat(4).map((size) => ({ type: 'fixed', size })),
    fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D'), { minLength: 1 }).map((symbols) => ({ type: 'enum', symbols })),
    tie('type').map((items) => ({ type: 'array', items })),
    tie('type').map((values) => ({ type: 'map', values })),
    fc.uniqueArray(tie('type'), { minLength: 1, maxLength: 4, selector: branchOf }).map(withoutUnions),
    fc.tuple(fc.constant('null'), tie('type')).map(withoutUnions),
    fieldsOf(tie('type')).map((fields) => ({ type: 'record', fields })),
  ),
}))

function fieldsOf(type: fc.Arbitrary<unknown>): fc.Arbitrary<readonly { name: string; type: unknown }[]> {
  return fc
    .uniqueArray(fc.constantFrom(...fieldNames), { maxLength: 5 })
    .chain((names) => fc.tuple(...names.map((name) => type.map((each) => ({ name, type: each })))))
}

/** What may stand once in a union. */
function branchOf(schema: unknown): unknown {
  if (typeof schema === 'string') return schema
  const { type } = schema as { type?: unknown }
  return ['fixed', 'enum', 'record'].includes(type as string) ? schema : (type ?? 'union')
}

function withoutUnions(branches: readonly unknown[]): unknown {
  const flat = branches.filter((branch) => !Array.isArray(branch))
  const unique = flat.filter(
    (branch, index) => flat.findIndex((other) => branchOf(other) === branchOf(branch)) === index,
  )
  return unique.length === 0 ? ['null'] : unique
}

function named(schema: unknown, next: () => string): unknown {
  if (typeof schema === 'string') return schema
  if (Array.isArray(schema)) return schema.map((branch) => named(branch, next))
  const parts = schema as Record<string, unknown>
  const copy: Record<string, unknown> = { ...parts }
  if (['fixed', 'enum', 'record'].includes(parts['type'] as string)) copy['name'] = next()
  for (const key of ['items', 'values', 'type']) if (typeof parts[key] === 'object') copy[key] = named(parts[key], next)
  for (const key of ['items', 'values']) if (parts[key] !== undefined) copy[key] = named(parts[key], next)
  if (Array.isArray(parts['fields']))
    copy['fields'] = parts['fields'].map((field: object) => ({
      ...field,
      type: named((field as Schema as { type: unknown }).type, next),
    }))
  return copy
}

/** A record with fields of all kinds. */
export const recordSchema: fc.Arbitrary<AvroSchema> = fieldsOf(anyType).map((fields) => {
  let count = 0
  return named({ type: 'record', fields }, () => `N${count++}`) as AvroSchema
})

interface Parts {
  readonly typeName: string
  readonly branchName?: string
  readonly fields?: readonly { readonly name: string; readonly type: AvroType }[]
  readonly types?: readonly AvroType[]
  readonly itemsType?: AvroType
  readonly valuesType?: AvroType
  readonly symbols?: readonly string[]
  readonly size?: number
}

/** A value that the library takes for the type. */
export function valueOf(type: AvroType, limits: ValueLimits): fc.Arbitrary<unknown> {
  const parts = type as unknown as Parts
  const { typeName, fields = [], types = [], symbols = [], size = 0 } = parts
  const { isSmall } = limits
  switch (typeName) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'int':
      return isSmall ? fc.integer({ min: -4000, max: 4000 }) : fc.integer()
    case 'long':
      return isSmall
        ? fc.integer({ min: -4000, max: 4000 })
        : fc.oneof(
            fc.integer(),
            fc.maxSafeInteger().filter((value) => Math.abs(value) < Number.MAX_SAFE_INTEGER),
          )
    case 'float':
      return isSmall ? fc.nat(100) : fc.float()
    case 'double':
      return isSmall ? fc.nat(100) : fc.double()
    case 'bytes':
      return bytesOf(isSmall, 0, 12)
    case 'fixed':
      return bytesOf(isSmall, size, size)
    case 'string':
      return isSmall
        ? fc.string({ maxLength: 12 })
        : fc.oneof(
            fc.string({ unit: 'grapheme' }),
            fc.string({ minLength: 60, maxLength: 200 }),
            fc.constant('é'.repeat(80)),
          )
    case 'enum':
      return fc.constantFrom(...symbols)
    case 'array':
      return fc.array(valueOf(parts.itemsType as AvroType, limits), { maxLength: 4 })
    case 'map':
      return fc.dictionary(
        fc.string({ maxLength: 4 }).filter((key) => key !== '__proto__'),
        valueOf(parts.valuesType as AvroType, limits),
        { maxKeys: 4, noNullPrototype: true },
      )
    case 'record':
      return fc
        .tuple(...fields.map((field) => valueOf(field.type, limits)))
        .map((values) => Object.fromEntries(fields.map(({ name }, index) => [name, values[index]])))
    default:
      return fc.oneof(...types.map((branch) => branchValue(typeName, branch, limits)))
  }
}

function branchValue(union: string, branch: AvroType, limits: ValueLimits): fc.Arbitrary<unknown> {
  const value = valueOf(branch, limits)
  const { typeName, branchName = '' } = branch as unknown as Parts
  return union === 'union:wrapped' && typeName !== 'null' ? value.map((each) => ({ [branchName]: each })) : value
}

function bytesOf(isSmall: boolean, minLength: number, maxLength: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ minLength, maxLength, max: isSmall ? 100 : 255 }).map((bytes) => Buffer.from(bytes))
}
