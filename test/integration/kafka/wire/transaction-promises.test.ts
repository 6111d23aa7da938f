import { afterAll, beforeAll, test } from '@jest/globals'
import { KafkaBench } from '../../../../src/testing/kafka-driver/bench.ts'
import { fencingPromises } from '../../../../src/testing/kafka-driver/fencing-promises.ts'
import { transactionPromises } from '../../../../src/testing/kafka-driver/transaction-promises.ts'
import { startKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { wireHarness } from '../../../support/wire-harness.ts'

/** A level of the feature under which partitions and groups are added to a transaction by requests of the client. */
const level = 0

requireServer('kafka').describe(`transactions of transaction.version ${level}`, () => {
  let bench: KafkaBench | undefined

  beforeAll(async () => {
    const kafka = await startKafka({ features: { 'transaction.version': level } })
    bench = new KafkaBench(wireHarness(kafka.bootstrap, () => kafka.stop()))
  })

  afterAll(() => bench?.close())

  const suite = {
    describe: requireServer('kafka').describe,
    test: (name: string, body: () => Promise<void>) => test(name, body),
    bench: () => bench as KafkaBench,
  }
  transactionPromises(suite)
  fencingPromises(suite)
})
