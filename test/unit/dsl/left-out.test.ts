import { describe, expect, test } from '@jest/globals'
import { errorCode, errorMessage } from '../../../src/core/errors.ts'
import { defineTopology, joinWindows, long, string, StreamsBuilder, tumblingWindows } from '../../../src/index.ts'

const text = { key: string(), value: string() }

/** The DSL as JavaScript sees it: nothing is refused by a type. */
// oxlint-disable-next-line typescript/no-explicit-any -- what types rule out is passed here on purpose
type Untyped = any

function refusalOf(build: (builder: Untyped) => void, options?: Untyped): string {
  const builder = new StreamsBuilder()
  try {
    build(builder)
    builder.build(options)
  } catch (error) {
    return `${errorCode(error)}: ${errorMessage(error)}`
  }
  return 'nothing was refused'
}

const stream = (builder: Untyped) => builder.stream('in', text)
const grouped = (builder: Untyped) => stream(builder).groupByKey()

describe('a function that was left out is refused with its operator', () => {
  const cases: readonly (readonly [string, (builder: Untyped) => void, string])[] = [
    ['filter', (b) => stream(b).filter(), 'the predicate of operator KSTREAM-FILTER-0000000001 is undefined'],
    ['map', (b) => stream(b).map(), 'the mapper of operator KSTREAM-MAP-0000000001'],
    ['mapValues', (b) => stream(b).mapValues(), 'the mapper of operator KSTREAM-MAPVALUES-0000000001'],
    ['mapValuesAsync', (b) => stream(b).mapValuesAsync(), 'the mapper of operator'],
    ['flatMap', (b) => stream(b).flatMap(null), 'the mapper of operator KSTREAM-FLATMAP-0000000001 is null'],
    [
      'flatMapValues',
      (b) => stream(b).flatMapValues('a'),
      "the mapper of operator KSTREAM-FLATMAPVALUES-0000000001 is 'a'",
    ],
    ['selectKey', (b) => stream(b).selectKey(), 'the mapper of operator'],
    ['peek', (b) => stream(b).peek(), 'the action of operator'],
    ['foreach', (b) => stream(b).foreach(), 'the action of operator'],
    ['groupBy', (b) => stream(b).groupBy(undefined, text).count(), 'the mapper of operator'],
    ['branch', (b) => stream(b).split().branch().noDefaultBranch(), 'the predicate of a branch of'],
    ['reduce', (b) => grouped(b).reduce(), 'the reducer of operator'],
    ['aggregate', (b) => grouped(b).aggregate(0, () => 0, { value: long() }), 'the initializer of operator'],
    [
      'cogroup',
      (b) =>
        grouped(b)
          .cogroup()
          .aggregate(() => 0, { value: long() }),
      'the aggregator of operator',
    ],
    ['a join with a table', (b) => stream(b).join(b.table('t', text)), 'the joiner of operator'],
    [
      'a join of streams',
      (b) => stream(b).join(b.stream('t', text), undefined, { windows: joinWindows({ differenceMs: 1 }) }),
      'the joiner of operator',
    ],
    [
      'a join with a global table',
      (b) => stream(b).join(b.globalTable('t', text), () => 'a'),
      'the joiner of operator',
    ],
    ['a join of tables', (b) => b.table('in', text).join(b.table('t', text)), 'the joiner of operator'],
    [
      'a foreign key',
      (b) => b.table('in', text).foreignKeyJoin(b.table('t', text), undefined, () => 1, { value: long() }),
      'the foreignKey of operator',
    ],
    [
      'the subtractor of a table',
      (b) =>
        b
          .table('in', text)
          .groupBy((k: string, v: string) => [v, k], text)
          .reduce((a: string) => a),
      'the subtractor of operator',
    ],
    [
      'a timestamp',
      (b) => b.stream('in', { ...text, timestamp: 'time' }),
      "the timestamp of operator KSTREAM-SOURCE-0000000000 is 'time'",
    ],
    ['a partitioner', (b) => stream(b).to('out', { partitioner: 3 }), 'the partitioner of operator'],
    ['deduplicate', (b) => stream(b).deduplicate({ ttlMs: 1, store: 's', idSerde: string() }), 'the id of operator'],
  ]
  test.each(cases)('%s', (_, build, sentence) => {
    const refusal = refusalOf(build)
    expect(refusal).toContain(`ILLEGAL_ARGUMENT: ${sentence}`)
    expect(refusal).toContain('pass a function')
  })

  test('a mapper of windowed keys may be left out', () => {
    const windows = tumblingWindows({ sizeMs: 10 })
    expect(
      refusalOf((b) =>
        grouped(b)
          .windowedBy(windows)
          .count()
          .toStream()
          .foreach(() => {}),
      ),
    ).toBe('nothing was refused')
  })

  test('defineTopology', () => {
    expect(() => defineTopology('name', undefined as never)).toThrow('call it as defineTopology(name')
    const asynchronous = defineTopology('name', (async () => {}) as never)
    expect(() => asynchronous.build()).toThrow('must not be async')
  })
})

describe('what is not what an option takes is refused when the topology is built', () => {
  const cases: readonly (readonly [string, (builder: Untyped) => void, string])[] = [
    [
      'a serde that was not called',
      (b) => b.stream('in', { key: string, value: string }),
      'call the function, as in string()',
    ],
    [
      'a serde by its name',
      (b) => b.stream('in', { key: 'string', value: string() }),
      "the key serde of operator KSTREAM-SOURCE-0000000000 is 'string'",
    ],
    [
      'half a serde',
      (b) => stream(b).to('out', { value: { serialize: () => Buffer.alloc(0) } }),
      'which is not a serde',
    ],
    [
      'the serde of a store',
      (b) => grouped(b).reduce((a: string) => a, { store: 's', value: string }),
      'the value serde of operator s is',
    ],
    [
      'a topic without a name',
      (b) => b.stream('', text),
      'source KSTREAM-SOURCE-0000000000 reads a topic with an invalid name (a topic needs a name)',
    ],
    [
      'no topic to write to',
      (b) => stream(b).to(),
      'sink KSTREAM-SINK-0000000001 writes to a topic with an invalid name (it is undefined',
    ],
    [
      'a topic that cannot be one',
      (b) => stream(b).to('my topic'),
      "writes to a topic with an invalid name ('my topic' has a character",
    ],
    ['a topic that is too long', (b) => b.table('x'.repeat(250), text), 'has 250 characters, of at most 249'],
    ['windows that are a number', (b) => grouped(b).windowedBy(60_000).count(), 'the windows are 60000 (number)'],
    [
      'windows of a join',
      (b) =>
        grouped(b)
          .windowedBy(joinWindows({ differenceMs: 1 }))
          .count(),
      'make them with tumblingWindows',
    ],
    ['a join without windows', (b) => stream(b).join(b.stream('t', text), () => 1), 'make them with joinWindows'],
    [
      'windows in place of options',
      (b) => stream(b).join(b.stream('t', text), () => 1, joinWindows({ differenceMs: 1 })),
      'joinWindows',
    ],
    [
      'an emit strategy',
      (b) =>
        grouped(b)
          .windowedBy(tumblingWindows({ sizeMs: 10 }))
          .emitStrategy('onWindowClose')
          .count(),
      "is 'onWindowClose' (string): it must be one of on-window-update, on-window-close",
    ],
    ['an offset reset', (b) => b.stream('in', { ...text, offsetReset: 'begin' }), 'offsetReset is "begin"'],
    ['a time in quotes', () => tumblingWindows({ sizeMs: '60000' as never }), "sizeMs is '60000' (string)"],
    [
      'an option of Java',
      (b) => b.stream('in', { keySerde: string() }),
      'keySerde is not an option: did you mean key?',
    ],
  ]
  test.each(cases)('%s', (_, build, sentence) => {
    expect(refusalOf(build)).toContain(sentence)
  })

  test('options of build', () => {
    const build = (builder: Untyped) => stream(builder).to('out')
    expect(refusalOf(build, { optimise: 'all' })).toContain('optimise is not an option: did you mean optimize?')
    expect(refusalOf(build, { optimize: true })).toContain('optimize is true (boolean)')
    expect(refusalOf(build, { optimize: { reuseTables: true } })).toContain('reuseTables is not an option')
    expect(refusalOf(build, { optimize: { singleStoreSelfJoin: true } })).toBe('nothing was refused')
  })
})
