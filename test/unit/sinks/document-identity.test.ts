import { afterAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  hoppingWindows,
  joinWindows,
  json,
  type KStream,
  type ProcessorSupplier,
  sessionWindows,
  slidingWindows,
  StreamsBuilder,
  string,
  tumblingWindows,
  untilTimeLimit,
  untilWindowCloses,
} from '../../../src/index.ts'
import { MillraceError } from '../../../src/core/errors.ts'
import { documentId } from '../../../src/sinks/document-id.ts'
import type { SinkRecord } from '../../../src/sinks/port.ts'
import { CaptureSink } from '../../../src/testing/capture.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import { SimulatedWorld } from '../../../src/testing/simulator.ts'

type Logs = KStream<string, string, true, true>

/** Each step ends in the sink `s`, under a name of its own. */
const steps = {
  plain: (logs) => logs.toSink('s'),
  mapped: (logs) => logs.mapValues((value) => `about ${value}`).toSink('s'),
  several: (logs) => logs.flatMapValues((value) => [value, `${value}!`]).toSink('s'),
  'updates of windows': (logs, name) => counted(logs, name).toStream().toSink('s'),
  'final results of windows': (logs, name) =>
    counted(logs, name)
      .suppress(untilWindowCloses({ name: `${name}-closed` }))
      .toStream()
      .map(({ key }, count) => [key, count], { name: `${name}-flat` })
      .toSink('s'),
  'results on close': (logs, name) =>
    logs
      .groupByKey()
      .windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 0 }))
      .emitStrategy('on-window-close')
      .count({ name, store: name })
      .toStream()
      .toSink('s'),
  sessions: (logs, name) =>
    logs
      .groupByKey()
      .windowedBy(sessionWindows({ gapMs: 5, graceMs: 5 }))
      .count({ name, store: name })
      .toStream()
      .toSink('s'),
  'sliding windows': (logs, name) =>
    logs
      .groupByKey()
      .windowedBy(slidingWindows({ timeDifferenceMs: 5, graceMs: 5 }))
      .count({ name, store: name })
      .toStream()
      .toSink('s'),
  'a table that waits': (logs, name) =>
    logs
      .groupByKey()
      .count({ name, store: name })
      .suppress(untilTimeLimit({ name: `${name}-calm`, limitMs: 5, bufferedRecordsMax: 2 }))
      .toStream()
      .toSink('s'),
  'a table of doubled records': (logs, name) =>
    logs
      .flatMapValues((value) => [value, `${value}!`])
      .groupByKey()
      .count({ name, store: name })
      .toStream()
      .toSink('s'),
  'a join with rows that find no partner': (logs, name) =>
    logs
      .leftJoin(
        logs.filter((_, value) => value.length > 6),
        (left, right) => `${left}+${right ?? 'nobody'}`,
        { name, windows: joinWindows({ differenceMs: 3, graceMs: 0 }), value: string(), otherValue: string() },
      )
      .toSink('s'),
  'punctuations of stream time': (logs, name) => logs.process(telling('stream-time', 3), { name }).toSink('s'),
  'punctuations of wall clock': (logs, name) => logs.process(telling('wall-clock-time', 100), { name }).toSink('s'),
} satisfies Readonly<Record<string, (logs: Logs, name: string) => void>>

type Step = keyof typeof steps

function counted(logs: Logs, name: string) {
  return logs
    .groupByKey()
    .windowedBy(hoppingWindows({ sizeMs: 10, advanceMs: 5, graceMs: 0 }))
    .count({ name, store: name })
}

/** Two documents whenever it is time. */
function telling(
  type: 'stream-time' | 'wall-clock-time',
  intervalMs: number,
): ProcessorSupplier<string, string, string, string> {
  return {
    create: () => {
      let seen = 0
      return {
        init(context) {
          context.schedule(intervalMs, type, (timestamp) => {
            for (const key of ['x', 'y']) {
              context.forward({ key, value: `${seen} seen`, timestamp: Math.max(0, timestamp), headers: [] })
            }
          })
        },
        process() {
          seen++
        },
      }
    },
  }
}

interface Case {
  readonly chosen: readonly Step[]
  readonly records: readonly (readonly [key: string, elapsedMs: number])[]
  readonly cacheBytesMax: number
}

async function documentsOf({ chosen, records, cacheBytesMax }: Case): Promise<readonly SinkRecord[]> {
  const builder = new StreamsBuilder()
  const logs: Logs = builder.stream('in', { key: string(), value: string() })
  for (const [index, step] of chosen.entries()) steps[step](logs, `n${index}`)
  const options = { cacheBytesMax, windowIdleMs: 1000, windowEmitIntervalMs: 0, joinEmitIntervalMs: 0 }
  const driver = new TopologyTestDriver(builder.build(), options)
  const input = driver.createInputTopic('in', { key: string(), value: string() })
  let timeMs = 0
  for (const [index, [key, elapsedMs]] of records.entries()) {
    timeMs += elapsedMs
    input.pipeInput(key, `value ${index}`, timeMs)
    if (index % 3 === 0) driver.advanceWallClock(150)
  }
  // Idle windows close by the wall clock, in two looks.
  for (let look = 0; look < 4; look++) driver.advanceWallClock(1000)
  const documents = [...driver.sinkRecords('s')]
  await driver.close()
  return documents
}

const cases: fc.Arbitrary<Case> = fc.record({
  chosen: fc.array(fc.constantFrom(...(Object.keys(steps) as Step[])), { minLength: 1, maxLength: 4 }),
  records: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 12 })), {
    minLength: 1,
    maxLength: 25,
  }),
  cacheBytesMax: fc.constantFrom(0, 1, 200, 100_000),
})

describe('the identity of a document', () => {
  let runs = 0
  let documentCount = 0

  afterAll(() => {
    process.stdout.write(`document identities: ${runs} topologies, ${documentCount} documents\n`)
  })

  test('no two documents of a sink share one, and a second run gives each the same', async () => {
    const property = fc.asyncProperty(cases, async (one) => {
      const documents = await documentsOf(one)
      const ids = documents.map(documentId)
      runs++
      documentCount += ids.length
      expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
      const again = (await documentsOf(one)).map(documentId)
      const isKnown = (_: string, index: number): boolean => !isOfWallClock(documents[index] as SinkRecord)
      expect(again.filter(isKnown)).toEqual(ids.filter(isKnown))
    })
    await fc.assert(property, { numRuns: 300, seed: 8 })
  }, 60_000)

  test.each(Object.keys(steps) as Step[])('twice on one sink: %s', async (step) => {
    const records = Array.from({ length: 12 }, (_, index) => ['ab'[index % 2] as string, 3] as const)
    for (const cacheBytesMax of [0, 100_000]) {
      const documents = await documentsOf({ chosen: [step, step], records, cacheBytesMax })
      const ids = documents.map(documentId)
      expect(ids.length).toBeGreaterThan(0)
      expect(new Set(ids).size).toBe(ids.length)
    }
  })

  test('documents that a record gives at once keep the names that they had', async () => {
    const records = [
      ['a', 1],
      ['b', 1],
    ] as const
    const documents = await documentsOf({ chosen: ['plain', 'mapped', 'several'], records, cacheBytesMax: 0 })
    expect(documents.map(documentId)).toEqual([
      'in-0-0',
      'in-0-0-1',
      'in-0-0-2',
      'in-0-0-3',
      'in-0-1',
      'in-0-1-1',
      'in-0-1-2',
      'in-0-1-3',
    ])
  })

  test.each<[string, (logs: Logs) => void]>([
    ['', () => {}],
    [' although it had changed a store', (logs) => counted(logs, 'before')],
  ])(
    'a record that failed with a retriable error has the documents that it had when it comes again%s',
    async (_, before) => {
      const world = new SimulatedWorld()
      world.createTopics({ in: 1 })
      const builder = new StreamsBuilder()
      const logs: Logs = builder.stream('in', { key: string(), value: string() })
      before(logs)
      logs.toSink('s')
      let failures = 1
      logs.foreach(() => {
        if (failures-- > 0) throw new MillraceError<'AWAY'>('AWAY', 'retriable', 'a service is away for a moment')
      })
      const sink = new CaptureSink()
      const application = world.application(builder.build(), {}, { sinks: [{ name: 's', create: () => sink }] })
      await application.start()
      world.write('in', [['a', 'x']])
      await world.until(() => application.state === 'RUNNING' && world.uncommitted('app', 'in') === 0)
      expect(sink.records.map(documentId)).toEqual(['in-0-0', 'in-0-0'])
      await world.finish(application.close())
    },
  )

  test('asynchronous outcomes of one record may come in any order', async () => {
    const idsOf = async (delays: Readonly<Record<string, number>>): Promise<Record<string, string>> => {
      const builder = new StreamsBuilder()
      builder
        .stream('in', { key: string(), value: json<string[]>() })
        .flatMap((_, values) => values.map((value): [string, string] => [value, value]))
        .mapValuesAsync(
          async (_, value) => {
            for (let turn = 0; turn < (delays[value] ?? 0); turn++) await Promise.resolve()
            return value
          },
          { name: 'looked-up' },
        )
        .toSink('s')
      const driver = new TopologyTestDriver(builder.build())
      driver.createInputTopic('in', { key: string(), value: json<string[]>() }).pipeInput('k', ['a', 'b', 'c'], 1)
      await driver.settle()
      const documents = driver.sinkRecords('s')
      await driver.close()
      return Object.fromEntries(documents.map((document) => [String(document.value), documentId(document)]))
    }
    const ids = await idsOf({ a: 0, b: 5, c: 10 })
    expect(new Set(Object.values(ids)).size).toBe(3)
    expect(await idsOf({ a: 10, b: 5, c: 0 })).toEqual(ids)
  })
})

/** Nothing says which firing of a wall clock is which. */
function isOfWallClock(document: SinkRecord): boolean {
  return document.topic === '' && /^[0-9a-f]{8}-/.test(document.identity ?? '')
}
