import { afterAll, beforeAll, test } from '@jest/globals'
import { kafkaDriverSuite } from '../../../../src/testing/kafka-driver-suite.ts'
import { sharedKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { wireHarness } from '../../../support/wire-harness.ts'

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
    return wireHarness(kafka.bootstrap, () => kafka.stop())
  },
)
