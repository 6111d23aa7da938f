import { expect, test } from '@jest/globals'
import {
  customWindows,
  days,
  hoppingWindows,
  hours,
  json,
  type KGroupedStream,
  long,
  minutes,
  seconds,
  sessionWindows,
  slidingWindows,
  StreamsBuilder,
  string,
  timeWindowed,
  tumblingWindows,
  untilTimeLimit,
  untilWindowCloses,
} from '../../src/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'

type Clicks = KGroupedStream<string, string, true>

async function run(describe: (clicks: Clicks) => void, timesMs: readonly number[]) {
  const builder = new StreamsBuilder()
  describe(builder.stream('clicks', { key: string(), value: string() }).groupByKey())
  const driver = new TopologyTestDriver(builder.build(), { cacheBytesMax: 0, windowEmitIntervalMs: 0 })
  const input = driver.createInputTopic('clicks', { key: string(), value: string() })
  for (const timeMs of timesMs) input.pipeInput('ann', 'click', timeMs)
  const told = driver.createOutputTopic('out', { key: string(), value: json() }).readValuesToList()
  const dropped = driver.droppedRecords()
  await driver.close()
  return { told, dropped }
}

test('tumbling: a late record within the grace counts, a later one is dropped', async () => {
  const { told, dropped } = await run(
    (clicks) => {
      // #region tumbling
      clicks
        .windowedBy(tumblingWindows({ sizeMs: minutes(1), graceMs: seconds(10) }))
        .count({ name: 'per-minute', store: 'per-minute' })
        .toStream()
        .map(({ key, window }, count) => [key, { startMs: window.startMs, count }], { name: 'flat' })
        .to('out', { key: string(), value: json() })
      // #endregion
    },
    [1000, 65_000, 2000, 75_000, 3000],
  )
  expect(told).toEqual([
    { startMs: 0, count: 1 },
    { startMs: 60_000, count: 1 },
    { startMs: 0, count: 2 },
    { startMs: 60_000, count: 2 },
  ])
  expect(dropped).toBe(1)
})

test('hopping, sliding and session windows of the same records', async () => {
  const starts = (describe: (clicks: Clicks) => void) => run(describe, [1000, 4000]).then(({ told }) => told)
  const hopping = hoppingWindows({ sizeMs: seconds(10), advanceMs: seconds(5) })
  const sliding = slidingWindows({ timeDifferenceMs: seconds(10) })
  const sessions = sessionWindows({ gapMs: seconds(10) })
  expect(
    await starts((clicks) =>
      clicks
        .windowedBy(hopping)
        .count()
        .toStream(({ key }) => key)
        .to('out', { key: string(), value: json() }),
    ),
  ).toEqual([1, 2])
  expect(
    await starts((clicks) =>
      clicks
        .windowedBy(sliding)
        .count()
        .toStream(({ key }) => key)
        .to('out', { key: string(), value: json() }),
    ),
  ).toEqual([1, 1, 2])
  expect(
    await starts((clicks) =>
      clicks
        .windowedBy(sessions)
        .count()
        .toStream(({ window }) => `${window.startMs}-${window.endMs}`)
        .to('out', { key: string(), value: json() }),
    ),
  ).toEqual([1, null, 2])
})

test('days of a zone have 23 and 25 hours where its clocks change', async () => {
  // #region days-of-a-zone
  const clock = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'medium' })
  /** What the clock shows at a time, as if that was UTC. */
  const shownAt = (timestamp: number) => Date.parse(`${clock.format(timestamp).replace(' ', 'T')}Z`)
  /** When it shows something; 18:00 is never left out, nor shown twice. */
  const timeOf = (shown: number) => {
    const nearMs = 2 * shown - shownAt(shown)
    return shown - (shownAt(nearMs) - nearMs)
  }
  let day = { startMs: 0, endMs: 0 }
  const businessDays = customWindows({
    sizeMs: hours(25),
    graceMs: minutes(5),
    windowsFor(timestamp) {
      if (timestamp < day.startMs || timestamp >= day.endMs) {
        const start = Math.floor((shownAt(timestamp) - hours(18)) / days(1)) * days(1) + hours(18)
        day = { startMs: timeOf(start), endMs: timeOf(start + days(1)) }
      }
      return [day]
    },
  })
  // #endregion
  const builder = new StreamsBuilder()
  const clicks = builder.stream('clicks', { key: string(), value: string() }).groupByKey()
  // #region business-days
  clicks
    .windowedBy(businessDays)
    .count({ name: 'a-day', store: 'a-day' })
    .suppress(untilWindowCloses({ name: 'closed' }))
    .toStream()
    .to('out', { key: timeWindowed(string(), businessDays), value: long() })
  // #endregion
  const driver = new TopologyTestDriver(builder.build())
  const input = driver.createInputTopic('clicks', { key: string(), value: string() })
  const years = [
    ['2026-03-27T18:00+01:00', '2026-04-01T00:00+02:00'],
    ['2026-10-23T18:00+02:00', '2026-10-28T00:00+01:00'],
  ] as const
  for (const [from, to] of years) {
    for (let timeMs = Date.parse(from); timeMs < Date.parse(to); timeMs += hours(1)) input.pipeInput('ann', 'c', timeMs)
  }
  const out = driver.createOutputTopic('out', { key: timeWindowed(string(), businessDays), value: long() })
  const told = out.readKeyValuesToList().map(([key, count]) => {
    const { startMs, endMs } = key?.window ?? day
    return [`${clock.format(startMs)} to ${clock.format(endMs)}`, (endMs - startMs) / hours(1), count]
  })
  await driver.close()
  expect(told).toEqual([
    ['2026-03-27 18:00:00 to 2026-03-28 18:00:00', 24, 24],
    ['2026-03-28 18:00:00 to 2026-03-29 18:00:00', 23, 23],
    ['2026-03-29 18:00:00 to 2026-03-30 18:00:00', 24, 24],
    ['2026-03-30 18:00:00 to 2026-03-31 18:00:00', 24, 24],
    ['2026-03-31 18:00:00 to 2026-04-01 18:00:00', 24, 6],
    ['2026-10-23 18:00:00 to 2026-10-24 18:00:00', 24, 24],
    ['2026-10-24 18:00:00 to 2026-10-25 18:00:00', 25, 25],
    ['2026-10-25 18:00:00 to 2026-10-26 18:00:00', 24, 24],
    ['2026-10-26 18:00:00 to 2026-10-27 18:00:00', 24, 24],
  ])
})

test('final results: one a window, in two ways', async () => {
  const timesMs = [1000, 2000, 80_000]
  const suppressed = await run((clicks) => {
    // #region suppress
    clicks
      .windowedBy(tumblingWindows({ sizeMs: minutes(1), graceMs: seconds(10) }))
      .count({ name: 'counts', store: 'counts' })
      .suppress(untilWindowCloses({ name: 'closed' }))
      .toStream(({ key }) => key)
      .to('out', { key: string(), value: json() })
    // #endregion
  }, timesMs)
  const onClose = await run((clicks) => {
    // #region emit-on-close
    clicks
      .windowedBy(tumblingWindows({ sizeMs: minutes(1), graceMs: seconds(10) }))
      .emitStrategy('on-window-close')
      .count({ name: 'counts', store: 'counts' })
      .toStream(({ key }) => key)
      .to('out', { key: string(), value: json() })
    // #endregion
  }, timesMs)
  expect(suppressed.told).toEqual([2])
  expect(onClose.told).toEqual([2])
})

test('a rate limit: the latest change of a key, at most so often', async () => {
  const builder = new StreamsBuilder()
  // #region time-limit
  builder
    .table('settings', { key: string(), value: string() })
    .suppress(untilTimeLimit({ name: 'calm', limitMs: seconds(5), bufferedRecordsMax: 10_000 }))
    .toStream()
    .to('out')
  // #endregion
  const driver = new TopologyTestDriver(builder.build())
  const input = driver.createInputTopic('settings', { key: string(), value: string() })
  input.pipeInput('a', '1', 0)
  input.pipeInput('a', '2', 1000)
  input.pipeInput('b', '1', 6000)
  const out = driver.createOutputTopic('out', { key: string(), value: string() })
  expect(out.readKeyValuesToList()).toEqual([['a', '2']])
  await driver.close()
})
