import { MillraceError } from '../core/errors.ts'
import { logAndContinue, logAndFail } from '../runtime/errors/handlers.ts'
import type { Settings } from '../runtime/settings.ts'
import { changelogTopicName } from '../topology/topology.ts'
import type { Topology } from '../topology/topology.ts'
import type { CapturedRecord } from './capture.ts'

/** What a topology has produced, by topic and in order, and to which topics it can produce at all. */
export class ProducedRecords {
  readonly inOrder: CapturedRecord[] = []
  readonly #queues = new Map<string, CapturedRecord[]>()
  readonly #known = new Set<string>()
  /** A topic that is chosen for each record, or by a handler of the user, can be any. */
  readonly #canBeAny: boolean

  constructor(topology: Topology, settings: Settings, topicName: (name: string) => string) {
    const { deserializationHandler, processingHandler, productionHandler, deadLetterTopic, applicationId } = settings
    let choosesTopic = false
    for (const node of topology.nodes.values()) {
      if (node.kind !== 'sink') continue
      if (typeof node.topic === 'string') this.#known.add(topicName(node.topic))
      else choosesTopic = true
    }
    for (const { name, changelog } of topology.stores.values()) {
      if (changelog !== undefined) this.#known.add(changelogTopicName(applicationId, name))
    }
    if (deadLetterTopic !== undefined) this.#known.add(deadLetterTopic)
    const builtIn: readonly unknown[] = [logAndContinue, logAndFail]
    const handlers = [deserializationHandler, processingHandler, productionHandler]
    this.#canBeAny = choosesTopic || handlers.some((handler) => !builtIn.includes(handler))
  }

  add(record: CapturedRecord): void {
    this.inOrder.push(record)
    const queue = this.#queues.get(record.topic)
    if (queue === undefined) this.#queues.set(record.topic, [record])
    else queue.push(record)
  }

  /** What was produced to a topic and not read yet. Throws UNKNOWN_TOPIC where nothing ever can be. */
  queue(topic: string): CapturedRecord[] {
    const queue = this.#queues.get(topic)
    if (queue !== undefined) return queue
    if (this.#canBeAny || this.#known.has(topic)) return []
    const known = [...this.#known].sort().join(', ')
    throw new MillraceError(
      'UNKNOWN_TOPIC',
      'fatal',
      `the topology writes to no topic ${topic}: it writes to ${known === '' ? 'none' : known}`,
    )
  }
}
