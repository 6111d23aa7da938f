import { describe, expect, test } from '@jest/globals'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { long, string } from '../../../../src/serde/primitives.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { TopologyTestDriver } from '../../../../src/testing/topology-test-driver.ts'

const texts = { key: string(), value: string() }

describe('the default timestamp extractor', () => {
  test('is asked for the sources of the user, not for repartition topics', () => {
    const asked = new Set<string>()
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .map((key, value) => [value, key])
      .groupByKey({ ...texts, name: 'by-value' })
      .count()
      .toStream()
      .to('out', { key: string(), value: long() })
    const driver = new TopologyTestDriver(builder.build(), {
      defaultTimestampExtractor: ({ topic, value }) => {
        asked.add(topic)
        return Number(value)
      },
    })
    driver.createInputTopic('in', texts).pipeInput('k', '17')
    expect([...asked]).toEqual(['in'])
    expect(driver.createOutputTopic('out', { key: string(), value: long() }).readRecordsToList()).toMatchObject([
      { timestamp: 17 },
    ])
  })

  test('is asked for the topics of a foreign-key join, as in Java', () => {
    const asked = new Set<string>()
    const builder = new StreamsBuilder()
    const left = builder.table('left', texts)
    const right = builder.table('right', texts)
    left
      .foreignKeyJoin(
        right,
        (_key, value) => value,
        (a, b) => a + b,
        { value: string(), name: 'join' },
      )
      .toStream()
      .to('out', texts)
    const driver = new TopologyTestDriver(builder.build(), {
      defaultTimestampExtractor: ({ topic, timestamp }) => {
        asked.add(topic)
        return timestamp
      },
    })
    driver.createInputTopic('left', texts).pipeInput('l', 'r')
    driver.createInputTopic('right', texts).pipeInput('r', 'R')
    const topics = ['left', 'right', 'app-join-subscription-registration-topic', 'app-join-subscription-response-topic']
    expect([...asked].sort()).toEqual(topics.sort())
  })
})

const hostile: readonly (readonly [name: string, answer: () => unknown])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['true', () => true],
  ['a text', () => '1700000000000'],
  ['a Date', () => new Date(5)],
  ['a fraction', () => 1700000000.5],
  ['NaN', () => Number.NaN],
  ['Infinity', () => Number.POSITIVE_INFINITY],
  ['2^53', () => 2 ** 53],
  ['a bigint', () => 5n],
  ['a symbol', () => Symbol('t')],
  ['a promise', () => Promise.resolve(5)],
  ['a promise that rejects', () => Promise.reject(new Error('late'))],
  [
    'an error',
    () => {
      throw new TypeError('no time')
    },
  ],
]

describe('a timestamp extractor', () => {
  test.each(hostile)(
    'an extractor that gives %s sends its record to the handler, and the next record is processed',
    async (_, answer) => {
      const world = new SimulatedWorld()
      world.createTopics({ in: 1, out: 1, dead: 1 })
      const builder = new StreamsBuilder()
      const timestamp = (value: string) => (value === 'bad' ? (answer() as number) : 7)
      builder.stream('in', { ...texts, timestamp }).to('out', texts)
      world.write('in', [
        ['k', 'bad'],
        ['k', 'good'],
      ])
      const application = world.application(builder.build(), {
        deserializationHandler: 'continue',
        deadLetterTopic: 'dead',
      })
      await world.finish(application.start())
      await world.until(() => world.uncommitted('app', 'in') === 0)
      expect(application.state).toBe('RUNNING')
      expect(world.read('out')).toMatchObject([{ timestamp: 7 }])
      expect(world.read('dead').map(({ value }) => Buffer.from(value ?? []).toString())).toEqual(['bad'])
      await world.finish(application.close())
    },
  )

  test('that gives a negative number has its record dropped and counted, as in Java', () => {
    const builder = new StreamsBuilder()
    builder.stream('in', { ...texts, timestamp: () => -5 }).to('out', texts)
    const driver = new TopologyTestDriver(builder.build())
    driver.createInputTopic('in', texts).pipeInput('k', 'v')
    expect(driver.droppedRecords()).toBe(1)
  })

  test('is named with record and value where its answer is refused', () => {
    const builder = new StreamsBuilder()
    builder.stream('in', { ...texts, timestamp: () => 0.5, name: 'payments' }).to('out', texts)
    const driver = new TopologyTestDriver(builder.build())
    expect(() => driver.createInputTopic('in', texts).pipeInput('k', 'v')).toThrow(
      /record in-0@0 got the time 0\.5 \(number\) from the timestamp extractor of payments/,
    )
  })
})

test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -1, null, '5'])(
  'a processor that forwards the timestamp %p is refused the record',
  (timestamp) => {
    const builder = new StreamsBuilder()
    builder
      .stream('in', texts)
      .process<string, string>({
        create: () => {
          let forward: (value: string) => void
          return {
            init(context) {
              forward = (value) => context.forward({ key: 'k', value, timestamp: timestamp as number })
            },
            process: ({ value }) => forward(value),
          }
        },
      })
      .to('out', texts)
    const driver = new TopologyTestDriver(builder.build(), { processingHandler: 'continue' })
    driver.createInputTopic('in', texts).pipeInput('k', 'v')
    expect([driver.droppedRecords(), driver.producedRecords()]).toEqual([1, []])
  },
)
