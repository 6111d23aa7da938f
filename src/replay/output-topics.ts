import type { Admin, NewTopic } from '../kafka/port.ts'
import { versionedName, versionedTopics } from './outputs.ts'
import type { ReplayPlan } from './plan.ts'
import { ageMs } from './shadow-config.ts'

const timeoutMs = 60_000

/** Settings by which topics of users differ; the others are the brokers'. */
const copiedConfigs = ['cleanup.policy', 'retention.bytes', 'max.message.bytes', 'message.timestamp.type']

/**
 * Makes the topics that a replay writes: those in place of live ones have their partitions and settings, and keep records
 * for as long, counted from the replay on.
 */
export async function createOutputTopics(
  plan: ReplayPlan,
  deadLetterTopic: string | undefined,
  admin: Admin,
): Promise<void> {
  const pairs = versionedTopics(plan.outputs).map(({ name, target }) => ({ name, target }))
  if (deadLetterTopic !== undefined) pairs.push({ name: deadLetterTopic, target: versionedName(deadLetterTopic, plan) })
  const described = await admin.describeTopics(pairs.map(({ name }) => name))
  const configs = await admin.describeTopicConfigs(described.map(({ name }) => name))
  const topics = pairs.map(({ name, target }): NewTopic => {
    const partitions = described.find((topic) => topic.name === name)?.partitions.length ?? -1
    return { name: target, partitions, replicationFactor: -1, configs: configsOf(configs.get(name) ?? {}, plan) }
  })
  const texts = plan.outputs.filter(({ action }) => action === 'topic')
  for (const { target } of texts) topics.push({ name: target, partitions: -1, replicationFactor: -1, configs: {} })
  await admin.createTopics(topics, timeoutMs)
}

function configsOf(live: Readonly<Record<string, string>>, plan: ReplayPlan): Readonly<Record<string, string>> {
  const copied = copiedConfigs.flatMap((name) => (live[name] === undefined ? [] : [[name, live[name]] as const]))
  const retentionMs = Number(live['retention.ms'] ?? -1)
  const retention = retentionMs < 0 ? -1 : retentionMs + ageMs(plan)
  return { ...Object.fromEntries(copied), 'retention.ms': String(retention) }
}
