import { errorCode, errorMessage } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Producer } from '../../kafka/port.ts'

/** Of the first look; each one after it takes twice as long. */
const firstLookMs = 1000

/** Topics that are written to by a fixed name may be made a moment later than the application: it waits, and says for what. */
export class OutputTopics {
  readonly #producer: Producer
  readonly #topics: readonly string[]
  readonly #logger: Logger
  #lookMs = firstLookMs
  #leftMs: number

  constructor(producer: Producer, topics: readonly string[], timeoutMs: number, logger: Logger) {
    this.#producer = producer
    this.#topics = topics
    this.#leftMs = timeoutMs
    this.#logger = logger
  }

  /** Learns their partitions. Rejects with UNKNOWN_TOPIC (fatal) once the time is up or `isStopped`, and with what a look rejects with. */
  async prepare(isStopped: () => boolean): Promise<void> {
    if (this.#topics.length === 0) return
    while (!(await this.#look(isStopped))) {}
  }

  async #look(isStopped: () => boolean): Promise<boolean> {
    const lookMs = Math.min(this.#lookMs, this.#leftMs)
    try {
      await this.#producer.prepareTopics(this.#topics, lookMs)
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
