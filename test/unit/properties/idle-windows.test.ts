import { expect, test } from '@jest/globals'
import { StreamsBuilder, string, tumblingWindows, untilWindowCloses } from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import type { Topology } from '../../../src/topology/topology.ts'
import { Draw } from './history.ts'

const texts = { key: string(), value: string() }
const sizeMs = 1000
const windowIdleMs = 100
/** Long enough that a jump of stream time hides no window before it has come out. */
const kept = { retentionMs: 60_000 }

/** Final counts to `out`, records that no window takes to `late`. */
function finalCounts(by: 'suppress' | 'emission on close', graceMs: number): Topology {
  const builder = new StreamsBuilder()
  const windowed = builder
    .stream('in', texts)
    .groupByKey()
    .windowedBy(tumblingWindows({ sizeMs, graceMs }), { late: (late) => late.to('late') })
  const counted =
    by === 'suppress'
      ? windowed.count(kept).suppress(untilWindowCloses())
      : windowed.emitStrategy('on-window-close').count(kept)
  counted
    .toStream()
    .map(({ key, window }, count): [string, string] => [`${key}@${window.startMs}`, String(count)])
    .to('out', texts)
  return builder.build()
}

/** Records that run ahead, come late or pause, and looks at an idle input between them; then nothing for long. */
function play(driver: TopologyTestDriver, draw: Draw): number {
  const input = driver.createInputTopic('in', texts)
  const count = 5 + draw.pick(40)
  let nowMs = 5000
  for (let index = 0; index < count; index++) {
    nowMs += draw.pick(300)
    input.pipeInput(draw.one(['a', 'b', 'c']), 'x', Math.max(0, nowMs - draw.pick(2000)))
    for (let looks = draw.chance(0.4) ? draw.pick(20) : 0; looks > 0; looks--) driver.advanceWallClock(windowIdleMs)
  }
  for (let looks = 0; looks < 100; looks++) driver.advanceWallClock(windowIdleMs)
  return count
}

test.each([
  ['suppress', 10_485_760],
  ['suppress', 0],
  ['emission on close', 10_485_760],
  ['emission on close', 0],
] as const)(
  'on idle input each record is in one final result of its window or late: %s, cache of %d bytes',
  (by, cacheBytesMax) => {
    for (let seed = 0; seed < 250; seed++) {
      const draw = new Draw(seed)
      const settings = { windowIdleMs, cacheBytesMax, windowEmitIntervalMs: draw.one([0, 1000]) }
      const driver = new TopologyTestDriver(finalCounts(by, draw.one([0, 500])), settings)
      const piped = play(driver, draw)
      const results = driver.createOutputTopic('out', texts).readKeyValuesToList()
      const late = driver.createOutputTopic('late', texts).readKeyValuesToList().length
      const windows = results.map(([window]) => window)
      expect({ seed, twice: windows.filter((window, index) => windows.indexOf(window) !== index) }).toEqual({
        seed,
        twice: [],
      })
      expect({ seed, records: results.reduce((sum, [, count]) => sum + Number(count), late) }).toEqual({
        seed,
        records: piped,
      })
    }
  },
)
