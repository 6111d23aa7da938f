import { defaultGeneratorOptions, generateLogs } from '../fleet/generator/log-generator.ts'
import { maxMessageBytes, topics } from '../fleet/topics.ts'
import { openKafka, partitionOfKey } from '../src/index.ts'

/** Events a second of event time: what one process is to keep up with, so that windows hold what they would hold then. */
const eventsPerSecond = 100_000
const flushTimeoutMs = 120_000

export interface InputSize {
  readonly records: number
  readonly meanBytes: number
}

/** Fills the application topic with generated logs (bursts, duplicates, late and malformed ones as they come). */
export async function fillApplicationLogs(bootstrap: string, records: number): Promise<InputSize> {
  const driver = openKafka({ bootstrap: [bootstrap] })
  const producer = driver.producer({
    clientId: 'bench-input',
    acks: 'all',
    idempotent: true,
    compression: 'lz4',
    lingerMs: 50,
    idleLingerMs: 50,
    batchBytes: 64 * 1024,
    bufferedBytesMax: 32 * 1024 * 1024,
    maxRequestBytes: maxMessageBytes,
    deliveryTimeoutMs: 120_000,
    onSendError: () => 'fail',
  })
  const topic = topics.application.name
  await producer.prepareTopics([topic], 30_000)
  const startMs = Date.now() - Math.ceil((records / eventsPerSecond) * 1000)
  let [written, bytes] = [0, 0]
  for (const record of generateLogs({ ...defaultGeneratorOptions, ratePerSecond: eventsPerSecond, startMs })) {
    if (record.topic !== topic) continue
    if (producer.isFull) await producer.drained()
    const key = Buffer.from(record.key ?? '')
    producer.send(topic, partitionOfKey(key, topics.application.partitions), key, record.value, record.timestampMs, [])
    bytes += record.value.length
    if (++written === records) break
  }
  await producer.flush(flushTimeoutMs)
  await producer.close(flushTimeoutMs)
  await driver.close()
  return { records, meanBytes: bytes / records }
}
