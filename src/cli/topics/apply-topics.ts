import type { Admin } from '../../kafka/port.ts'
import type { TopicStep } from './topic-plan.ts'

const timeoutMs = 60_000

/** Carries a plan out, creations first. Conflicts and unused topics stay as they are. Rejects at the first refusal. */
export async function applyTopics(steps: readonly TopicStep[], admin: Admin): Promise<readonly string[]> {
  const created = steps.flatMap((step) => (step.action === 'create' ? [step.create] : []))
  if (created.length > 0) await admin.createTopics(created, timeoutMs)
  for (const step of steps) {
    if (step.action === 'add-partitions') await admin.createPartitions(step.topic, step.to)
    if (step.action === 'alter-configs')
      await admin.alterTopicConfigs(step.topic, Object.fromEntries(step.configs.map(({ name, to }) => [name, to])))
  }
  const deleted = steps.flatMap((step) => (step.action === 'delete' ? [step.topic] : []))
  if (deleted.length > 0) await admin.deleteTopics(deleted)
  return steps.filter(({ action }) => changes(action)).map(({ action, topic }) => `${action} ${topic}`)
}

/** Whether a step of this kind changes the cluster. */
export function changes(action: TopicStep['action']): boolean {
  return action !== 'none' && action !== 'conflict' && action !== 'unused'
}
