import { errorCode, errorMessage } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Producer } from '../../kafka/port.ts'
import { Retry } from './retry.ts'
import type { ThreadEnvironment } from './thread-environment.ts'
import type { TopologyTopics } from './topology-topics.ts'

/** Of the first look; each one after it takes twice as long. */
const firstLookMs = 1000

/**
 * Before a thread joins the group: the partitions of every topic that is written to by a fixed name, and what serdes
 * must know to write to it. Such topics may be created a moment later than the application: it waits, and says for
 * which.
 */
export class OutputPreparation {
  readonly #environment: ThreadEnvironment
  readonly #producer: Producer
  readonly #topics: TopologyTopics
  readonly #logger: Logger
  #lookMs = firstLookMs
  #leftMs: number

  constructor(environment: ThreadEnvironment, producer: Producer, topics: TopologyTopics, logger: Logger) {
    this.#environment = environment
    this.#producer = producer
    this.#topics = topics
    this.#logger = logger
    this.#leftMs = environment.settings.missingTopicsTimeoutMs
  }

  /**
   * Retries what passes. Rejects with UNKNOWN_TOPIC (fatal) once `missingTopicsTimeoutMs` is over, with what a look
   * or a serde rejects with, and never once `isStopped`.
   */
  async prepare(isStopped: () => boolean): Promise<void> {
    const { clock, settings } = this.#environment
    const retry = new Retry('outputs could not be prepared', settings.taskTimeoutMs, clock, this.#logger)
    const prepare = async () => {
      await this.#findTopics(isStopped)
      await this.#topics.prepareSerdes()
    }
    try {
      await retry.insist(prepare, isStopped)
    } catch (error) {
      if (!isStopped()) throw error
    }
  }

  async #findTopics(isStopped: () => boolean): Promise<void> {
    // What the cluster makes is there when it has assigned tasks.
    const made = this.#environment.topics.groupProtocol === 'streams' ? [] : this.#topics.internalOutputs()
    const topics = [...this.#topics.outputs(), ...made]
    if (topics.length === 0) return
    while (!(await this.#look(topics, isStopped))) {}
  }

  /** False: some topic is still missing, and time is left. */
  async #look(topics: readonly string[], isStopped: () => boolean): Promise<boolean> {
    const lookMs = Math.min(this.#lookMs, this.#leftMs)
    try {
      await this.#producer.prepareTopics(topics, lookMs)
      return true
    } catch (error) {
      // A slow cluster is given longer each time.
      this.#lookMs *= 2
      if (errorCode(error) !== 'UNKNOWN_TOPIC') throw error
      this.#leftMs -= lookMs
      if (isStopped() || this.#leftMs <= 0) throw error
      this.#logger.warn({ error: errorMessage(error), givenUpInMs: this.#leftMs }, 'waiting for output topics')
      return false
    }
  }
}
