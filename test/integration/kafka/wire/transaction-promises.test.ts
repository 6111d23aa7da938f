import { afterAll, beforeAll, test } from '@jest/globals'
import type { KafkaDriver } from '../../../../src/kafka/port.ts'
import { createWireDriver } from '../../../../src/kafka/wire/driver.ts'
import { KafkaBench } from '../../../../src/testing/kafka-driver/bench.ts'
import { fencingPromises } from '../../../../src/testing/kafka-driver/fencing-promises.ts'
import { transactionPromises } from '../../../../src/testing/kafka-driver/transaction-promises.ts'
import { type KafkaCluster, startKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'

/** A level of the feature under which partitions and groups are added to a transaction by requests of the client. */
const level = 0

requireServer('kafka').describe(`transactions of transaction.version ${level}`, () => {
  const drivers: KafkaDriver[] = []
  let kafka: KafkaCluster | undefined
  let bench: KafkaBench | undefined

  beforeAll(async () => {
    const cluster = await startKafka({ features: { 'transaction.version': level } })
    kafka = cluster
    bench = new KafkaBench({
      driver(requestTimeoutMs = 30_000) {
        const driver = createWireDriver({ bootstrap: [cluster.bootstrap], requestTimeoutMs })
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
      close: async () => {
        for (const driver of drivers) await driver.close()
      },
    })
  })

  afterAll(async () => {
    await bench?.close()
    await kafka?.stop()
  })

  const suite = {
    describe: requireServer('kafka').describe,
    test: (name: string, body: () => Promise<void>) => test(name, body),
    bench: () => bench as KafkaBench,
  }
  transactionPromises(suite)
  fencingPromises(suite)
})
