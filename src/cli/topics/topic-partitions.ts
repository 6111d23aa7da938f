import type { Admin, TopicPartition } from '../../kafka/port.ts'

/** The partitions of topics that exist; a topic that is missing has none. */
export async function topicPartitions(admin: Admin, topics: readonly string[]): Promise<readonly TopicPartition[]> {
  return (await admin.describeTopics(topics)).flatMap(({ name, partitions }) =>
    partitions.map(({ partition }) => ({ topic: name, partition })),
  )
}
