import { consequenceOf, errorMessage } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import type { Producer, SendFailure } from '../kafka/port.ts'
import type { ProductionHandler } from './handlers.ts'
import { anyPartition } from './record-collector.ts'

/**
 * Records that Kafka did not take after they had left their task. What a retry may mend fails the flush, so that the
 * interval is processed again; the rest is the production handler's to decide, with the record as it was sent.
 */
export class SendFailures {
  readonly #threadName: string
  readonly #handler: ProductionHandler
  readonly #deadLetterTopic: string | undefined
  readonly #logger: Logger
  #producer: Producer | undefined
  /** Records dropped by the handler. */
  dropped = 0

  constructor(threadName: string, handler: ProductionHandler, deadLetterTopic: string | undefined, logger: Logger) {
    this.#threadName = threadName
    this.#handler = handler
    this.#deadLetterTopic = deadLetterTopic
    this.#logger = logger
  }

  attach(producer: Producer): void {
    this.#producer = producer
  }

  readonly decide = (failure: SendFailure): 'continue' | 'fail' => {
    const { topic, partition, key, value, timestamp, headers, error } = failure
    const fields = { topic, partition, error: errorMessage(error) }
    // A dead letter that cannot be written must not be dropped in its turn.
    if (consequenceOf(error) === 'retriable' || topic === this.#deadLetterTopic) {
      this.#logger.warn(fields, 'record not delivered')
      return 'fail'
    }
    const context = {
      taskId: this.#threadName,
      topic,
      partition,
      offset: -1,
      timestamp,
      headers,
      rawKey: key,
      rawValue: value,
      nodeName: undefined,
      deadLetterTopic: this.#deadLetterTopic,
    }
    const response = this.#handler(error, context, { topic, key, value, timestamp, headers })
    for (const letter of response.deadLetters) {
      this.#producer?.send(letter.topic, anyPartition, letter.timestamp, letter.key, letter.value, letter.headers)
    }
    if (response.action === 'fail') return 'fail'
    this.dropped++
    this.#logger.warn(fields, 'record dropped: Kafka refused it')
    return 'continue'
  }
}
