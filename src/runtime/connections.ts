import type { Admin, Consumer, KafkaDriver, OffsetReset, Producer, SendFailure, TopicPartition } from '../kafka/port.ts'
import type { Settings } from './settings.ts'

/** Opens a thread's consumer; `offsetReset` decides where a position is outside of the log. */
export function openConsumer(
  driver: KafkaDriver,
  settings: Settings,
  clientId: string,
  offsetReset: (partition: TopicPartition) => OffsetReset,
): Consumer {
  return driver.consumer({
    clientId,
    isolationLevel: 'read_committed',
    offsetReset,
    fetchMinBytes: settings.fetchMinBytes,
    fetchMaxBytes: settings.fetchMaxBytes,
    partitionFetchMaxBytes: settings.partitionFetchMaxBytes,
    fetchMaxWaitMs: settings.fetchMaxWaitMs,
    bufferedBytesMax: settings.fetchBufferedBytesMax,
  })
}

export function openProducer(
  driver: KafkaDriver,
  settings: Settings,
  clientId: string,
  onSendError: (failure: SendFailure) => 'continue' | 'fail',
): Producer {
  return driver.producer({
    clientId,
    acks: settings.producerAcks,
    idempotent: settings.producerAcks === 'all',
    compression: settings.producerCompression,
    lingerMs: settings.producerLingerMs,
    batchBytes: settings.producerBatchBytes,
    bufferedBytesMax: settings.producerBufferedBytesMax,
    maxRequestBytes: settings.producerMaxRequestBytes,
    deliveryTimeoutMs: settings.producerDeliveryTimeoutMs,
    onSendError,
  })
}

/** What one thread talks to Kafka with. */
export interface ThreadConnections {
  readonly consumer: Consumer
  readonly restoreConsumer: Consumer
  readonly producer: Producer
  readonly admin: Admin
}

export async function closeConnections(connections: ThreadConnections, timeoutMs: number): Promise<void> {
  const { consumer, restoreConsumer, producer, admin } = connections
  await Promise.allSettled([consumer.close(), restoreConsumer.close(), producer.close(timeoutMs), admin.close()])
}
