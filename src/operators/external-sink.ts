import type { Headers } from '../core/headers.ts'
import { noHeaders } from '../core/headers.ts'
import type { Sink } from '../sinks/port.ts'
import type { RecordContext } from '../stores/task-stores.ts'
import type { Operator, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * Ends the stream in an external sink. Documents of one source record are numbered in the order in which they arrive,
 * so that a second delivery of the record gives each the same identity.
 */
export class ExternalSinkOperator implements Operator {
  readonly #sinkName: string
  #sink: Sink | undefined
  #context: RecordContext = { topic: '', partition: -1, offset: -1, timestamp: -1, headers: noHeaders }
  #topic = ''
  #partition = -1
  #offset = -1
  #sequence = 0

  constructor(spec: SpecOf<'external-sink'>) {
    this.#sinkName = spec.sink
  }

  open(context: OperatorContext): void {
    this.#sink = context.sink(this.#sinkName)
    this.#context = context.recordContext
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { topic, partition, offset } = this.#context
    const sequence = this.#nextSequence(topic, partition, offset)
    this.#sink?.add({ topic, partition, offset, sequence, timestamp, key, value, headers })
  }

  close(): void {}

  #nextSequence(topic: string, partition: number, offset: number): number {
    if (offset === this.#offset && partition === this.#partition && topic === this.#topic) return ++this.#sequence
    this.#topic = topic
    this.#partition = partition
    this.#offset = offset
    this.#sequence = 0
    return 0
  }
}
