import { type KafkaConnection, openKafka, partitionOfKey, systemClock } from '../../src/index.ts'
import { defaultGeneratorOptions, generateLogs } from '../generator/log-generator.ts'
import { inputTopics, maxMessageBytes, topics } from '../topics.ts'

/** Writes generated logs at an even rate until it is stopped. */
export interface Feeder {
  stop(): Promise<void>
}

const tickMs = 50
const timeoutMs = 30_000
const services = {
  checkout: { owner: 'team-shop', tier: 'gold' },
  payments: { owner: 'team-pay', tier: 'gold' },
  catalog: { owner: 'team-shop', tier: 'silver' },
  search: { owner: 'team-find', tier: 'silver' },
  identity: { owner: 'team-people', tier: 'gold' },
  shipping: { owner: 'team-move', tier: 'bronze' },
} as const

function feederProducer(kafka: KafkaConnection) {
  const driver = openKafka(kafka)
  const producer = driver.producer({
    clientId: 'fastmcp-generator',
    acks: 'all',
    idempotent: true,
    compression: 'lz4',
    lingerMs: 5,
    idleLingerMs: 5,
    batchBytes: 16_384,
    bufferedBytesMax: 16 * 1024 * 1024,
    maxRequestBytes: maxMessageBytes,
    deliveryTimeoutMs: 120_000,
    onSendError: () => 'fail',
  })
  return { driver, producer }
}

/** Fills the service catalog that enrichment joins. */
export async function writeServices(kafka: KafkaConnection): Promise<void> {
  const { driver, producer } = feederProducer(kafka)
  try {
    await producer.prepareTopics([topics.services.name], timeoutMs)
    for (const [name, entry] of Object.entries(services)) {
      producer.send(
        topics.services.name,
        0,
        Buffer.from(name),
        Buffer.from(JSON.stringify(entry)),
        systemClock.nowMs(),
        [],
      )
    }
    await producer.flush(timeoutMs)
    await producer.close(timeoutMs)
  } finally {
    await driver.close()
  }
}

export async function startFeeder(
  kafka: KafkaConnection,
  options: { readonly rate: number; readonly seed: number },
): Promise<Feeder> {
  const { driver, producer } = feederProducer(kafka)
  await producer.prepareTopics(
    inputTopics.map((topic) => topic.name),
    timeoutMs,
  )
  const startMs = systemClock.nowMs()
  const logs = generateLogs({ ...defaultGeneratorOptions, seed: options.seed, ratePerSecond: options.rate, startMs })
  let next = logs.next().value
  let running = true
  const sendDue = async (nowMs: number): Promise<void> => {
    while (running && next.timestampMs <= nowMs) {
      if (producer.isFull) await producer.drained()
      const key = next.key === null ? null : Buffer.from(next.key)
      const partition = key === null ? -1 : partitionOfKey(key, producer.partitionCount(next.topic) ?? 1)
      producer.send(next.topic, partition, key, next.value, next.timestampMs, [])
      next = logs.next().value
    }
  }
  const run = async (): Promise<void> => {
    try {
      while (running) {
        await sendDue(systemClock.nowMs())
        await systemClock.sleep(tickMs)
      }
      await producer.flush(timeoutMs)
      await producer.close(timeoutMs)
    } finally {
      await driver.close()
    }
  }
  const ended = run()
  return {
    stop: () => {
      running = false
      return ended
    },
  }
}
