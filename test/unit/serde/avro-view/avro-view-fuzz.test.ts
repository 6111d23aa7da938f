import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { errorCode, errorMessage } from '../../../../src/core/errors.ts'
import { type AvroSchema, avro, avroView, registryAvro, registryAvroView, type Serde } from '../../../../src/index.ts'
import { avroType } from '../../../../src/serde/avro-type.ts'
import { createMemorySchemaRegistry } from '../../../../src/testing/index.ts'
import { recordSchema, valueOf } from '../../../support/avro-schemas.ts'
import { rangesOf } from '../../../support/byte-ranges.ts'

type Fields = Readonly<Record<string, unknown>>
interface View extends Fields {
  readonly toObject: () => unknown
}

const runs = { numRuns: Number(process.env['VIEW_RUNS'] ?? 60) }
const methods = ['with', 'toObject', 'toJSON']
/** What may stand around a record: it must not count. */
const around = [Buffer.of(), Buffer.of(0), Buffer.of(0xff, 0xff), Buffer.of(0x80), Buffer.from('text')]

type Outcome = { readonly value: unknown } | { readonly error: string; readonly message: string }

function outcome(read: () => unknown): Outcome {
  try {
    return { value: read() }
  } catch (error) {
    return { error: String(errorCode(error)), message: errorMessage(error) }
  }
}

let reads = 0
const ways = {
  alone: (serde: Serde<unknown>, bytes: Buffer) => serde.deserialize(bytes, 't', []),
  'in a batch': (serde: Serde<unknown>, bytes: Buffer) => {
    const before = around[reads++ % around.length] as Buffer
    const after = around[Math.floor(reads / around.length) % around.length] as Buffer
    return serde.readBatch?.(rangesOf([bytes, bytes], before, after), 't').read(1, [])
  },
}

/** Reads the same as the other serde, field by field and as a whole, or refuses it with the same code. */
function expectSame(bytes: Buffer, views: Serde<unknown>, plain: Serde<unknown>): void {
  const expected = outcome(() => plain.deserialize(bytes, 't', []))
  for (const [way, read] of Object.entries(ways)) {
    const actual = outcome(() => read(views, bytes))
    if ('error' in expected) {
      expect(actual).toHaveProperty('error', expected.error)
      continue
    }
    if ('error' in actual) throw new Error(`${bytes.toString('hex')} is refused ${way}: ${actual.message}`)
    const view = actual.value as View
    const names = Object.keys(expected.value as Fields).filter((name) => !methods.includes(name))
    expect(names.map((name) => view[name])).toStrictEqual(names.map((name) => (expected.value as Fields)[name]))
    expect(names.map((name) => view[name])).toStrictEqual(names.map((name) => (expected.value as Fields)[name]))
    expect(view.toObject()).toStrictEqual(expected.value)
  }
}

const small = { isSmall: true }
const large = { isSmall: false }
const cases = (limits: typeof small) =>
  recordSchema.chain((schema) => {
    const type = avroType(schema, 'the schema')
    return valueOf(type, limits).map((value) => ({ schema, type, value }))
  })

describe('views read what avro() reads', () => {
  test('in all records, and are written as they were', () => {
    fc.assert(
      fc.property(cases(large), ({ schema, value }) => {
        const plain = avro<unknown>(schema)
        const views = avroView<Fields>(schema)
        const bytes = Buffer.from(plain.serialize(value, 't', []))
        expectSame(bytes, views, plain)
        for (const read of Object.values(ways))
          expect(views.serialize(read(views, bytes) as ReturnType<typeof views.of>, 't', [])).toEqual(bytes)
        expect(views.serialize(views.of(value as Fields), 't', [])).toEqual(bytes)
      }),
      runs,
    )
  })

  test('cut off at each byte, and longer than it should be', () => {
    fc.assert(
      fc.property(cases(small), ({ schema, value }) => {
        const plain = avro<unknown>(schema)
        const views = avroView<Fields>(schema)
        const bytes = Buffer.from(plain.serialize(value, 't', []))
        for (let length = 0; length < bytes.length; length++) expectSame(bytes.subarray(0, length), views, plain)
        expectSame(Buffer.concat([bytes, Buffer.of(0)]), views, plain)
      }),
      runs,
    )
  })

  test('after any change of their bytes', () => {
    const change = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom('set', 'insert', 'remove', 'repeat'),
      byte: fc.oneof(fc.nat(127), fc.constantFrom(0, 1, 2, 3, 4, 0x80, 0x81)),
    })
    fc.assert(
      fc.property(cases(small), fc.array(change, { minLength: 1, maxLength: 3 }), ({ schema, value }, changes) => {
        const plain = avro<unknown>(schema)
        let bytes = Buffer.from(plain.serialize(value, 't', []))
        for (const { at: anywhere, kind, byte } of changes) {
          const at = bytes.length === 0 ? 0 : anywhere % bytes.length
          const rest = bytes.subarray(kind === 'insert' || kind === 'repeat' ? at : at + 1)
          const middle = kind === 'remove' ? [] : kind === 'repeat' ? [...bytes.subarray(at, at + 1)] : [byte]
          bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(middle), rest])
        }
        expectSame(bytes, avroView<Fields>(schema), plain)
      }),
      { numRuns: runs.numRuns * 4 },
    )
  })

  test('with the same words for an error', () => {
    fc.assert(
      fc.property(cases(small), ({ schema, value }) => {
        const plain = avro<unknown>(schema)
        const views = avroView<Fields>(schema)
        const bytes = Buffer.from(plain.serialize(value, 't', []))
        for (const broken of [bytes.subarray(0, bytes.length - 1), Buffer.concat([bytes, Buffer.of(7)])])
          expect(outcome(() => views.deserialize(broken, 't', [])) as { message?: string }).toMatchObject(
            bytes.length === 0 && broken.length === 0
              ? {}
              : { message: (outcome(() => plain.deserialize(broken, 't', [])) as { message: string }).message },
          )
      }),
      runs,
    )
  })
})

describe('views are written as objects with the same changes', () => {
  test('and refuse the same values', () => {
    const changed = cases(large).chain(({ schema, type, value }) =>
      fc.tuple(
        fc.constant({ schema, value: value as Fields }),
        valueOf(type, large) as fc.Arbitrary<Fields>,
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        fc.oneof({ arbitrary: fc.constant(undefined), weight: 4 }, { arbitrary: fc.anything(), weight: 1 }),
      ),
    )
    fc.assert(
      fc.property(changed, ([{ schema, value }, other, chosen, odd]) => {
        const plain = avro<unknown>(schema)
        const views = avroView<Fields>(schema)
        const names = Object.keys(value).filter((_, index) => chosen[index])
        const changes = Object.fromEntries(names.map((name) => [name, odd === undefined ? other[name] : odd]))
        const read = views.deserialize(plain.serialize(value, 't', []), 't', [])
        const view = read.with(changes)
        const expected = outcome(() => plain.serialize({ ...value, ...changes }, 't', []))
        const actual = outcome(() => views.serialize(view, 't', []))
        // The library may name an earlier field, which it would have written.
        if ('error' in expected) return expect(actual).toHaveProperty('error', expected.error)
        expect(actual).toEqual(expected)
        for (const name of names.filter((each) => !methods.includes(each))) expect(view[name]).toBe(changes[name])
        expect(view.toObject()).toStrictEqual(plain.deserialize(expected.value as Buffer, 't', []))
        expect(views.serialize(read, 't', [])).toEqual(plain.serialize(value, 't', []))
      }),
      { numRuns: runs.numRuns * 2 },
    )
  })
})

describe('views of other schemas than ours read what registryAvro() reads', () => {
  type Field = { readonly name: string; readonly type: unknown; readonly default?: unknown }

  /** Fields that are gone, new, renamed, promoted or at another place. */
  function evolved(schema: AvroSchema, edits: readonly number[]): AvroSchema {
    const { fields } = schema as unknown as { fields: readonly Field[] }
    const kept = fields.flatMap((field, index): readonly Field[] => {
      const edit = edits[index % edits.length]
      if (edit === 0) return []
      if (edit === 1) return [{ ...field, name: `${field.name}New`, aliases: [field.name] } as Field]
      if (edit === 2 && field.type === 'int') return [{ ...field, type: 'double' }]
      if (edit === 3 && field.type === 'string') return [{ ...field, type: 'bytes' }]
      return [field]
    })
    const added = { name: 'added', type: { type: 'array', items: 'int' }, default: [1, 2] }
    const all = (edits.length + (edits[0] ?? 0)) % 3 === 0 ? kept : [...kept, added]
    return { ...(schema as { type: unknown }), fields: (edits[1] ?? 0) % 2 === 0 ? all : all.toReversed() }
  }

  async function serdesOf(schema: AvroSchema, reader: AvroSchema | undefined, value: unknown) {
    const client = createMemorySchemaRegistry()
    const written = registryAvro<unknown>({ client, schema })
    await written.prepare?.('t')
    const bytes = Buffer.from(written.serialize(value, 't', []))
    const options = reader === undefined ? { client } : { client, schema: reader, subject: 'record' as const }
    const plain = registryAvro<unknown>(options)
    const views = registryAvroView<Fields>(options)
    await plain.prepare?.('t')
    await views.prepare?.('t')
    return { bytes, plain, views }
  }

  const edits = fc.array(fc.nat(4), { minLength: 2, maxLength: 5 })

  test('and are written with ours', async () => {
    await fc.assert(
      fc.asyncProperty(cases(small), edits, async ({ schema, value }, changes) => {
        const { bytes, plain, views } = await serdesOf(schema, evolved(schema, changes), value)
        expectSame(bytes, views, plain)
        for (let length = 0; length < bytes.length; length++) expectSame(bytes.subarray(0, length), views, plain)
        const read = outcome(() => plain.deserialize(bytes, 't', []))
        if ('error' in read) return
        const written = outcome(() => plain.serialize(read.value, 't', []))
        const view = outcome(() => views.serialize(views.deserialize(bytes, 't', []), 't', []))
        expect(view).toEqual(written)
      }),
      runs,
    )
  })

  test('without a schema of ours, and are written with that of their writer', async () => {
    await fc.assert(
      fc.asyncProperty(cases(small), async ({ schema, value }) => {
        const { bytes, plain, views } = await serdesOf(schema, undefined, value)
        expectSame(bytes, views, plain)
        const view = views.deserialize(bytes, 't', [])
        expect(views.serialize(view, 't', [])).toEqual(bytes)
        expect(views.serialize(view.with(value as Fields), 't', [])).toEqual(bytes)
      }),
      runs,
    )
  })
})
