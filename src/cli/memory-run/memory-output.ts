import type { KafkaDriver } from '../../kafka/port.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import { loneConsumer } from '../../kafka/lone-consumer.ts'
import { shownBytes, textOf } from '../records/record-line.ts'
import { sinkSerdes } from '../records/topic-serdes.ts'
import { topicPartitions } from '../topics/topic-partitions.ts'

const pollMs = 200

/** Prints what workers write to their output topics, as it comes. */
export interface MemoryOutput {
  /** Prints what is left, and ends. */
  close(): Promise<void>
}

/**
 * Reads these topics from their start, outside of any group, and passes each record to `print` with the serdes of the
 * worker that writes it. Records that arrive after `close` was called are still printed: the drain writes the last ones.
 */
export async function printOutput(
  kafka: KafkaDriver,
  workers: readonly PreparedWorker[],
  { topics, print }: { topics: readonly string[]; print: (record: OutputRecord) => void },
): Promise<MemoryOutput> {
  const consumer = loneConsumer(kafka)
  consumer.assign((await topicPartitions(kafka.admin(), topics)).map((place) => ({ ...place, offset: 'earliest' })))
  let isRunning = true
  const readOnce = async (waitMs: number): Promise<number> => {
    const batches = await consumer.poll(waitMs)
    for (const batch of batches) for (const record of recordsOf(batch, workers)) print(record)
    return batches.length
  }
  const reading = (async () => {
    while (isRunning) await readOnce(pollMs)
    // What the drain has written last.
    while ((await readOnce(pollMs)) > 0);
  })()
  return {
    async close() {
      isRunning = false
      await reading
      await consumer.close()
    },
  }
}

/** A record of an output topic, decoded with the serdes of its sink node. */
export interface OutputRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: unknown
  readonly value: unknown
}

/** `topic key value`, as a person reads it. */
export function outputLine({ topic, key, value }: OutputRecord): string {
  return `${topic}  ${key === null ? '-' : textOf(key)}  ${textOf(value)}`
}

function* recordsOf(batch: RecordBatch, workers: readonly PreparedWorker[]): Iterable<OutputRecord> {
  const { topic, partition } = batch
  const serdes = workers.map(({ topology }) => sinkSerdes(topology, topic)).find((found) => found !== undefined)
  for (let index = 0; index < batch.count; index++)
    yield {
      topic,
      partition,
      offset: batch.offset(index),
      timestamp: batch.timestamp(index),
      key: shownBytes(serdes?.key, batch.key(index), topic),
      value: shownBytes(serdes?.value, batch.value(index), topic),
    }
}
