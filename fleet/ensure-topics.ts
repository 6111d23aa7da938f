import { type KafkaConnection, openKafka } from '../src/index.ts'
import { topics } from './topics.ts'

const timeoutMs = 30_000

/** Makes the fleet's topics that do not exist, with the partitions and retention of the specification. */
export async function ensureTopics(kafka: KafkaConnection, replicationFactor: number): Promise<readonly string[]> {
  const driver = openKafka(kafka)
  try {
    const admin = driver.admin()
    const wanted = Object.values(topics).map(({ name, partitions, retentionMs, cleanupPolicy, maxMessageBytes }) => ({
      name,
      partitions,
      replicationFactor,
      configs: {
        'retention.ms': String(retentionMs),
        'cleanup.policy': cleanupPolicy,
        'max.message.bytes': String(maxMessageBytes),
      },
    }))
    return await admin.createTopics(wanted, timeoutMs)
  } finally {
    await driver.close()
  }
}
