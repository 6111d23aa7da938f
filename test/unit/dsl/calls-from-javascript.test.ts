import { describe, expect, test } from '@jest/globals'
import { errorCode, errorMessage } from '../../../src/core/errors.ts'
import * as millrace from '../../../src/index.ts'

/** The door as JavaScript sees it: nothing is refused by a type. */
// oxlint-disable-next-line typescript/no-explicit-any -- what types rule out is passed here on purpose
type Untyped = any

const door: Untyped = millrace
const text = { key: millrace.string(), value: millrace.string() }
const supplier = { create: () => ({ process: () => {} }) }
const join = () => 'joined'
const builder = (): Untyped => new millrace.StreamsBuilder()
const stream = (): Untyped => builder().stream('in', text)
const table = (of = builder()): Untyped => of.table('table', text)
const topology = (): Untyped => new millrace.TopologyBuilder().addSource('source', { topics: ['in'], ...text })

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return `${errorCode(error)}: ${errorMessage(error)}`
  }
  return 'nothing was refused'
}

/** Acts, and builds what came of it. */
function built(act: (of: Untyped) => unknown): () => unknown {
  return () => {
    const of = builder()
    act(of)
    of.build()
  }
}

test('a negative limit of suppress is one of none, as in Kafka Streams', () => {
  expect(door.untilTimeLimit({ limitMs: -5 }).limitMs).toBe(-5)
})

describe('is refused with a code and a sentence', () => {
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    [
      'a join of tables by a foreign key under the name of another join',
      built((of) => table(of).join(of.table('other', text), join, join)),
      'use foreignKeyJoin',
    ],
    ['a text for options', () => stream().filter(() => true, 'name'), "are 'name' (string): pass one object"],
    ['null for options', () => stream().groupByKey(null), 'are null (object)'],
    ['a name that is no number', built((of) => of.stream('in', text).filter(() => true, { name: Number.NaN })), 'NaN'],
    ['a name of a node that is no number', () => topology().addProcessor(Number.NaN, supplier, ['source']), 'NaN'],
    ['a limit of time in quotes', () => door.untilTimeLimit({ limitMs: '5' }), "limitMs of suppress is '5'"],
    ['an unknown answer to a full buffer', () => door.untilTimeLimit({ limitMs: 5, whenFull: 'stop' }), "'stop'"],
    ['suppress()', () => table().suppress(), 'untilWindowCloses or untilTimeLimit'],
    ['merge()', () => stream().merge(), 'not a stream or table'],
    ['list()', () => door.list(), 'list is given undefined'],
    ['sessionWindowed()', () => door.sessionWindowed(), 'sessionWindowed is given undefined'],
    ['timeWindowed() without a size', () => door.timeWindowed(text.key), 'timeWindowed is given undefined for a size'],
    ['timeWindowed() of no number', () => door.timeWindowed(text.key, Number.NaN), 'timeWindowed is given NaN'],
    ['a source without settings', () => topology().addSource('other'), 'the settings of source other are undefined'],
    ['a sink without settings', () => topology().addSink('sink'), 'the settings of sink sink are undefined'],
    [
      'a setting that is misspelt',
      () => topology().addSource('other', { topic: ['a'], ...text }),
      'did you mean topics?',
    ],
    ['one topic without brackets', () => topology().addSource('other', { topics: 'other', ...text }), "['a-topic']"],
    ['one parent without brackets', () => topology().addProcessor('other', supplier, 'source'), "['a-name']"],
    ['process()', built((of) => of.stream('in', text).process()), 'is given no supplier'],
    ['transformValues()', built((of) => table(of).transformValues()), 'is given no supplier'],
    ['topics that are a number', () => builder().stream(3, text), 'the topics of a stream are 3'],
    ['addStateStore()', () => builder().addStateStore(), 'a store is undefined'],
    [
      'addGlobalStore() without options',
      () => builder().addGlobalStore({ name: 's', kind: 'lru' }, 'in', supplier),
      'a global store has no options',
    ],
    [
      'a global store of two topics',
      () => topology().addGlobalStore({ name: 's', kind: 'lru' }, 'a', { topics: ['a', 'b'] }, 'p', supplier),
      'pass the name of one',
    ],
  ]
  test.each(cases)('%s', (_, act, sentence) => {
    const told = refusal(act)
    expect(told).toMatch(/^(ILLEGAL_ARGUMENT|TOPOLOGY_INVALID): /)
    expect(told).toContain(sentence)
  })

  test.each([
    'tumblingWindows',
    'hoppingWindows',
    'slidingWindows',
    'sessionWindows',
    'joinWindows',
    'customWindows',
    'untilTimeLimit',
  ])('%s() without options', (name) => {
    for (const options of [undefined, null, 3])
      expect(refusal(() => door[name](options))).toMatch(/^ILLEGAL_ARGUMENT: /)
  })

  test.each([
    'keyValueStore',
    'timestampedKeyValueStore',
    'lruStore',
    'versionedKeyValueStore',
    'windowStore',
    'timestampedWindowStore',
    'sessionStore',
  ])('%s() without options, or by its name alone', (name) => {
    for (const options of [undefined, null, 's', {}])
      expect(refusal(() => door[name](options))).toMatch(/^ILLEGAL_ARGUMENT: /)
  })
})
