import { type KafkaDriver, partitionKey } from '../kafka/port.ts'
import { BoundedConsumer, type EndOf } from './bounded-consumer.ts'
import type { ReplayFront } from './front.ts'
import type { ReplayPlan } from './plan.ts'

/** State is restored from the start of a topic to the committed offset, whatever the plan's bounds are. */
const restoreSuffix = '-restore'

/** The driver of a replay's processes: what consumers read of the sources is what the plan says, when the front allows it. */
export function shadowDriver(driver: KafkaDriver, endOf: EndOf, front: ReplayFront, id: string): KafkaDriver {
  const mark = Buffer.from(id)
  return {
    consumer(options) {
      const consumer = driver.consumer(options)
      return options.clientId.endsWith(restoreSuffix) ? consumer : new BoundedConsumer(consumer, endOf, front, mark)
    },
    producer: (options) => driver.producer(options),
    transactionalProducer: (options) => driver.transactionalProducer(options),
    admin: () => driver.admin(),
    groupProtocol: (request) => driver.groupProtocol(request),
    groupMember: (options) => driver.groupMember(options),
    health: () => driver.health(),
    close: () => driver.close(),
  }
}

/** The ends of a plan. Partitions of sources that came after the plan was made have nothing to read. */
export function endsOf(plan: ReplayPlan, isSource: (topic: string) => boolean): EndOf {
  const ends = new Map(plan.partitions.map((one) => [partitionKey(one.topic, one.partition), one.endOffset]))
  return ({ topic, partition }) => ends.get(partitionKey(topic, partition)) ?? (isSource(topic) ? 0 : undefined)
}
