import { counted } from '../../core/counted.ts'
import type { Admin, NewTopic, TopicDescription } from '../../kafka/port.ts'
import { internalTopicsOf } from '../../worker/cluster-state.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import { applicationTopics } from './application-topics.ts'

/** What is to be done about one topic. */
export type TopicStep =
  | { readonly topic: string; readonly action: 'none' }
  | { readonly topic: string; readonly action: 'create'; readonly create: NewTopic }
  | { readonly topic: string; readonly action: 'add-partitions'; readonly from: number; readonly to: number }
  | { readonly topic: string; readonly action: 'alter-configs'; readonly configs: readonly ConfigChange[] }
  /** No command can mend it: a person has to decide. */
  | { readonly topic: string; readonly action: 'conflict'; readonly reason: string }
  /** An internal topic of this application that its topology does not have. Deleted only when it is named. */
  | { readonly topic: string; readonly action: 'unused' | 'delete' }

/** A config of a topic that differs from its definition. `from` is undefined where the topic has none. */
export interface ConfigChange {
  readonly name: string
  readonly from: string | undefined
  readonly to: string
}

/**
 * Compares the topics of a worker with the cluster. `deletions` are unused topics that may be deleted; any other name is
 * refused as a conflict.
 */
export async function planTopics(
  worker: PreparedWorker,
  admin: Admin,
  deletions: readonly string[] = [],
): Promise<readonly TopicStep[]> {
  const { sources, outputs, deadLetters, internalNames, repartitions, changelogs } = await applicationTopics(
    worker,
    admin,
  )
  const internal = [...repartitions, ...changelogs]
  const defined = new Map([...worker.topics, ...internal].map((topic) => [topic.name, topic]))
  const names = [
    ...new Set([...defined.keys(), ...sources, ...outputs, ...(deadLetters === undefined ? [] : [deadLetters])]),
  ]
  const described = new Map((await admin.describeTopics(names)).map((topic) => [topic.name, topic]))
  const configs = await admin.describeTopicConfigs([...described.keys()])
  const isInternal = new Set(internalNames)
  const steps = names.flatMap((name) =>
    stepsOf(name, defined.get(name), described.get(name), configs.get(name) ?? {}, isInternal.has(name)),
  )
  const unused = (await internalTopicsOf(admin, worker.applicationId)).filter((name) => !isInternal.has(name))
  return [...steps, ...unused.map((topic) => unusedStep(topic, deletions)), ...refusals(deletions, unused)]
}

/** The steps for one topic: at most one about partitions and one about configs. */
function stepsOf(
  topic: string,
  defined: NewTopic | undefined,
  found: TopicDescription | undefined,
  configs: Readonly<Record<string, string>>,
  isInternal: boolean,
): readonly TopicStep[] {
  if (found === undefined) return [missingStep(topic, defined)]
  if (defined === undefined) return [{ topic, action: 'none' }]
  const steps: TopicStep[] = []
  const partitions = partitionStep(defined, found.partitions.length, isInternal)
  if (partitions !== undefined) steps.push(partitions)
  const changes = Object.entries(defined.configs)
    .filter(([name, value]) => configs[name] !== value)
    .map(([name, to]) => ({ name, from: configs[name], to }))
  if (changes.length > 0) steps.push({ topic, action: 'alter-configs', configs: changes })
  return steps.length > 0 ? steps : [{ topic, action: 'none' }]
}

function missingStep(topic: string, defined: NewTopic | undefined): TopicStep {
  if (defined !== undefined) return { topic, action: 'create', create: defined }
  const reason =
    'does not exist, and the module does not say how to create it: create it, or list it in topics of defineWorker'
  return { topic, action: 'conflict', reason }
}

/** Records of a key would change their partition: state and joins would be wrong without anybody noticing. */
function partitionStep({ name, partitions }: NewTopic, found: number, isInternal: boolean): TopicStep | undefined {
  if (partitions === -1 || partitions === found) return undefined
  if (isInternal)
    return {
      topic: name,
      action: 'conflict',
      reason: `has ${counted(found, 'partition')} where the topology needs ${partitions}: reset the application, or choose another application id`,
    }
  if (partitions > found) return { topic: name, action: 'add-partitions', from: found, to: partitions }
  const reason = `has ${counted(found, 'partition')}, more than the ${partitions} of its definition: Kafka cannot remove any; correct the definition`
  return { topic: name, action: 'conflict', reason }
}

/** Nothing is deleted that the user does not name. */
function unusedStep(topic: string, deletions: readonly string[]): TopicStep {
  return { topic, action: deletions.includes(topic) ? 'delete' : 'unused' }
}

/** A name that is no unused topic of this application is refused, so that a mistake deletes no topic of others. */
function refusals(deletions: readonly string[], unused: readonly string[]): readonly TopicStep[] {
  const reason = 'is not an unused internal topic of this application: it is not deleted'
  return deletions
    .filter((name) => !unused.includes(name))
    .map((topic) => ({ topic, action: 'conflict', reason }) as const)
}
