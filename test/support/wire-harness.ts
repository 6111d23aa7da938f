import type { KafkaDriver } from '../../src/kafka/port.ts'
import { createWireDriver } from '../../src/kafka/wire/driver.ts'
import type { KafkaDriverHarness } from '../../src/testing/kafka-driver/bench.ts'

/** The wire driver on a broker, for the suite of drivers. `stop` follows the end of its drivers. */
export function wireHarness(
  bootstrap: string,
  stop: () => Promise<void>,
  group: Partial<KafkaDriverHarness['group']> = {},
): KafkaDriverHarness {
  const drivers: KafkaDriver[] = []
  return {
    driver(requestTimeoutMs = 30_000) {
      const driver = createWireDriver({ bootstrap: [bootstrap], requestTimeoutMs })
      drivers.push(driver)
      return driver
    },
    advance: (byMs) => new Promise((resolve) => setTimeout(resolve, byMs)),
    group: {
      protocol: 'classic',
      sessionTimeoutMs: 6_000,
      heartbeatIntervalMs: 100,
      rebalanceTimeoutMs: 6_000,
      hasStaticMembers: true,
      hasStandbys: true,
      ...group,
    },
    async close() {
      for (const driver of drivers) await driver.close()
      await stop()
    },
  }
}
