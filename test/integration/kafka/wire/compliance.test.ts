import { afterAll, beforeAll, test } from '@jest/globals'
import type { KafkaDriver } from '../../../../src/kafka/port.ts'
import { createWireDriver } from '../../../../src/kafka/wire/driver.ts'
import { kafkaDriverSuite } from '../../../../src/testing/kafka-driver-suite.ts'
import { sharedKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'

kafkaDriverSuite(
  'the wire driver keeps the promises of the Kafka port',
  {
    describe: requireServer('kafka').describe,
    test: (name, body) => test(name, body),
    beforeAll: (body) => beforeAll(body),
    afterAll: (body) => afterAll(body),
  },
  async () => {
    const kafka = await sharedKafka()
    const drivers: KafkaDriver[] = []
    return {
      driver(requestTimeoutMs = 30_000) {
        const driver = createWireDriver({ bootstrap: [kafka.bootstrap], requestTimeoutMs })
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
      },
      async close() {
        for (const driver of drivers) await driver.close()
        await kafka.stop()
      },
    }
  },
)
