import type { KafkaDriver } from '../../src/kafka/port.ts'
import { wholeTopic } from '../../src/kafka/record-ranges.ts'
import { RecordReader } from '../../src/kafka/record-reader.ts'

/** All values of a topic in committed transactions up to its end, as JSON. A client that waits for the last offset waits forever: it is that of a marker. */
export async function committedValues<Value>(driver: KafkaDriver, topic: string): Promise<readonly Value[]> {
  const reader = new RecordReader(driver, await wholeTopic(driver.admin(), topic))
  const values: Value[] = []
  try {
    for await (const batch of reader.batches(20_000)) {
      for (let index = 0; index < batch.count; index++)
        values.push(JSON.parse(Buffer.from(batch.value(index) ?? []).toString()) as Value)
    }
  } finally {
    await reader.close()
  }
  return values
}
