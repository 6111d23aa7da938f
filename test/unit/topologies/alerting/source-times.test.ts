import { describe, expect, test } from '@jest/globals'
import { type SourceTime, SourceTimes } from '../../../../topologies/alerting/source-times.ts'

const silentAfterMs = 300_000
const startMs = 1_000_000
/** When every source has told how far it is. */
const nowMs = startMs + 15_000
const live = (reachedMs: number | null) => ({ reachedMs, isIdle: false })
const idle = (reachedMs: number | null) => ({ reachedMs, isIdle: true })

function start(): SourceTimes {
  const times = new SourceTimes(silentAfterMs, startMs)
  wait(times, startMs, nowMs)
  return times
}

function wait(times: SourceTimes, fromMs: number, toMs: number): void {
  for (let atMs = fromMs; atMs <= toMs; atMs += 1000) times.advance(atMs)
}

describe('a point of time is closed', () => {
  test('at the least of what the sources have reached; logs are seen up to the most', () => {
    const times = start()
    times.told('b', live(300), nowMs)
    times.told('a', live(500), nowMs)
    expect([times.closedMs, times.reachedMs]).toEqual([300, 500])
  })

  test('not before every source had the time to tell how far it is', () => {
    const times = new SourceTimes(silentAfterMs, startMs)
    times.told('a', live(500), startMs)
    times.told('b', live(300), startMs + 10_000)
    expect(times.closedMs).toBeUndefined()
    times.advance(nowMs)
    expect(times.closedMs).toBe(300)
  })

  test('never again open: neither a source that goes back nor a new one that is behind moves it', () => {
    const times = start()
    times.told('a', live(500), nowMs)
    times.told('a', live(400), nowMs)
    times.told('b', live(300), nowMs)
    expect(times.closedMs).toBe(500)
  })

  test('up to the time at which a source says that it is idle', () => {
    const times = start()
    times.told('a', live(300), nowMs)
    times.told('b', live(700), nowMs)
    times.told('a', idle(600), nowMs)
    expect(times.closedMs).toBe(600)
  })

  test('not further than now where the clock of an idle source is ahead', () => {
    const times = start()
    times.told('a', idle(nowMs + 3_600_000), nowMs)
    expect(times.closedMs).toBe(nowMs)
  })

  test('no further when a source that was idle is not heard any longer', () => {
    const times = start()
    times.told('a', idle(600), nowMs)
    times.told('b', live(900_000), nowMs)
    times.advance(nowMs + silentAfterMs - 1)
    expect(times.closedMs).toBe(600)
  })

  test('without a source that nobody has heard of for very long', () => {
    const times = start()
    times.told('a', live(300), nowMs)
    times.told('b', live(500), nowMs + silentAfterMs - 1)
    times.advance(nowMs + silentAfterMs - 1)
    expect(times.closedMs).toBe(300)
    times.advance(nowMs + silentAfterMs)
    expect(times.closedMs).toBe(500)
  })

  test('nowhere, before each source has told how far it is', () => {
    const times = start()
    times.told('a', live(null), nowMs)
    times.told('b', live(500), nowMs)
    expect([times.closedMs, times.reachedMs]).toEqual([undefined, 500])
  })
})

describe('where all sources are idle', () => {
  test('time continues with what they say', () => {
    const times = start()
    for (const reachedMs of [nowMs + 10_000, nowMs + 20_000]) {
      for (const source of ['a', 'b']) times.told(source, idle(reachedMs), reachedMs)
    }
    expect([times.closedMs, times.expectedMs]).toEqual([nowMs + 20_000, nowMs + 20_000])
  })
})

describe('where no source is known', () => {
  test('time does not continue, but that of rules about missing logs does, by the wall clock', () => {
    const times = start()
    wait(times, nowMs, nowMs + 60_000)
    expect([times.closedMs, times.expectedMs]).toEqual([undefined, nowMs + 60_000])
  })

  test('a time in which the process did not run is not waited for', () => {
    const times = start()
    times.advance(nowMs + 3_600_000)
    expect(times.expectedMs).toBe(nowMs + 5000)
  })
})

describe('a source that is behind the wall clock', () => {
  test('is named with how far it is behind and for how long nobody has heard of it, the last one first', () => {
    const times = start()
    times.told('a', live(nowMs - 90_000), nowMs)
    times.told('b', live(nowMs - 200_000), nowMs)
    times.told('c', live(nowMs), nowMs)
    times.advance(nowMs + 5000)
    expect(times.behind(60_000)).toEqual([
      { source: 'b', behindMs: 205_000, silentMs: 5000 },
      { source: 'a', behindMs: 95_000, silentMs: 5000 },
    ])
  })

  test('is not named any longer when it is left out', () => {
    const times = start()
    times.told('a', live(500), nowMs)
    times.advance(nowMs + silentAfterMs)
    expect(times.behind(60_000)).toEqual([])
  })
})

test('another process continues where the first one was, and gives all sources as long as before', () => {
  const first = start()
  first.told('a', live(500), nowMs)
  const sources = [['a', first.told('a', live(500), nowMs)] as const]
  const laterMs = nowMs + 86_400_000
  const second = new SourceTimes(silentAfterMs, laterMs, { times: first.known, sources })
  second.told('b', live(900), laterMs)
  expect([second.closedMs, second.reachedMs, second.expectedMs]).toEqual([500, 900, first.expectedMs])
  second.advance(laterMs + silentAfterMs - 1)
  expect(second.closedMs).toBe(500)
})

describe('a source that is gone', () => {
  const restarted = (times: SourceTimes, sources: readonly (readonly [string, SourceTime])[], atMs: number) =>
    new SourceTimes(silentAfterMs, atMs, { times: times.known, sources })

  test('is left out as early where the process that waits for it is replaced by another', () => {
    const times = start()
    const gone = ['gone', times.told('gone', live(300), nowMs)] as const
    wait(times, nowMs, nowMs + silentAfterMs - 10_000)
    const next = restarted(times, [gone], nowMs + 2 * silentAfterMs)
    next.told('a', live(900), nowMs + 2 * silentAfterMs)
    expect(next.closedMs).not.toBe(900)
    expect(next.advance(nowMs + 2 * silentAfterMs + 10_000)).toEqual(['gone'])
    expect(next.closedMs).toBe(900)
  })

  test('is not one that could not be heard, because the process that waits for it was down', () => {
    const times = start()
    const source = ['a', times.told('a', live(300), nowMs)] as const
    const next = restarted(times, [source], nowMs + 2 * silentAfterMs)
    expect(next.advance(nowMs + 2 * silentAfterMs + 10_000)).toEqual([])
  })
})
