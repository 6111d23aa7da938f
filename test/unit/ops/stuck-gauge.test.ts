import { expect, test } from '@jest/globals'
import { Registry } from 'prom-client'
import { gaugesOf } from '../../../src/ops/define-gauge.ts'
import { followStuck } from '../../../src/ops/stuck-gauge.ts'
import type { ApplicationStatus } from '../../../src/runtime/application/application-status.ts'

/** The gauge over a partition whose state the test sets. */
function gaugeOf(partition: { committedOffset: number; lagRecords: number | undefined }) {
  const registry = new Registry()
  const clock = { nowMs: 0, monotonicMs: () => clock.nowMs }
  const status = { tasks: [{ partitions: [{ topic: 'logs', partition: 3, ...partition }] }] }
  followStuck(
    gaugesOf(registry, () => {
      status.tasks = [{ partitions: [{ topic: 'logs', partition: 3, ...partition }] }]
      return status as unknown as ApplicationStatus
    }),
    {},
    clock,
  )
  return {
    clock,
    async seconds(): Promise<string | undefined> {
      return /^kafka_consumer_stuck_seconds\{topic="logs",partition="3"\} (\S+)$/m.exec(await registry.metrics())?.[1]
    },
  }
}

test('a partition that has lag and does not move is shown as stuck, for as long as that lasts', async () => {
  const partition = { committedOffset: 10, lagRecords: 5 }
  const { clock, seconds } = gaugeOf(partition)
  expect(await seconds()).toBe('0')
  clock.nowMs = 30_000
  expect(await seconds()).toBe('30')
  partition.committedOffset = 11
  expect(await seconds()).toBe('0')
})

test('a partition without records to read is not stuck', async () => {
  const { clock, seconds } = gaugeOf({ committedOffset: 10, lagRecords: 0 })
  await seconds()
  clock.nowMs = 30_000
  expect(await seconds()).toBe('0')
})

test('a partition whose lag is unknown is left out, and not shown as 0', async () => {
  const { seconds } = gaugeOf({ committedOffset: 10, lagRecords: undefined })
  expect(await seconds()).toBeUndefined()
})
