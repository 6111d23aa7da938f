import { consequenceOf, errorCode, errorMessage } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Producer, SendFailure } from '../../kafka/port.ts'
import { type DeadLetter, shortened } from '../errors/dead-letters.ts'
import { askHandler, type HandlerResponse } from '../errors/handlers.ts'
import { fateOf } from '../task/drop-log.ts'
import { anyPartition } from '../task/record-collector.ts'
import type { Settings } from '../settings.ts'
import type { Topology } from '../../topology/topology.ts'

type SendFailureSettings = Pick<Settings, 'applicationId' | 'productionHandler' | 'deadLetterTopic'>

/** The error of a record that is larger than its topic allows. */
const tooLarge: ReadonlySet<string | undefined> = new Set([
  'RECORD_TOO_LARGE',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
])

/**
 * Records that Kafka did not take after they had left their task. What a retry may mend fails the flush, so that the
 * interval is processed again; the rest is the production handler's to decide, with the record as it was sent.
 */
export class SendFailures {
  readonly #threadName: string
  readonly #topology: Pick<Topology, 'hash'>
  readonly #settings: SendFailureSettings
  readonly #logger: Logger
  #producer: Producer | undefined
  /** Records dropped by the handler. */
  dropped = 0

  constructor(threadName: string, topology: Pick<Topology, 'hash'>, settings: SendFailureSettings, logger: Logger) {
    this.#threadName = threadName
    this.#topology = topology
    this.#settings = settings
    this.#logger = logger
  }

  attach(producer: Producer): void {
    this.#producer = producer
  }

  readonly decide = (failure: SendFailure): 'continue' | 'fail' => {
    const { topic, partition, key, value, timestamp, headers, error } = failure
    const { applicationId, deadLetterTopic, productionHandler } = this.#settings
    const fields = { topic, partition, error: errorMessage(error) }
    // A dead letter that cannot be written must not be dropped.
    if (consequenceOf(error) === 'retriable' || topic === deadLetterTopic) {
      const letter = { topic, key, value, timestamp, headers }
      const shorter = topic === deadLetterTopic && tooLarge.has(errorCode(error)) ? shortened(letter) : undefined
      if (shorter !== undefined && this.#sendLetter(shorter)) return 'continue'
      this.#logger.warn(fields, 'record not delivered, the commit will fail')
      return 'fail'
    }
    const context = {
      applicationId,
      topologyHash: this.#topology.hash(),
      taskId: this.#threadName,
      topic,
      partition,
      offset: -1,
      timestamp,
      headers,
      rawKey: key,
      rawValue: value,
      nodeName: undefined,
      deadLetterTopic,
    }
    let response: HandlerResponse
    try {
      response = askHandler('productionHandler', error, () =>
        productionHandler(error, context, { topic, key, value, timestamp, headers }),
      )
    } catch (failed) {
      this.#logger.error(
        { ...fields, handler: errorMessage(failed) },
        'the production handler failed, the commit will fail',
      )
      return 'fail'
    }
    const areSent = response.deadLetters.every((letter) => this.#sendLetter(letter))
    if (response.action === 'fail' || !areSent) return 'fail'
    this.dropped++
    this.#logger.warn(fields, `${fateOf(response.deadLetters.length > 0)}: rejected by Kafka`)
    return 'continue'
  }

  /** Without what does not fit. False where the producer does not take it. */
  #sendLetter(letter: DeadLetter): boolean {
    for (let left: DeadLetter | undefined = letter; left !== undefined; left = shortened(left)) {
      try {
        this.#producer?.send(left.topic, anyPartition, left.key, left.value, left.timestamp, left.headers)
        return true
      } catch (error) {
        if (tooLarge.has(errorCode(error))) continue
        this.#logger.error(
          { topic: left.topic, error: errorMessage(error) },
          'dead letter not sent, the commit will fail',
        )
        return false
      }
    }
    return false
  }
}
