import { type RecordRange, RecordReader } from '../../src/kafka/record-reader.ts'
import type { KafkaDriver } from '../../src/index.ts'

const silenceMs = 10_000

/** Calls `take` with key, value and time of each record. */
export async function eachRecord(
  kafka: KafkaDriver,
  ranges: readonly RecordRange[],
  take: (key: string, value: string, timestamp: number) => void,
): Promise<void> {
  const reader = new RecordReader(kafka, ranges)
  try {
    for await (const batch of reader.batches(silenceMs)) {
      const end = reader.endOf(batch)
      for (let index = 0; index < batch.count && batch.offset(index) < end; index++)
        take(textOf(batch.key(index)), textOf(batch.value(index)), batch.timestamp(index))
    }
  } finally {
    await reader.close()
  }
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : Buffer.from(bytes).toString()
}
