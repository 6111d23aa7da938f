import { errorCode, errorMessage, MillraceError } from '../../core/errors.ts'
import type { Producer } from '../../kafka/port.ts'
import type { ThreadEnvironment } from './thread-environment.ts'
import type { TopologyTopics } from './topology-topics.ts'

const lookMs = 1000

/**
 * Looks up the internal topics that the cluster makes for a group of the streams protocol. They exist once it has
 * assigned tasks; brokers hear of it a moment later.
 */
export class InternalOutputs {
  readonly #environment: ThreadEnvironment
  readonly #producer: Producer
  readonly #topics: TopologyTopics
  #areKnown = false

  constructor(environment: ThreadEnvironment, producer: Producer, topics: TopologyTopics) {
    this.#environment = environment
    this.#producer = producer
    this.#topics = topics
  }

  /** Rejects with METADATA_BEHIND (retriable) while one of them is not known, and with what the lookup rejects with. */
  async prepare(): Promise<void> {
    if (this.#areKnown || this.#environment.topics.groupProtocol !== 'streams') return
    const topics = this.#topics.internalOutputs()
    try {
      if (topics.length > 0) await this.#producer.prepareTopics(topics, lookMs)
      this.#areKnown = true
    } catch (error) {
      if (errorCode(error) !== 'UNKNOWN_TOPIC') throw error
      const what = `internal topics of the group are not known yet (${errorMessage(error)})`
      throw new MillraceError('METADATA_BEHIND', 'retriable', what, { cause: error })
    }
  }
}
