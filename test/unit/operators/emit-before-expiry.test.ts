import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  customWindows,
  hoppingWindows,
  type KGroupedStream,
  long,
  sessionWindows,
  slidingWindows,
  StreamsBuilder,
  string,
  tumblingWindows,
  type WindowedStoreOptions,
} from '../../../src/index.ts'
import { type TestDriverOptions, TopologyTestDriver } from '../../../src/testing/index.ts'

type Clicks = KGroupedStream<string, string, true>
type Input = readonly [key: string, timeMs: number]
type Counts = WindowedStoreOptions<string, number>

/** Of 10 and 20 ms, in turns. */
function unevenWindows(timestamp: number) {
  const startMs = timestamp - (timestamp % 30)
  return [timestamp % 30 < 10 ? { startMs, endMs: startMs + 10 } : { startMs: startMs + 10, endMs: startMs + 30 }]
}

const kinds = {
  tumbling: (clicks: Clicks, store: Counts) =>
    clicks
      .windowedBy(tumblingWindows({ sizeMs: 10, graceMs: 5 }))
      .emitStrategy('on-window-close')
      .count(store),
  hopping: (clicks: Clicks, store: Counts) =>
    clicks
      .windowedBy(hoppingWindows({ sizeMs: 10, advanceMs: 4, graceMs: 5 }))
      .emitStrategy('on-window-close')
      .count(store),
  custom: (clicks: Clicks, store: Counts) =>
    clicks
      .windowedBy(customWindows({ sizeMs: 20, graceMs: 5, windowsFor: unevenWindows }))
      .emitStrategy('on-window-close')
      .count(store),
  sliding: (clicks: Clicks, store: Counts) =>
    clicks
      .windowedBy(slidingWindows({ timeDifferenceMs: 10, graceMs: 5 }))
      .emitStrategy('on-window-close')
      .count(store),
  session: (clicks: Clicks, store: Counts) =>
    clicks
      .windowedBy(sessionWindows({ gapMs: 10, graceMs: 5 }))
      .emitStrategy('on-window-close')
      .count(store),
}

const afterAllMs = 1_000_000

/** What is told of the inputs and of one record long after them, in order. */
async function told(
  kind: keyof typeof kinds,
  store: Counts,
  inputs: readonly Input[],
  options: TestDriverOptions,
): Promise<string[]> {
  const builder = new StreamsBuilder()
  const clicks = builder.stream('clicks', { key: string(), value: string() }).groupByKey()
  kinds[kind](clicks, store)
    .toStream(({ key, window }) => `${key} ${window.startMs}-${window.endMs}`)
    .to('out', { key: string(), value: long() })
  const driver = new TopologyTestDriver(builder.build(), { windowEmitIntervalMs: 0, cacheBytesMax: 0, ...options })
  const input = driver.createInputTopic('clicks', { key: string(), value: string() })
  for (const [key, timeMs] of [...inputs, ['end', afterAllMs] as const]) input.pipeInput(key, 'click', timeMs)
  const results = driver.createOutputTopic('out', { key: string(), value: long() }).readKeyValuesToList()
  expect(driver.droppedRecords()).toBe(0)
  await driver.close()
  return results.map(([key, count]) => `${key}: ${count}`)
}

const cases = (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) =>
  (['disk', 'memory'] as const).flatMap((engine) => [true, false].map((caching) => ({ kind, engine, caching }))),
)
const ample = { retentionMs: 10 * afterAllMs }
const kept = { windowEmitBeforeExpiry: true }

describe('final results over a pause in the input', () => {
  const beforePause: readonly Input[] = [
    ['ann', 1000],
    ['ann', 1004],
    ['bob', 1007],
  ]

  test.each([
    ['tumbling', 'disk'],
    ['hopping', 'disk'],
    ['sliding', 'disk'],
    ['session', 'memory'],
  ] as const)('are lost, as in Kafka Streams, unless asked for: %s windows on %s', async (kind, engine) => {
    const all = await told(kind, { engine, ...ample }, beforePause, {})
    expect(all.length).toBeGreaterThan(1)
    expect((await told(kind, { engine }, beforePause, {})).length).toBeLessThan(all.length)
    expect(await told(kind, { engine }, beforePause, kept)).toEqual(all)
  })

  test.each(cases)(
    'and in any input are those of a long retention: $kind windows on $engine, caching $caching',
    async ({ kind, engine, caching }) => {
      const cacheBytesMax = caching ? 1_000_000 : 0
      const steps = fc.array(
        fc.tuple(
          fc.constantFrom('ann', 'bob'),
          fc.constantFrom(0, 1, 3, 10, 14, 15, 16, 25, 26, 200),
          fc.constantFrom(0, 0, 3),
        ),
        { maxLength: 12 },
      )
      await fc.assert(
        fc.asyncProperty(steps, async (moves) => {
          let timeMs = 1000
          const inputs = moves.map(([key, stepMs, behindMs]): Input => [key, (timeMs += stepMs) - behindMs])
          const all = await told(kind, { engine, caching, ...ample }, inputs, { cacheBytesMax })
          expect(await told(kind, { engine, caching }, inputs, { ...kept, cacheBytesMax })).toEqual(all)
        }),
        { numRuns: 30 },
      )
    },
  )

  test.each(cases)(
    'and in a replay that is faster than the interval none is lost: $kind windows on $engine, caching $caching',
    async ({ kind, engine, caching }) => {
      const inputs = Array.from({ length: 40 }, (_, number): Input => [number % 3 === 0 ? 'ann' : 'bob', number * 7])
      const all = await told(kind, { engine, caching, ...ample }, inputs, {})
      const options = { ...kept, windowEmitIntervalMs: 1000, cacheBytesMax: caching ? 1_000_000 : 0 }
      expect(await told(kind, { engine, caching }, inputs, options)).toEqual(all)
    },
  )
})
