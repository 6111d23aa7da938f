import { KafkaBench, type KafkaDriverHarness, type TestRunner } from './kafka-driver/bench.ts'
import { adminPromises } from './kafka-driver/admin-promises.ts'
import { consumerPromises } from './kafka-driver/consumer-promises.ts'
import { fencingPromises } from './kafka-driver/fencing-promises.ts'
import { groupPromises } from './kafka-driver/group-promises.ts'
import { positionPromises } from './kafka-driver/position-promises.ts'
import { producerPromises } from './kafka-driver/producer-promises.ts'
import { transactionPromises } from './kafka-driver/transaction-promises.ts'

export type { KafkaDriverHarness, TestRunner }

/**
 * A sentence for each promise of the Kafka port. Every driver passes it; it knows nothing of any of them. All sentences
 * share the cluster of one harness and use their own topics and groups.
 */
export function kafkaDriverSuite(
  name: string,
  { describe, test, beforeAll, afterAll }: TestRunner,
  createHarness: () => Promise<KafkaDriverHarness>,
): void {
  describe(name, () => {
    let made: KafkaBench | undefined
    beforeAll(async () => {
      made = new KafkaBench(await createHarness())
    })
    afterAll(async () => {
      await made?.close()
    })
    const bench = (): KafkaBench => {
      if (made === undefined) throw new Error('the harness could not be made')
      return made
    }
    const all = [
      consumerPromises,
      positionPromises,
      producerPromises,
      transactionPromises,
      fencingPromises,
      adminPromises,
      groupPromises,
    ]
    for (const promises of all) promises({ describe, test, bench })
  })
}
