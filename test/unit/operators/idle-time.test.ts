import { describe, expect, test } from '@jest/globals'
import {
  hoppingWindows,
  joinWindows,
  sessionWindows,
  slidingWindows,
  StreamsBuilder,
  string,
  tumblingWindows,
  untilWindowCloses,
} from '../../../src/index.ts'
import { createOperator } from '../../../src/operators/create-operator.ts'
import { OperatorHarness } from '../../../src/testing/operator-harness.ts'
import { openOperatorStores } from '../../../src/testing/operator-stores.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import type { Windowed } from '../../../src/stores/port.ts'
import type { KGroupedStream } from '../../../src/dsl/handles/k-grouped-stream.ts'
import type { KTable } from '../../../src/dsl/handles/k-table.ts'

const texts = { key: string(), value: string() }
const settings = { windowIdleMs: 1000, cacheBytesMax: 0 }

type Counted = KTable<Windowed<string>, number, true, true, null>

function counting(aggregate: (grouped: KGroupedStream<string, string>) => Counted): Topology {
  const builder = new StreamsBuilder()
  aggregate(builder.stream('in', texts).groupByKey())
    .toStream()
    .map(({ key, window }, count): [string, string] => [`${key}[${window.startMs},${window.endMs}]`, String(count)])
    .to('out', texts)
  return builder.build()
}

function idleFor(driver: TopologyTestDriver, timeMs: number): void {
  for (let passedMs = 0; passedMs < timeMs; passedMs += 1000) driver.advanceWallClock(1000)
}

const outOf = (driver: TopologyTestDriver): string[] =>
  driver
    .createOutputTopic('out', texts)
    .readKeyValuesToList()
    .map(([key, value]) => `${key}=${value}`)

const suppressed = () =>
  counting((grouped) =>
    grouped
      .windowedBy(tumblingWindows({ sizeMs: 5000 }))
      .count()
      .suppress(untilWindowCloses()),
  )

describe('windows on idle input', () => {
  test('suppress lets the final result go when the wall clock passes the end of the window', () => {
    const driver = new TopologyTestDriver(suppressed(), settings)
    driver.createInputTopic('in', texts).pipeInput('a', 'x', 2000)
    idleFor(driver, 3000)
    expect(outOf(driver)).toEqual([])
    idleFor(driver, 1000)
    expect(outOf(driver)).toEqual(['a[0,5000]=1'])
  })

  test('nothing comes without the setting, however long the input is idle', () => {
    const driver = new TopologyTestDriver(suppressed(), { ...settings, windowIdleMs: 0 })
    driver.createInputTopic('in', texts).pipeInput('a', 'x', 2000)
    idleFor(driver, 60_000)
    expect(outOf(driver)).toEqual([])
  })

  test('a window that has come out stays as it is: a record for it is late', () => {
    const driver = new TopologyTestDriver(suppressed(), settings)
    const input = driver.createInputTopic('in', texts)
    input.pipeInput('a', 'x', 2000)
    idleFor(driver, 4000)
    input.pipeInput('a', 'y', 3000)
    expect(driver.droppedRecords()).toBe(1)
    input.pipeInput('b', 'z', 20_000)
    expect(outOf(driver)).toEqual(['a[0,5000]=1'])
  })

  test('a record keeps windows open for one more interval', () => {
    const driver = new TopologyTestDriver(suppressed(), settings)
    const input = driver.createInputTopic('in', texts)
    for (let timestamp = 1000; timestamp < 1010; timestamp++) {
      input.pipeInput('a', 'x', timestamp)
      driver.advanceWallClock(1000)
    }
    expect(outOf(driver)).toEqual([])
  })

  test('one look counts for two intervals at most, as after a suspended process', () => {
    const driver = new TopologyTestDriver(suppressed(), settings)
    driver.createInputTopic('in', texts).pipeInput('a', 'x', 2000)
    driver.advanceWallClock(1000)
    driver.advanceWallClock(3_600_000)
    expect(outOf(driver)).toEqual([])
  })

  test.each([
    [
      'tumbling windows',
      ['a[0,5000]=1'],
      (grouped: KGroupedStream<string, string>) =>
        grouped
          .windowedBy(tumblingWindows({ sizeMs: 5000 }))
          .emitStrategy('on-window-close')
          .count(),
    ],
    [
      'hopping windows',
      ['a[0,4000]=1', 'a[2000,6000]=1'],
      (grouped: KGroupedStream<string, string>) =>
        grouped
          .windowedBy(hoppingWindows({ sizeMs: 4000, advanceMs: 2000 }))
          .emitStrategy('on-window-close')
          .count(),
    ],
    [
      'sliding windows',
      ['a[0,2000]=1'],
      (grouped: KGroupedStream<string, string>) =>
        grouped
          .windowedBy(slidingWindows({ timeDifferenceMs: 2000 }))
          .emitStrategy('on-window-close')
          .count(),
    ],
    [
      'sessions',
      ['a[2000,2000]=1'],
      (grouped: KGroupedStream<string, string>) =>
        grouped
          .windowedBy(sessionWindows({ gapMs: 2000 }))
          .emitStrategy('on-window-close')
          .count(),
    ],
  ])('%s that emit on close come out', (_name, expected, aggregate) => {
    const driver = new TopologyTestDriver(counting(aggregate), settings)
    driver.createInputTopic('in', texts).pipeInput('a', 'x', 2000)
    idleFor(driver, 6000)
    expect(outOf(driver)).toEqual(expected)
  })

  test('rows of an outer join that found no partner come out, of both sides', () => {
    const builder = new StreamsBuilder()
    builder
      .stream('left', texts)
      .outerJoin(builder.stream('right', texts), (left, right) => `${left}+${right}`, {
        windows: joinWindows({ differenceMs: 2000 }),
      })
      .to('out', texts)
    const driver = new TopologyTestDriver(builder.build(), settings)
    driver.createInputTopic('left', texts).pipeInput('a', 'x', 2000)
    driver.createInputTopic('right', texts).pipeInput('b', 'y', 2100)
    idleFor(driver, 5000)
    expect(outOf(driver)).toEqual(['a=x+null', 'b=null+y'])
  })

  test('the input is not idle while the brokers hold more of it', () => {
    const { stores, recordContext } = openOperatorStores([
      {
        kind: 'timestamped-window',
        name: 'counts',
        windowSizeMs: 10,
        retentionMs: 1000,
        retainDuplicates: false,
        timeOrdered: true,
      },
    ])
    const harness = new OperatorHarness(
      createOperator({
        kind: 'window-aggregate',
        aggregation: { kind: 'count' },
        windows: { kind: 'time', sizeMs: 10, advanceMs: 10, graceMs: 0 },
        emit: 'on-window-close',
        store: 'counts',
        sendOldValues: false,
      }),
      { stores, recordContext, settings: { windowIdleMs: 100 } },
    )
    harness.process('a', 'x', 3)
    const look = () => {
      harness.clock.advance(100)
      return harness.punctuate(harness.clock.nowMs()).length
    }
    harness.isCaughtUp = false
    expect([look(), look(), look()]).toEqual([0, 0, 0])
    harness.isCaughtUp = true
    expect(look()).toBe(1)
  })
})
