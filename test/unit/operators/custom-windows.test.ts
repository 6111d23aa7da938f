import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type CustomWindow,
  customWindows,
  hoppingWindows,
  type KGroupedStream,
  type KTable,
  json,
  long,
  StreamsBuilder,
  string,
  timeWindowed,
  type TimeWindows,
  untilWindowCloses,
  type Windowed,
  type WindowedStoreOptions,
} from '../../../src/index.ts'
import { type TestDriverOptions, TopologyTestDriver } from '../../../src/testing/index.ts'

type Clicks = KGroupedStream<string, string, true>
type Counts = WindowedStoreOptions<string, number>
type Input = readonly [key: string, timeMs: number]
type Counted = KTable<Windowed<string>, number, boolean, boolean>

const texts = { key: string(), value: string() }
const inputs = fc.array(fc.tuple(fc.constantFrom('ann', 'bob'), fc.nat(80)), { maxLength: 25 })

const results: Readonly<Record<string, (clicks: Clicks, windows: TimeWindows, store: Counts) => Counted>> = {
  'each update': (clicks, windows, store) => clicks.windowedBy(windows).count(store),
  'on close': (clicks, windows, store) => clicks.windowedBy(windows).emitStrategy('on-window-close').count(store),
  suppressed: (clicks, windows, store) => clicks.windowedBy(windows).count(store).suppress(untilWindowCloses()),
  reduced: (clicks, windows, store) =>
    clicks
      .windowedBy(windows)
      .reduce((_, value) => value, { store: 'reduced', caching: store.caching })
      .mapValues((value) => value.length),
  cogrouped: (clicks, windows, store) =>
    clicks
      .cogroup<number>((_key, _value, count) => count + 1)
      .windowedBy(windows)
      .aggregate(() => 0, { value: json<number>(), caching: store.caching, engine: store.engine }),
}

/** What is told of the inputs and of one record long after them, and how many records were late. */
async function told(
  windows: TimeWindows,
  count: (clicks: Clicks, windows: TimeWindows, store: Counts) => Counted,
  store: Counts,
  given: readonly Input[],
  options: TestDriverOptions = {},
) {
  const builder = new StreamsBuilder()
  const key = timeWindowed(string(), windows.kind === 'custom' ? windows : 10)
  count(builder.stream('clicks', texts).groupByKey(), windows, store).toStream().to('out', { key, value: json() })
  const topology = builder.build()
  const driver = new TopologyTestDriver(topology, { windowEmitIntervalMs: 0, cacheBytesMax: 0, ...options })
  const input = driver.createInputTopic('clicks', texts)
  for (const [name, timeMs] of [...given, ['end', 100_000] as const]) input.pipeInput(name, 'click', timeMs)
  const rows = driver.createOutputTopic('out', { key, value: json<number>() }).readKeyValuesToList()
  const dropped = driver.droppedRecords()
  await driver.close()
  const lines = rows.map(([of, value]) => `${of?.key} ${of?.window.startMs}-${of?.window.endMs}: ${value}`)
  return { lines, dropped, names: topology.describe() }
}

const hoppingAgain = customWindows({
  sizeMs: 10,
  graceMs: 5,
  windowsFor(timestamp) {
    const windows: CustomWindow[] = []
    for (let startMs = 0; startMs <= timestamp; startMs += 4) {
      if (startMs + 10 > timestamp) windows.push({ startMs, endMs: startMs + 10 })
    }
    return windows
  },
})

describe('custom windows that are hopping windows', () => {
  const cases = Object.keys(results).flatMap((result) =>
    [true, false].flatMap((caching) =>
      (['disk', 'memory'] as const).map((engine) => [result, caching, engine] as const),
    ),
  )

  test.each(cases)(
    'custom windows that hop give the same results and names as hopping windows, %s (caching %s, %s)',
    async (result, caching, engine) => {
      const count = results[result] as (typeof results)[string]
      const hopping = hoppingWindows({ sizeMs: 10, advanceMs: 4, graceMs: 5 })
      await fc.assert(
        fc.asyncProperty(inputs, async (given) => {
          const options = { cacheBytesMax: caching ? 1_000_000 : 0 }
          const custom = await told(hoppingAgain, count, { caching, engine }, given, options)
          expect(custom).toEqual(await told(hopping, count, { caching, engine }, given, options))
        }),
        { numRuns: 15 },
      )
    },
  )
})

/** Back to back, of 7, 13 and 10 ms. */
const uneven = customWindows({
  sizeMs: 13,
  graceMs: 5,
  windowsFor(timestamp) {
    const roundMs = timestamp - (timestamp % 30)
    const bounds = [0, 7, 20, 30].map((boundMs) => roundMs + boundMs)
    const index = bounds.findIndex((boundMs) => boundMs > timestamp)
    return [{ startMs: bounds[index - 1] as number, endMs: bounds[index] as number }]
  },
})

/** Counts by window; final results in the order in which the windows end. */
function expected(given: readonly Input[]) {
  let streamTimeMs = -1
  const counts = new Map<string, { readonly endMs: number; count: number }>()
  let dropped = 0
  for (const [key, timeMs] of given) {
    streamTimeMs = Math.max(streamTimeMs, timeMs)
    const [window] = uneven.windowsFor(timeMs) as [CustomWindow]
    if (window.endMs <= streamTimeMs - 5) {
      dropped++
      continue
    }
    const name = `${key} ${window.startMs}-${window.endMs}`
    const row = counts.get(name) ?? { endMs: window.endMs, count: 0 }
    row.count++
    counts.set(name, row)
  }
  const lines = [...counts].map(([name, { endMs, count }]) => ({ line: `${name}: ${count}`, endMs }))
  return { lines: lines.map(({ line }) => line).sort(), dropped }
}

describe('windows of uneven lengths', () => {
  test.each(['on close', 'suppressed'])(
    'windows of uneven lengths are emitted once, with their own ends, %s',
    async (result) => {
      const count = results[result] as (typeof results)[string]
      await fc.assert(
        fc.asyncProperty(inputs, fc.boolean(), fc.constantFrom('disk', 'memory'), async (given, caching, engine) => {
          const store = { caching, engine, retentionMs: 1_000_000 }
          const { lines, dropped } = await told(uneven, count, store, given, { cacheBytesMax: caching ? 1_000_000 : 0 })
          expect({ lines: lines.filter((line) => !line.startsWith('end')).sort(), dropped }).toEqual(expected(given))
        }),
        { numRuns: 40 },
      )
    },
  )

  test('each window is emitted when it ends, a short one before a long one that began earlier', async () => {
    const overlapping = customWindows({
      sizeMs: 30,
      windowsFor: (timestamp) => [
        { startMs: timestamp - (timestamp % 30), endMs: timestamp - (timestamp % 30) + 30 },
        ...(timestamp % 30 >= 5 && timestamp % 30 < 10
          ? [{ startMs: timestamp - (timestamp % 30) + 5, endMs: timestamp - (timestamp % 30) + 10 }]
          : []),
      ],
    })
    const onClose = results['on close'] as (typeof results)[string]
    const { lines } = await told(overlapping, onClose, { retentionMs: 1_000_000 }, [
      ['ann', 6],
      ['ann', 11],
      ['ann', 29],
      ['ann', 30],
    ])
    expect(lines).toEqual(['ann 5-10: 1', 'ann 0-30: 3', 'ann 30-60: 1'])
  })

  test('have their own ends in a store and where a topic is read', async () => {
    const builder = new StreamsBuilder()
    builder
      .stream('clicks', texts)
      .groupByKey()
      .windowedBy(uneven)
      .count({ store: 'counts' })
      .toStream()
      .to('out', { key: timeWindowed(string(), uneven), value: long() })
    const driver = new TopologyTestDriver(builder.build(), { cacheBytesMax: 0 })
    driver.createInputTopic('clicks', texts).pipeInput('ann', 'click', 8)
    const windowed = { key: 'ann', window: { startMs: 7, endMs: 20 } }
    expect([...driver.getWindowStore('counts').all()]).toEqual([{ key: windowed, value: 1 }])
    const out = driver.createOutputTopic('out', { key: timeWindowed(string(), uneven), value: long() })
    expect(out.readKeyValue()).toEqual([windowed, 1])
    await driver.close()
  })

  test('that the function does not know any more end sizeMs after their start', () => {
    let isKnown = true
    const forgotten = customWindows({
      sizeMs: 13,
      windowsFor: (timestamp) => {
        if (!isKnown) throw new Error('unknown')
        return uneven.windowsFor(timestamp)
      },
    })
    const key = { key: 'ann', window: { startMs: 0, endMs: 7 } }
    const bytes = timeWindowed(string(), forgotten).serialize(key, 't', [])
    expect(timeWindowed(string(), forgotten).deserialize(bytes, 't', [])).toEqual(key)
    isKnown = false
    expect(timeWindowed(string(), forgotten).deserialize(bytes, 't', []).window.endMs).toBe(13)
  })
})

describe('what the function of custom windows returns', () => {
  const fine = (timestamp: number) => [
    { startMs: timestamp - (timestamp % 10), endMs: timestamp - (timestamp % 10) + 10 },
  ]
  const many = Array.from({ length: 1001 }, (_, index) => ({ startMs: index, endMs: 1005 }))
  const refused: readonly (readonly [string, unknown, string])[] = [
    ['nothing', undefined, 'returned undefined (undefined): it must return an array of { startMs, endMs }'],
    ['one window without its array', { startMs: 0, endMs: 10 }, 'it must return an array'],
    ['a generator', new Set([{ startMs: 0, endMs: 10 }]), 'it must return an array'],
    ['a promise', Promise.resolve([]), 'returned a promise: it must return an array'],
    ['a promise that rejects', Promise.reject(new Error('no')), 'returned a promise'],
    ['promises of windows', [Promise.reject(new Error('no')), Promise.reject(new Error('no'))], 'returned the window'],
    ['promises of times', [{ startMs: Promise.reject(new Error('no')), endMs: 10 }], 'both whole numbers'],
    ['null for a window', [null], 'returned the window null (object)'],
    ['NaN', [{ startMs: Number.NaN, endMs: 10 }], 'both whole numbers of milliseconds from 0 on'],
    ['a Date', [{ startMs: new Date(0), endMs: 10 }], 'both whole numbers of milliseconds from 0 on'],
    ['an infinite end', [{ startMs: 0, endMs: Number.POSITIVE_INFINITY }], 'both whole numbers'],
    ['a negative start', [{ startMs: -5, endMs: 8 }], 'both whole numbers'],
    [
      'an end before the start',
      [{ startMs: 5, endMs: 4 }],
      'returned the window from 5 to 4: it must return windows that',
    ],
    ['an empty window', [{ startMs: 5, endMs: 5 }], 'windows that contain the given time'],
    ['a window after the time', [{ startMs: 6, endMs: 10 }], 'windows that contain the given time'],
    ['a window that is too long', [{ startMs: 0, endMs: 11 }], 'which is 11 ms long: it must return windows no longer'],
    ['two of one start', [...fine(5), { startMs: 0, endMs: 9 }], 'two windows that begin at 0'],
    ['a thousand and one windows', many, 'returned 1001 windows: it must return at most 1000'],
    [
      'a window that its start does not know',
      [{ startMs: 3, endMs: 10 }],
      'but windowsFor(3) does not return that window',
    ],
    ['another end than for its start', [{ startMs: 0, endMs: 9 }], 'but windowsFor(0) returns the end 10'],
  ]

  test.each(refused)(
    '%s: the record is refused with what it was, and the next one counts',
    async (_, returned, sentence) => {
      const windows = customWindows({
        sizeMs: 10,
        windowsFor: (timestamp) => (timestamp === 5 ? (returned as readonly CustomWindow[]) : fine(timestamp)),
      })
      const builder = new StreamsBuilder()
      builder.stream('clicks', texts).groupByKey().windowedBy(windows).count({ store: 'counts' })
      const driver = new TopologyTestDriver(builder.build())
      const input = driver.createInputTopic('clicks', texts)
      expect(() => input.pipeInput('ann', 'click', 5)).toThrow(sentence)
      input.pipeInput('ann', 'click', 6)
      expect(driver.getWindowStore('counts').get('ann', 0)).toBe(1)
      await driver.close()
    },
  )

  test('no window: the record is in none', async () => {
    const windows = customWindows({ sizeMs: 10, windowsFor: (timestamp) => (timestamp < 10 ? [] : fine(timestamp)) })
    const each = results['each update'] as (typeof results)[string]
    const { lines, dropped } = await told(windows, each, {}, [
      ['ann', 5],
      ['ann', 15],
    ])
    expect({ lines, dropped }).toEqual({ lines: ['ann 10-20: 1', 'end 100000-100010: 1'], dropped: 0 })
  })

  test('is no function, or has no size: refused when the topology is built', () => {
    expect(() => customWindows({ sizeMs: 10, windowsFor: 5 as never })).toThrow('windowsFor is 5 (number)')
    expect(() => customWindows({ sizeMs: 0, windowsFor: fine })).toThrow('sizeMs is 0')
  })
})
