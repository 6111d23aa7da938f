import type { Clock } from '../core/clock.ts'
import { loneConsumer } from '../kafka/lone-consumer.ts'
import type { KafkaDriver } from '../kafka/port.ts'
import type { ReplayPartition } from './plan.ts'

const lookMs = 3000

/** The mean size of the records at the starts of some partitions, one of each topic; undefined where there is none. */
export async function meanBytes(
  driver: KafkaDriver,
  partitions: readonly ReplayPartition[],
  clock: Clock,
): Promise<number | undefined> {
  const waiting = new Map<string, ReplayPartition>()
  for (const one of partitions) if (one.startOffset < one.endOffset) waiting.set(one.topic, one)
  if (waiting.size === 0) return undefined
  const consumer = loneConsumer(driver)
  try {
    consumer.assign([...waiting.values()].map((one) => ({ ...one, offset: one.startOffset })))
    let records = 0
    let bytes = 0
    for (const untilMs = clock.monotonicMs() + lookMs; waiting.size > 0 && clock.monotonicMs() < untilMs; ) {
      for (const batch of await consumer.poll(lookMs)) {
        if (batch.count > 0) waiting.delete(batch.topic)
        records += batch.count
        bytes += batch.byteLength
      }
    }
    return records === 0 ? undefined : bytes / records
  } finally {
    await consumer.close()
  }
}
