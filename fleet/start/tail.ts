import { type KafkaConnection, openKafka } from '../../src/index.ts'
import type { Alert } from '../../schemas/alert.ts'
import { topics } from '../topics.ts'

/** What the fleet told since the tail was started. */
export interface Told {
  readonly deadLetters: number
  readonly windowsClosed: number
  readonly alerts: number
  /** The last of them, newest last. */
  readonly recentAlerts: readonly Alert[]
}

/** Reads the fleet's output topics from outside, as anybody could. */
export interface Tail {
  told(): Told
  stop(): Promise<void>
}

const mebibyte = 1024 * 1024
const recentMax = 8
const pollMs = 500

export async function startTail(kafka: KafkaConnection, onAlert: (alert: Alert) => void): Promise<Tail> {
  const driver = openKafka(kafka)
  const consumer = driver.consumer({
    clientId: 'fastmcp-tail',
    isolationLevel: 'read_committed',
    offsetReset: () => 'latest',
    fetchMinBytes: 1,
    fetchMaxBytes: 16 * mebibyte,
    partitionFetchMaxBytes: mebibyte,
    fetchMaxWaitMs: pollMs,
    bufferedBytesMax: 16 * mebibyte,
  })
  const admin = driver.admin()
  const descriptions = await admin.describeTopics([topics.alerts.name, topics.rates.name, topics.deadLetters.name])
  const partitions = descriptions.flatMap(({ name, partitions: list }) =>
    list.map(({ partition }) => ({ topic: name, partition })),
  )
  // From where the logs end now, so that everything reported later is included.
  const ends = await admin.listOffsets(
    partitions.map((partition) => ({ ...partition, at: 'latest' as const })),
    'read_committed',
  )
  consumer.assign(ends)
  const counts = { [topics.alerts.name]: 0, [topics.rates.name]: 0, [topics.deadLetters.name]: 0 }
  const recentAlerts: Alert[] = []
  let running = true
  const readOnce = async (): Promise<void> => {
    for (const batch of await consumer.poll(pollMs)) {
      counts[batch.topic] = (counts[batch.topic] ?? 0) + batch.count
      if (batch.topic !== topics.alerts.name) continue
      for (let index = 0; index < batch.count; index++) {
        const alert = JSON.parse(Buffer.from(batch.value(index) ?? []).toString()) as Alert
        recentAlerts.push(alert)
        if (recentAlerts.length > recentMax) recentAlerts.shift()
        onAlert(alert)
      }
    }
  }
  const run = async (): Promise<void> => {
    try {
      while (running) await readOnce()
    } finally {
      await driver.close()
    }
  }
  const ended = run()
  return {
    told: () => ({
      deadLetters: counts[topics.deadLetters.name] ?? 0,
      windowsClosed: counts[topics.rates.name] ?? 0,
      alerts: counts[topics.alerts.name] ?? 0,
      recentAlerts: [...recentAlerts],
    }),
    stop: async () => {
      running = false
      consumer.wakeup()
      await ended
    },
  }
}
