import { type KafkaConnection, openKafka } from '../app.ts'
import type { NewTopic } from '../kafka/port.ts'

const timeoutMs = 30_000

/** Creates the topics that do not exist, and resolves with their names; those that exist stay as they are. */
export async function ensureTopics(kafka: KafkaConnection, topics: readonly NewTopic[]): Promise<readonly string[]> {
  if (topics.length === 0) return []
  const driver = openKafka(kafka)
  try {
    return await driver.admin().createTopics(topics, timeoutMs)
  } finally {
    await driver.close()
  }
}
