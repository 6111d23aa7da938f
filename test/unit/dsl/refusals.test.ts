import { describe, expect, test } from '@jest/globals'
import {
  hoppingWindows,
  integer,
  joinWindows,
  json,
  keyValueStore,
  long,
  lruStore,
  sessionWindows,
  slidingWindows,
  type StoreSpec,
  StreamsBuilder,
  string,
  type Suppressed,
  TopologyBuilder,
  tumblingWindows,
  unlimitedWindows,
  untilTimeLimit,
  untilWindowCloses,
  uuid,
  versionedKeyValueStore,
  windowStore,
} from '../../../src/index.ts'
import { errorCode, errorMessage } from '../../../src/core/errors.ts'

const text = { key: string(), value: string() }

function refusal(act: () => unknown): { code: string | undefined; message: string } {
  try {
    act()
  } catch (error) {
    return { code: errorCode(error), message: errorMessage(error) }
  }
  return { code: undefined, message: 'nothing was refused' }
}

describe('windows', () => {
  const wrong: readonly (readonly [string, () => unknown])[] = [
    ['of no size', () => tumblingWindows({ sizeMs: 0 })],
    ['of half a millisecond', () => tumblingWindows({ sizeMs: 0.5 })],
    ['that advance by more than their size', () => hoppingWindows({ sizeMs: 10, advanceMs: 11 })],
    ['that do not advance', () => hoppingWindows({ sizeMs: 10, advanceMs: 0 })],
    ['with a negative grace', () => tumblingWindows({ sizeMs: 10, graceMs: -1 })],
    ['with a negative difference', () => slidingWindows({ timeDifferenceMs: -1 })],
    ['with a negative gap', () => sessionWindows({ gapMs: -1 })],
    ['that no record can join in', () => joinWindows({ differenceMs: 10, beforeMs: -20 })],
    ['that start before time', () => unlimitedWindows({ startMs: -1 })],
  ]
  test.each(wrong)('%s are refused', (_, make) => {
    expect(refusal(make).code).toBe('ILLEGAL_ARGUMENT')
  })

  test('the refusal names the field and its value', () => {
    expect(refusal(() => tumblingWindows({ sizeMs: -3 })).message).toContain('sizeMs is -3')
  })

  test('a shifted join window is allowed as long as it holds some time', () => {
    expect(joinWindows({ differenceMs: 10, beforeMs: -5 })).toMatchObject({ beforeMs: -5, afterMs: 10 })
  })
})

describe('a topology', () => {
  test('is refused when an operator has no serde, by the name of the operator', () => {
    const builder = new StreamsBuilder()
    const lost = builder.stream('in', text).mapValues((value) => value.length)
    lost.to('out', { name: 'to-out', value: undefined as never })
    const { code, message } = refusal(() => builder.build())
    expect(code).toBe('SERDE_MISSING')
    expect(message).toContain('to-out')
  })

  test('takes the default serde of the builder instead', () => {
    const builder = new StreamsBuilder({ defaults: { value: json() as never } })
    builder
      .stream('in', text)
      .mapValues((value) => value.length)
      .to('out', { value: undefined as never })
    expect(builder.build().nodes.size).toBe(3)
  })

  test('is built once', () => {
    const builder = new StreamsBuilder()
    builder.stream('in', text).to('out')
    builder.build()
    expect(refusal(() => builder.build()).code).toBe('ILLEGAL_STATE')
  })

  test('is refused under explicitNaming when a store or topic has a generated name, and both are named', () => {
    const builder = new StreamsBuilder()
    builder
      .stream('in', text)
      .groupBy((_, value) => value, { key: string() })
      .count()
    const { code, message } = refusal(() => builder.build({ explicitNaming: true }))
    expect(code).toBe('TOPOLOGY_INVALID')
    expect(message).toContain('stores KSTREAM-AGGREGATE-STATE-STORE-0000000002')
    expect(message).toContain('repartition topics KSTREAM-AGGREGATE-STATE-STORE-0000000002-repartition')
  })

  test('passes explicitNaming when store and topic are named', () => {
    const builder = new StreamsBuilder()
    builder
      .stream('in', text)
      .groupBy((_, value) => value, { key: string(), name: 'by-value' })
      .count({ store: 'counts' })
    expect(builder.build({ explicitNaming: true }).stores.has('counts')).toBe(true)
  })

  test('reads a topic in one way: other serdes of a second source are refused', () => {
    const builder = new StreamsBuilder()
    builder.stream('in', text).to('out')
    builder.stream('in', { key: string(), value: long() }).to('out')
    expect(refusal(() => builder.build())).toMatchObject({
      code: 'TOPOLOGY_INVALID',
      message: expect.stringContaining('read topic in with different value serdes (string and long)'),
    })
    const equal = new StreamsBuilder()
    equal.stream('in', text).to('out')
    equal.stream('in', text).to('other')
    expect(equal.build().nodes.size).toBe(3)
  })

  test('reads a topic either as stream or as table', () => {
    const builder = new StreamsBuilder()
    builder.stream('in', text)
    builder.table('in', text)
    expect(refusal(() => builder.build())).toMatchObject({
      code: 'TOPOLOGY_INVALID',
      message: expect.stringContaining('topic in'),
    })
  })
})

describe("a store of the user's own", () => {
  const build = (create: () => unknown, global = false): (() => unknown) => {
    const store = { ...keyValueStore({ name: 'mine', ...text }), kind: 'custom', create } as unknown as StoreSpec
    const builder = new StreamsBuilder()
    const supplier = { create: () => ({ process: () => {} }) }
    if (global) builder.addGlobalStore({ ...store, changelog: undefined }, 'in', supplier, text)
    else
      builder
        .addStateStore(store)
        .stream('in', text)
        .process(supplier, { stores: [store.name] })
    return () => builder.build()
  }
  const one = { name: 'mine', kind: 'custom' }

  test.each([
    ['hands out one object for all tasks', build(() => one), 'create() of store mine returned the same object twice'],
    ['is global and does so', build(() => one, true), 'create() of store mine returned the same object twice'],
    ['makes nothing', build(() => undefined), 'create() of store mine made no store'],
    ['has no create()', build(undefined as never), 'store mine is given no create()'],
  ])('is refused when it %s', (_, act, sentence) => {
    expect(refusal(act)).toMatchObject({ code: 'ILLEGAL_ARGUMENT', message: expect.stringContaining(sentence) })
  })

  test('is taken when it makes a new one each time', () => {
    expect(build(() => ({ ...one }))).not.toThrow()
  })
})

describe('a supplier of processors', () => {
  const one = { process: () => {} }
  const shared = { create: () => one }
  const twice = 'returned the same object twice: create() must return a new processor each time'
  const source = (builder = new StreamsBuilder()) => ({ builder, stream: builder.stream('in', text) })

  test('is refused when it hands out one object for all tasks', () => {
    const { builder, stream } = source()
    stream.process(shared, { name: 'mine' })
    const { code, message } = refusal(() => builder.build())
    expect(code).toBe('ILLEGAL_ARGUMENT')
    expect(message).toContain(`the supplier of processor mine ${twice}`)
  })

  const others: readonly (readonly [string, () => unknown])[] = [
    [
      'of processValues',
      () => {
        const { builder, stream } = source()
        stream.processValues(shared)
        return builder.build()
      },
    ],
    [
      'of transformValues',
      () => {
        const builder = new StreamsBuilder()
        builder.table('in', text).transformValues(shared)
        return builder.build()
      },
    ],
    [
      'of a global store',
      () => {
        const store = keyValueStore({ name: 's', ...text })
        return new StreamsBuilder().addGlobalStore(store, 'in', shared, text).build()
      },
    ],
    [
      'of TopologyBuilder',
      () =>
        new TopologyBuilder({ defaults: text })
          .addSource('in', { topics: ['in'] })
          .addProcessor('p', shared, ['in'])
          .build(),
    ],
    [
      'of a read-only store',
      () => {
        const store = keyValueStore({ name: 's', ...text })
        const builder = new TopologyBuilder({ defaults: text })
        return builder.addReadOnlyStateStore(store, 'in', { topics: ['in'] }, 'p', shared).build()
      },
    ],
    [
      'of a processor wrapper',
      () => {
        const { builder, stream } = source()
        stream.process({ create: () => ({ process: () => {} }) })
        return builder.build({ processorWrapper: { wrapProcessor: () => shared } })
      },
    ],
  ]
  test.each(others)('the same supplier is refused %s', (_, build) => {
    expect(refusal(build).message).toContain(twice)
  })

  test('is refused when it is a function, as in Java, or makes no processor', () => {
    const function_ = source()
    function_.stream.process((() => one) as never, { name: 'mine' })
    expect(refusal(() => function_.builder.build()).message).toBe(
      'processor mine is given no supplier: pass { create: () => a new processor } [ILLEGAL_ARGUMENT]',
    )
    const nothing = source()
    nothing.stream.process({ create: () => undefined as never }, { name: 'mine' })
    expect(refusal(() => nothing.builder.build()).message).toContain('create() of processor mine made no processor')
  })
})

describe('sides of a join whose keys have other bytes', () => {
  const numbers = { key: long(), value: string() }
  const others = { key: integer(), value: string() }
  const joined = (left: string, right: string) => left + right
  const sentence = 'have different bytes, so they never match'

  test('are refused: two streams, a stream and a table, two tables, cogrouped streams', () => {
    const builder = new StreamsBuilder()
    const [longs, integers] = [builder.stream('longs', numbers), builder.stream('integers', others)]
    const [longTable, integerTable] = [builder.table('long-table', numbers), builder.table('integer-table', others)]
    const windows = joinWindows({ differenceMs: 5 })
    expect(refusal(() => longs.join(integers, joined, { windows })).message).toContain(sentence)
    expect(refusal(() => longs.join(integerTable, joined)).message).toContain(sentence)
    expect(refusal(() => longTable.outerJoin(integerTable, (left, right) => `${left}${right}`)).message).toContain(
      sentence,
    )
    const count = (_: number, __: string, sum: number) => sum + 1
    const cogrouped = longs.groupByKey().cogroup<number>(count).cogroup(integers.groupByKey(), count)
    expect(refusal(() => cogrouped.aggregate(() => 0, { value: long() })).message).toContain(sentence)
    expect(refusal(() => longs.join(integerTable, joined)).code).toBe('TOPOLOGY_INVALID')
  })

  test('meet behind a repartition, and where other serdes write equal bytes', () => {
    const builder = new StreamsBuilder()
    const longTable = builder.table('long-table', numbers)
    const integers = builder.stream('integers', others)
    integers.repartition({ key: long() }).join(longTable, joined)
    integers.selectKey((key) => key).join(longTable, joined, { key: long() })
    const texts = builder.table('texts', text)
    builder.stream('ids', { key: uuid(), value: string() }).join(texts, joined)
    expect(builder.build().subtopologies.length).toBeGreaterThan(0)
  })
})

describe('suppress', () => {
  test('until window close needs windows', () => {
    const table = new StreamsBuilder().table('in', text)
    expect(refusal(() => table.suppress(untilWindowCloses())).code).toBe('TOPOLOGY_INVALID')
  })

  test('waits for the grace of the windows upstream, through mappings', () => {
    const builder = new StreamsBuilder()
    builder
      .stream('in', text)
      .groupByKey()
      .windowedBy(sessionWindows({ gapMs: 100, graceMs: 5 }))
      .count()
      .mapValues((count) => count + 1, { value: long() })
      .suppress(untilWindowCloses({ name: 'final' }))
    expect(builder.build().nodes.get('final')).toMatchObject({
      operator: { kind: 'suppress', waitMs: 105, finalResults: true, whenFull: 'shut-down', buffer: 'final-store' },
    })
  })

  test('refuses a limit that is no whole number', () => {
    expect(refusal(() => untilTimeLimit({ limitMs: 0.5 })).code).toBe('ILLEGAL_ARGUMENT')
  })
})

describe('stores', () => {
  test('a window store keeps at least one window', () => {
    const options = { name: 's', ...text, windowSizeMs: 10, retentionMs: 9 }
    expect(refusal(() => windowStore(options)).code).toBe('ILLEGAL_ARGUMENT')
  })

  test('a versioned store has no cache', () => {
    const options = { name: 's', ...text, historyMs: 10, caching: true }
    expect(refusal(() => versionedKeyValueStore(options)).code).toBe('ILLEGAL_STATE')
  })

  test('one that retains duplicates has no cache either, whatever was asked for', () => {
    const options = { name: 's', ...text, windowSizeMs: 10, retentionMs: 10, retainDuplicates: true, caching: true }
    expect(windowStore(options).caching).toBe(false)
  })

  test('of the rows used last keep none at least', () => {
    const options = { ...text, store: 's', lruEntriesMax: -1 }
    expect(refusal(() => new StreamsBuilder().table('in', options)).code).toBe('ILLEGAL_ARGUMENT')
    expect(refusal(() => lruStore({ ...text, name: 's', entriesMax: 0.5 })).code).toBe('ILLEGAL_ARGUMENT')
  })

  test('of a global table have a name when they have options', () => {
    const named = { ...text, engine: 'memory', store: 's' } as const
    expect(refusal(() => new StreamsBuilder().globalTable('in', named)).code).toBeUndefined()
    const { store: _, ...unnamed } = named
    expect(refusal(() => new StreamsBuilder().globalTable('in', unnamed)).code).toBe('ILLEGAL_ARGUMENT')
  })

  test('windows must fit into the retention', () => {
    const grouped = new StreamsBuilder().stream('in', text).groupByKey()
    const windowed = grouped.windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 5 }))
    expect(refusal(() => windowed.count({ store: 's', retentionMs: 14 })).message).toContain('stay open for 15 ms')
  })
})

describe('a number that JavaScript passed', () => {
  const source = () => new StreamsBuilder().stream('in', { key: string(), value: string() })
  const windowed = () =>
    source()
      .groupByKey()
      .windowedBy(tumblingWindows({ sizeMs: 10 }))
  const untyped = (value: unknown) => value as number
  const wrong: readonly (readonly [string, () => unknown, string])[] = [
    [
      'retentionMs NaN',
      () => windowed().count({ retentionMs: Number.NaN }),
      'is NaN (number), but its windows stay open',
    ],
    ['retentionMs text', () => windowed().count({ retentionMs: untyped('100') }), "is '100' (string), but its windows"],
    [
      'a bound of NaN',
      () => untilWindowCloses({ bufferedRecordsMax: Number.NaN }),
      'bufferedRecordsMax of suppress is NaN',
    ],
    ['a bound of text', () => untilWindowCloses({ bufferedBytesMax: untyped('1mb') }), "is '1mb' (string): it must be"],
    [
      'a negative bound',
      () => untilTimeLimit({ limitMs: 5, bufferedRecordsMax: -1 }),
      'it must be a whole number, at least 0',
    ],
    [
      'nothing to suppress until',
      () =>
        windowed()
          .count()
          .suppress({} as Suppressed),
      'make it with untilWindowCloses or',
    ],
    [
      'windows by hand without their function',
      () =>
        source()
          .groupByKey()
          .windowedBy({ kind: 'custom', sizeMs: 1, graceMs: 0 } as never),
      'windowsFor is undefined (undefined): it must be a function',
    ],
  ]
  test.each(wrong)('%s is refused when the topology is built', (_, build, sentence) => {
    expect(refusal(build)).toEqual({ code: 'ILLEGAL_ARGUMENT', message: expect.stringContaining(sentence) })
  })
})
