import { describe, expect, test } from '@jest/globals'
import { hours, minutes, seconds } from '../../../src/index.ts'
import { SourceClocks } from '../../../topologies/source-clocks.ts'

const startMs = Date.UTC(2026, 10, 24, 8)
const windowMs = minutes(1)
const graceMs = seconds(30)

interface Fleet {
  readonly hosts: number
  readonly partitions: number
  /** So many hosts are ahead, in Kafka's time too. */
  readonly aheadHosts: number
  readonly aheadMs: number
  /** How far the worker is behind the newest records. */
  readonly lagMs: number
  /** By key a host is in one partition, otherwise in all. */
  readonly isKeyed: boolean
}

/** An hour of one record a second and host: the share of records of the other hosts whose window is still open. */
function shareInTime(fleet: Fleet, usesClocks: boolean): number {
  const { hosts, partitions, aheadHosts, aheadMs, lagMs, isKeyed } = fleet
  let nowMs = 0
  const clocks = Array.from({ length: partitions }, () => new SourceClocks(graceMs, () => nowMs))
  let [streamMs, total, inTime, turn] = [0, 0, 0, 0]
  for (let secondMs = startMs; secondMs < startMs + hours(1); secondMs += 1000) {
    nowMs = secondMs + 500 + lagMs
    for (let index = 0; index < hosts; index++) {
      // The host that is ahead is not the first that is heard.
      const host = (index + aheadHosts + 1) % hosts
      const isAhead = host < aheadHosts
      const eventMs = secondMs + ((host * 37) % 900) - 500 + (isAhead ? aheadMs : 0)
      const kafkaMs = secondMs + 400 + (isAhead ? aheadMs : 0)
      const clock = clocks[isKeyed ? host % partitions : turn++ % partitions] as SourceClocks
      const timeMs = usesClocks ? clock.ofEvent(eventMs, clock.received(`host-${host}`, kafkaMs)) : eventMs
      streamMs = Math.max(streamMs, timeMs)
      if (isAhead) continue
      total++
      if (streamMs < Math.floor(timeMs / windowMs) * windowMs + windowMs + graceMs) inTime++
    }
  }
  return inTime / total
}

describe('hosts whose clocks are ahead close the windows of nobody', () => {
  const usual: Fleet = { hosts: 30, partitions: 3, aheadHosts: 1, aheadMs: minutes(55), lagMs: 0, isKeyed: false }
  test.each<readonly [string, Fleet]>([
    ['one of 30, 55 minutes ahead', usual],
    [
      'one of 30, 9 minutes ahead, with a partition for each key',
      { ...usual, aheadMs: minutes(9), partitions: 12, isKeyed: true },
    ],
    ['one of two', { ...usual, hosts: 2, partitions: 1, aheadMs: minutes(9) }],
    ['three of ten', { ...usual, hosts: 10, aheadHosts: 3, partitions: 1 }],
    ['one alone in its partition', { ...usual, hosts: 3, isKeyed: true, aheadMs: minutes(9) }],
    ['one of 30, where the worker is two hours behind', { ...usual, lagMs: hours(2) }],
    [
      'three of ten, where the worker is two hours behind',
      { ...usual, hosts: 10, aheadHosts: 3, partitions: 1, lagMs: hours(2) },
    ],
  ])('%s', (_, fleet) => {
    expect(shareInTime(fleet, false)).toBeLessThan(0.01)
    expect(shareInTime(fleet, true)).toBeGreaterThan(0.99)
  })
})

describe('the time of an event', () => {
  const clocks = () => new SourceClocks(graceMs, () => startMs + minutes(1))

  test('moves windows no further than it was received', () => {
    expect(clocks().ofEvent(startMs + minutes(5), startMs)).toBe(startMs)
    expect(clocks().ofEvent(startMs - minutes(5), startMs)).toBe(startMs - minutes(5))
  })

  test('that has none is estimated from the newest that has one', () => {
    const late = clocks()
    late.ofEvent(startMs - hours(1), startMs)
    expect(late.withoutTime(startMs)).toBe(startMs - hours(1))
    expect(late.withoutTime(startMs + 2000)).toBe(startMs - hours(1) + 2000)
    expect(late.withoutTime(startMs - 2000)).toBe(startMs - hours(1))
  })

  test('that has none is that of receipt where no event has one', () => {
    expect(clocks().withoutTime(startMs)).toBe(startMs)
  })
})

test('sources that are silent for long are left out', () => {
  const clocks = new SourceClocks(graceMs, () => startMs + hours(9))
  for (const source of ['a', 'b', 'c']) clocks.received(source, startMs)
  let received = 0
  for (let record = 0; record < 300; record++) received = clocks.received('d', startMs + hours(2) + record)
  expect(received).toBe(startMs + hours(2) + 299)
})

describe('a quiet time is no clock that is ahead', () => {
  const gapMs = minutes(25)

  test('where the worker is not behind, for windows and documents', () => {
    let nowMs = startMs
    const clocks = new SourceClocks(graceMs, () => nowMs)
    for (let turn = 0; turn < 100; turn++, nowMs += gapMs) {
      const receivedMs = clocks.received(`host-${turn % 2}`, nowMs)
      expect([receivedMs, clocks.ofEvent(nowMs - 10, receivedMs)]).toEqual([nowMs, nowMs - 10])
    }
  })

  test('where the worker is behind, for documents', () => {
    const clocks = new SourceClocks(graceMs, () => startMs + hours(100))
    for (let turn = 0; turn < 100; turn++) {
      const kafkaMs = startMs + turn * gapMs
      expect(clocks.received(`host-${turn % 2}`, kafkaMs)).toBe(kafkaMs)
    }
  })
})

test('a host that is ahead of a machine that was busy for a while closes the windows of nobody', () => {
  let nowMs = startMs
  const clocks = new SourceClocks(graceMs, () => nowMs)
  const timeOf = (host: string, timeMs: number) => clocks.ofEvent(timeMs, clocks.received(host, timeMs))
  for (let second = 0; second < 100; second++, nowMs += 1000) for (const host of ['a', 'b', 'c']) timeOf(host, nowMs)
  const stoppedMs = nowMs
  nowMs += minutes(10)
  expect(timeOf('d', stoppedMs + minutes(4))).toBeLessThanOrEqual(stoppedMs + graceMs)
})
