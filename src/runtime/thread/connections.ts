import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type {
  Admin,
  Consumer,
  GroupMember,
  KafkaDriver,
  OffsetReset,
  PositionLoss,
  PositionLossKind,
  Producer,
  ProducerOptions,
  SendFailure,
  TopicPartition,
  TransactionalProducer,
} from '../../kafka/port.ts'
import { AtLeastOnce } from './at-least-once.ts'
import type { CommitMode } from './commit-mode.ts'
import { ExactlyOnce, transactionalIdOf } from './exactly-once.ts'
import type { Settings } from '../settings.ts'
import type { ThreadEnvironment } from './thread-environment.ts'
import type { TopologyTopics } from './topology-topics.ts'

/** `offsetReset` decides what happens where a position is not in the log. */
export function openConsumer(
  driver: KafkaDriver,
  settings: Settings,
  clientId: string,
  offsetReset: (partition: TopicPartition) => OffsetReset,
  onPositionLost?: (loss: PositionLoss) => void,
): Consumer {
  return driver.consumer({
    clientId,
    isolationLevel: 'read_committed',
    offsetReset,
    onPositionLost,
    fetchMinBytes: settings.fetchMinBytes,
    fetchMaxBytes: settings.fetchMaxBytes,
    partitionFetchMaxBytes: settings.partitionFetchMaxBytes,
    fetchMaxWaitMs: settings.fetchMaxWaitMs,
    bufferedBytesMax: settings.fetchBufferedBytesMax,
  })
}

const lossTexts: Readonly<Record<PositionLossKind, string>> = {
  deleted: 'records were deleted before they were read',
  'beyond-end': 'the log ends before the position',
  truncated: 'records that were read were lost by an unclean leader election',
  recreated: 'the topic was deleted and created again',
}

/** One warning per loss; `from` and `to` bound the records that are skipped, or read again. */
export function logPositionLoss(logger: Logger, loss: PositionLoss): void {
  const { topic, partition, kind, from, to } = loss
  logger.warn(
    { topic, partition, kind, from, to },
    `${lossTexts[kind]}: reading continues at offset ${to} instead of ${from}`,
  )
}

function producerOptions(
  settings: Settings,
  clientId: string,
  onSendError: (failure: SendFailure) => 'continue' | 'fail',
): ProducerOptions {
  return {
    clientId,
    acks: settings.producerAcks,
    // Otherwise a retry may write a record twice.
    idempotent: settings.producerAcks === 'all',
    compression: settings.producerCompression,
    lingerMs: settings.producerLingerMs,
    idleLingerMs: settings.producerIdleLingerMs,
    batchBytes: settings.producerBatchBytes,
    bufferedBytesMax: settings.producerBufferedBytesMax,
    maxRequestBytes: settings.producerMaxRequestBytes,
    deliveryTimeoutMs: settings.producerDeliveryTimeoutMs,
    onSendError,
  }
}

/** What is not delivered while the cluster keeps the transaction open never will be. */
function openTransactions(
  { driver, settings, processId }: ThreadEnvironment,
  threadNumber: number,
  options: ProducerOptions,
): TransactionalProducer | undefined {
  if (settings.processingGuarantee !== 'exactly-once') return undefined
  const { transactionTimeoutMs } = settings
  return driver.transactionalProducer({
    ...options,
    deliveryTimeoutMs: Math.min(options.deliveryTimeoutMs, transactionTimeoutMs),
    transactionalId: transactionalIdOf(settings.applicationId, processId, threadNumber),
    transactionTimeoutMs,
  })
}

/**
 * What one thread talks to Kafka with. Opened before the thread starts and closed after it has stopped; none of them is
 * shared with another thread.
 */
export interface ThreadConnections {
  readonly consumer: Consumer
  /** Reads changelogs; without resets, as a store must not miss a record. */
  readonly restoreConsumer: Consumer
  readonly producer: Producer
  /** The same producer where each commit is a transaction; undefined where it is not. */
  readonly transactions: TransactionalProducer | undefined
  readonly admin: Admin
}

/** Makes the four parts; nothing connects before it is used. */
export function openConnections(
  environment: ThreadEnvironment,
  { name: thread, number }: { readonly name: string; readonly number: number },
  topics: TopologyTopics,
  onSendError: (failure: SendFailure) => 'continue' | 'fail',
  logger: Logger,
): ThreadConnections {
  const { driver, settings, listener } = environment
  const outOfRange = ({ topic }: TopicPartition) => topics.outOfRangeOf(topic)
  const onPositionLost = (loss: PositionLoss): void => {
    logPositionLoss(logger, loss)
    listener.onPositionLost?.({ thread, ...loss })
  }
  const options = producerOptions(settings, `${thread}-producer`, onSendError)
  const transactions = openTransactions(environment, number, options)
  return {
    consumer: openConsumer(driver, settings, thread, outOfRange, onPositionLost),
    restoreConsumer: openConsumer(driver, settings, `${thread}-restore`, () => 'none'),
    producer: transactions ?? driver.producer(options),
    transactions,
    admin: driver.admin(),
  }
}

/** With transactions where the connections have a producer of them. */
export function commitModeOf(
  channel: ThreadConnections & { readonly member: () => GroupMember },
  settings: Settings,
  clock: Clock,
): CommitMode {
  const { transactions, member } = channel
  return transactions === undefined ? new AtLeastOnce(channel) : new ExactlyOnce(transactions, member, settings, clock)
}

/** Closes all four, whatever fails: what was not acknowledged within the time is processed again by the next owner. */
export async function closeConnections(connections: ThreadConnections, timeoutMs: number): Promise<void> {
  const { consumer, restoreConsumer, producer, admin } = connections
  await Promise.allSettled([consumer.close(), restoreConsumer.close(), producer.close(timeoutMs), admin.close()])
}
