import { afterEach, expect, test } from '@jest/globals'
import type { EnrichedLog } from '../../../topologies/enriched-log.ts'
import { json, string, StreamsBuilder } from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import { type RateCounts, totalOf } from '../../../topologies/rate-counts.ts'
import { rateCounts } from '../../../topologies/rate-counts-serde.ts'
import { pieceMsOf, rateGatherer } from '../../../topologies/rate-gatherer.ts'
import type { ProcessorContext, StreamRecord } from '../../../src/index.ts'

type Output = StreamRecord<string, RateCounts>

function gatherer(): { readonly feed: (service: string, timestamp: number) => void; readonly output: Output[] } & {
  readonly commit: () => void
} {
  const output: Output[] = []
  const processor = rateGatherer((log) => log.service, 1000).create()
  const context = { forward: (record: Output) => void output.push(record) }
  processor.init?.(context as unknown as ProcessorContext<string, RateCounts>)
  return {
    output,
    feed: (service, timestamp) => {
      const value = { service, level: 'error', durationMs: 5 } as unknown as EnrichedLog
      processor.process({ key: null, value, timestamp, headers: [] })
    },
    commit: () => processor.beforeCommit?.(),
  }
}

const told = (output: readonly Output[]) =>
  output.map(({ key, value, timestamp }) => [key, totalOf(value), timestamp] as const)

test('events of a key and second are forwarded as one after a second of event time', () => {
  const { feed, output } = gatherer()
  for (const timestamp of [10_100, 10_900, 10_500]) feed('a', timestamp)
  feed('b', 10_200)
  expect(output).toEqual([])
  feed('a', 11_100)
  expect(told(output)).toEqual([
    ['a', 3, 10_900],
    ['b', 1, 10_200],
  ])
})

test('no piece lies in two seconds, and earlier seconds go first', () => {
  const { feed, output, commit } = gatherer()
  for (const timestamp of [10_900, 11_100, 3000]) feed('a', timestamp)
  commit()
  expect(told(output)).toEqual([
    ['a', 1, 3000],
    ['a', 1, 10_900],
    ['a', 1, 11_100],
  ])
})

test('nothing is emitted twice', () => {
  const { feed, output, commit } = gatherer()
  feed('a', 10_000)
  commit()
  commit()
  expect(output).toHaveLength(1)
})

const drivers: TopologyTestDriver[] = []
afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

test('a commit emits held counts', () => {
  const builder = new StreamsBuilder()
  builder
    .stream('in', { key: string(), value: json<EnrichedLog>() })
    .process(
      rateGatherer((log) => log.service, 1000),
      { name: 'gather' },
    )
    .to('out', { key: string(), value: rateCounts })
  const driver = new TopologyTestDriver(builder.build())
  drivers.push(driver)
  driver
    .createInputTopic('in', { key: string(), value: json() })
    .pipeInput('k', { service: 'a', level: 'info' }, 10_000)
  const [record] = driver.createOutputTopic('out', { key: string(), value: rateCounts }).readRecordsToList()
  expect([record?.key, totalOf(record?.value as RateCounts)]).toEqual(['a', 1])
})

test('a piece never lies in two windows, and takes little of the time for which they wait', () => {
  expect(pieceMsOf({ sizeMs: 60_000, graceMs: 30_000 })).toBe(5000)
  expect(pieceMsOf({ sizeMs: 62_000, graceMs: 30_000 })).toBe(1000)
  expect(pieceMsOf({ sizeMs: 5000, graceMs: 1000 })).toBe(1000)
})
