import type { Headers } from '../core/headers.ts'
import type { DocumentNumbers } from '../sinks/document-numbers.ts'
import type { Sink } from '../sinks/port.ts'
import { newRecordContext, type RecordContext } from '../stores/record-context.ts'
import { heldIdentity } from './held-identity.ts'
import type { Operator, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * The external-sink operator ends the stream in a sink outside of Kafka (`toSink`). It adds each record to the task's
 * instance of the sink, which writes all records of an interval before their offsets are committed; null values are
 * documents too. Each document gets the parts of its identity: topic, partition and offset of its record with a number,
 * or, for a record that an operator held and released, a hash of what was held. A record that is processed again
 * therefore replaces its own document, unless a wall-clock time released it.
 */
export class ExternalSinkOperator implements Operator {
  readonly #sinkName: string
  #sink!: Sink
  #numbers!: DocumentNumbers
  #context: RecordContext = newRecordContext()
  readonly #identityOf: string | undefined
  #applicationId = ''
  #taskId = ''

  constructor(spec: SpecOf<'external-sink'>) {
    this.#sinkName = spec.sink
    this.#identityOf = spec.identityOf
  }

  open(context: OperatorContext): void {
    this.#sink = context.sink(this.#sinkName)
    this.#numbers = context.documentNumbers(this.#sinkName)
    this.#context = context.recordContext
    this.#applicationId = this.#identityOf ?? context.applicationId
    this.#taskId = context.taskId
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { topic, partition, offset, origin } = this.#context
    if (origin !== undefined || topic === '') {
      this.#addHeld(key, value, timestamp, headers)
      return
    }
    const sequence = this.#numbers.next(topic, partition, offset)
    this.#sink.add({ topic, partition, offset, sequence, timestamp, key, value, headers })
  }

  close(): void {}

  /** A record that was held and released: its source record alone does not identify it. */
  #addHeld(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { topic, partition, offset } = this.#context
    const known = heldIdentity(this.#context, this.#applicationId, this.#taskId)
    const identity = known ?? this.#numbers.moment()
    const sequence = known === undefined ? 0 : this.#numbers.nextOf(identity)
    this.#sink.add({ topic, partition, offset, sequence, identity, timestamp, key, value, headers })
  }
}
