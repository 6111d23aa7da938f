import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { ManualClock } from '../../../../src/core/clock.ts'
import { MemoryCluster } from '../../../../src/kafka/memory/cluster.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import { kafkaDriverSuite } from '../../../../src/testing/kafka-driver-suite.ts'

kafkaDriverSuite('the memory driver', { describe, test, beforeAll, afterAll }, async () => {
  const clock = new ManualClock(1_700_000_000_000)
  const cluster = new MemoryCluster({ clock })
  return {
    driver: () => createMemoryDriver(cluster),
    async advance(byMs) {
      clock.advance(byMs)
      await new Promise((resolve) => setImmediate(resolve))
    },
    group: {
      protocol: 'classic',
      sessionTimeoutMs: 10_000,
      heartbeatIntervalMs: 1_000,
      rebalanceTimeoutMs: 15_000,
      hasStaticMembers: true,
      hasStandbys: true,
    },
    async close() {},
  }
})
