import { afterAll, beforeAll, test } from '@jest/globals'
import { KafkaBench } from '../../../../src/testing/kafka-driver/bench.ts'
import { groupPromises } from '../../../../src/testing/kafka-driver/group-promises.ts'
import { sharedKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { wireHarness } from '../../../support/wire-harness.ts'

const { describe } = requireServer('kafka')

describe('the streams protocol of the wire driver keeps the promises of the Kafka port about groups', () => {
  let bench: KafkaBench

  beforeAll(async () => {
    const kafka = await sharedKafka()
    const group = { protocol: 'streams', heartbeatIntervalMs: 500, hasStaticMembers: false } as const
    bench = new KafkaBench(wireHarness(kafka.bootstrap, () => kafka.stop(), group))
  })

  afterAll(() => bench?.close())

  groupPromises({ describe, test: (name, body) => test(name, body), bench: () => bench })
})
