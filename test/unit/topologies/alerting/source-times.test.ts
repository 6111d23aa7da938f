import { describe, expect, test } from '@jest/globals'
import { SourceTimes } from '../../../../topologies/alerting/source-times.ts'

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

  test('without a source that is idle, which counts again when it has logs', () => {
    const times = start()
    times.told('a', live(300), nowMs)
    times.told('b', live(500), nowMs)
    times.told('a', idle(300), nowMs)
    expect(times.closedMs).toBe(500)
    times.told('a', live(700), nowMs)
    times.told('b', live(900), nowMs)
    expect(times.closedMs).toBe(700)
  })

  test('without a source that nobody has heard of for a while', () => {
    const times = start()
    times.told('a', live(300), nowMs)
    times.told('b', live(500), nowMs + silentAfterMs - 1)
    times.advance(nowMs + silentAfterMs - 1)
    expect(times.closedMs).toBe(300)
    times.advance(nowMs + silentAfterMs)
    expect(times.closedMs).toBe(500)
  })

  test('nowhere, before a source has told how far it is', () => {
    const times = start()
    times.told('a', live(null), nowMs)
    times.observed(400)
    expect([times.closedMs, times.reachedMs]).toEqual([undefined, 400])
  })
})

describe('where no source has logs', () => {
  test('time does not continue, but that of rules about missing logs does, by the wall clock', () => {
    const times = start()
    times.told('a', live(2_000_000), nowMs)
    times.told('a', idle(2_000_000), nowMs + 10_000)
    wait(times, nowMs + 10_000, nowMs + 70_000)
    expect([times.closedMs, times.expectedMs]).toEqual([2_000_000, 2_060_000 + 5000])
  })

  test('the same is true from the start on', () => {
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
