import { describe, expect, test } from '@jest/globals'
import { type HealthBounds, Health } from '../../../src/ops/health.ts'
import type { ApplicationStatus } from '../../../src/runtime/application/application-status.ts'
import type { TaskStatus } from '../../../src/runtime/thread/thread-status.ts'

const bounds: HealthBounds = { readyWithinMs: 10_000, roundWithinMs: 60_000, progressWithinMs: 100_000 }

const partition = { topic: 'in', partition: 0, endOffset: 9, lagSeconds: 1, bufferedRecords: 4 }
const task = (given: { position: number; lagRecords: number | undefined; sinkState?: 'open' | 'delayed' | 'paused' }) =>
  ({
    partitions: [{ ...partition, position: given.position, committedOffset: 1, lagRecords: given.lagRecords }],
    sinks:
      given.sinkState === undefined
        ? []
        : [{ sink: 'search', state: given.sinkState, stateForMs: 12_000, lastErrorCode: 'SINK_UNREACHABLE' }],
  }) as unknown as TaskStatus

const troubled = (code: string, forMs: number) =>
  ({ taskId: '0_1', partitions: [], sinks: [], trouble: { code, forMs } }) as unknown as TaskStatus

const broker = (failingForMs: number | undefined) => ({
  nodeId: 1,
  address: 'a:9092',
  isConnected: failingForMs === undefined,
  failingForMs,
  lastErrorCode: failingForMs === undefined ? undefined : 'REQUEST_TIMED_OUT',
  requestsInFlight: 0,
})

function scene() {
  let nowMs = 0
  let current: ApplicationStatus | undefined = status({})
  const health = new Health({ status: () => current, clock: { monotonicMs: () => nowMs }, bounds })
  return {
    health,
    show: (given: Parameters<typeof status>[0] | undefined) => {
      current = given && status(given)
    },
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

function status(given: {
  state?: ApplicationStatus['state']
  isPaused?: boolean
  sinceRoundMs?: number
  brokers?: ReturnType<typeof broker>[]
  tasks?: TaskStatus[]
}): ApplicationStatus {
  return {
    applicationId: 'app',
    state: given.state ?? 'RUNNING',
    isPaused: given.isPaused ?? false,
    failure: undefined,
    threads: [
      {
        name: 'thread-1',
        state: 'RUNNING',
        restoring: [],
        phase: 'polling',
        waits: [],
        memberId: '',
        sinceRoundMs: given.sinceRoundMs ?? 0,
      },
    ],
    kafka: { brokers: given.brokers ?? [broker(undefined)], leaderless: [] },
    tasks: given.tasks ?? [],
    metrics: { counters: [], gauges: [] },
    totals: {} as ApplicationStatus['totals'],
  }
}

describe('readiness', () => {
  test.each([
    ['before there is an application', undefined, 'starting'],
    ['while it is paused', { isPaused: true }, 'paused'],
    ['while tasks move', { state: 'REBALANCING' as const }, 'REBALANCING'],
    [
      'while a thread does not come round',
      { sinceRoundMs: 11_000 },
      'thread thread-1 has completed no round for 11 s (polling)',
    ],
    ['while no broker answers', { brokers: [broker(10_500)] }, 'no broker answers (REQUEST_TIMED_OUT)'],
    [
      'for its brokers while a thread waits for them',
      { sinceRoundMs: 11_000, brokers: [broker(9000)] },
      'no broker answers (REQUEST_TIMED_OUT)',
    ],
    [
      'while a sink takes nothing',
      { tasks: [task({ position: 1, lagRecords: 0, sinkState: 'paused' })] },
      'sink search is paused (SINK_UNREACHABLE)',
    ],
    [
      'while a task cannot be committed, as with a full disk of its state',
      { tasks: [troubled('STORE_DISK_FULL', 12_000)] },
      'task 0_1 has made no progress for 12 s (STORE_DISK_FULL)',
    ],
  ])('is refused %s', (_, given, reason) => {
    const { health, show } = scene()
    show(given)
    expect(health.ready()).toEqual({ ok: false, reason })
  })

  test.each([
    ['is given to an application that runs', {}],
    ['outlasts trouble below its bound', { brokers: [broker(9000)], sinceRoundMs: 9000 }],
    ['outlasts trouble of a task below its bound', { tasks: [troubled('STORE_DISK_FULL', 9000)] }],
    ['outlasts calls of a user that last', { tasks: [troubled('ASYNC_NOT_DRAINED', 60_000)] }],
    ['is given while one broker of two answers', { brokers: [broker(60_000), broker(undefined)] }],
  ])('%s', (_, given) => {
    const { health, show } = scene()
    show(given)
    expect(health.ready()).toEqual({ ok: true, reason: 'RUNNING' })
  })
})

describe('liveness', () => {
  test('liveness ends when a thread completes no round within its bound', () => {
    const { health, show } = scene()
    show({ sinceRoundMs: 59_000 })
    expect(health.live().ok).toBe(true)
    show({ sinceRoundMs: 61_000 })
    expect(health.live()).toEqual({ ok: false, reason: 'thread thread-1 has completed no round for 61 s (polling)' })
  })

  test('ends when a partition with records to read does not move within its bound', () => {
    const { health, show, pass } = scene()
    show({ tasks: [task({ position: 5, lagRecords: 4 })] })
    health.live()
    pass(99_000)
    expect(health.live().ok).toBe(true)
    pass(2000)
    expect(health.live()).toEqual({
      ok: false,
      reason: 'in-0 has 4 records to read and has made no progress for 101 s',
    })
  })

  test.each([
    ['a partition moves', { tasks: [task({ position: 6, lagRecords: 3 })] }],
    ['nothing is left to read', { tasks: [task({ position: 5, lagRecords: 0 })] }],
    ['its lag is not known', { tasks: [task({ position: 5, lagRecords: undefined })] }],
    ['a sink holds it up', { tasks: [task({ position: 5, lagRecords: 4, sinkState: 'delayed' as const })] }],
    ['it is paused', { isPaused: true, tasks: [task({ position: 5, lagRecords: 4 })] }],
    ['Kafka is away', { tasks: [task({ position: 5, lagRecords: 4 })], brokers: [broker(100)] }],
  ])('liveness continues while %s', (_, given) => {
    const { health, show, pass } = scene()
    show({ tasks: [task({ position: 5, lagRecords: 4 })] })
    health.live()
    pass(99_000)
    show(given)
    health.live()
    pass(99_000)
    expect(health.live().ok).toBe(true)
  })
})
