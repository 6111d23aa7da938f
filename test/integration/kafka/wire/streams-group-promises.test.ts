import { afterAll, beforeAll, test } from '@jest/globals'
import type { KafkaDriver } from '../../../../src/kafka/port.ts'
import { createWireDriver } from '../../../../src/kafka/wire/driver.ts'
import { KafkaBench } from '../../../../src/testing/kafka-driver/bench.ts'
import { groupPromises } from '../../../../src/testing/kafka-driver/group-promises.ts'
import { sharedKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'

const { describe } = requireServer('kafka')

describe('the streams protocol of the wire driver keeps the promises of the Kafka port about groups', () => {
  let kafka: Awaited<ReturnType<typeof sharedKafka>>
  let bench: KafkaBench
  const drivers: KafkaDriver[] = []

  beforeAll(async () => {
    kafka = await sharedKafka()
    bench = new KafkaBench({
      driver(requestTimeoutMs = 30_000) {
        const driver = createWireDriver({ bootstrap: [kafka.bootstrap], requestTimeoutMs })
        drivers.push(driver)
        return driver
      },
      advance: (byMs) => new Promise((resolve) => setTimeout(resolve, byMs)),
      group: {
        protocol: 'streams',
        sessionTimeoutMs: 6_000,
        heartbeatIntervalMs: 500,
        rebalanceTimeoutMs: 6_000,
        hasStaticMembers: false,
        hasStandbys: true,
      },
      async close() {
        for (const driver of drivers) await driver.close()
        await kafka.stop()
      },
    })
  })

  afterAll(() => bench?.close())

  groupPromises({ describe, test: (name, body) => test(name, body), bench: () => bench })
})
