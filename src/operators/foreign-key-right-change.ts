import type { Headers } from '../core/headers.ts'
import type { SubscriptionStore } from '../stores/port.ts'
import type { Subscription, SubscriptionResponse } from '../topology/foreign-key-message.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { Change, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * Also on the partition of the foreign key: sends each change of a right row to all left rows that refer to it, in byte
 * order of their primary keys. Changes with a null key, and out-of-order changes of versioned tables, are dropped and
 * counted. It only reads the store of step 2. Equals Java's ForeignTableJoinProcessorSupplier.
 */
export class ForeignKeyRightChangeOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'foreign-key-right-change'>
  #subscriptions!: SubscriptionStore<unknown, unknown, Subscription>

  constructor(spec: SpecOf<'foreign-key-right-change'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#subscriptions = context.store(this.#spec.store) as SubscriptionStore<unknown, unknown, Subscription>
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key == null) {
      this.context.dropped('null key')
      return
    }
    const { newValue, isLatest } = value as Change
    if (this.#spec.inputVersioned && !isLatest) {
      this.context.dropped('out-of-order change of a versioned table')
      return
    }
    for (const subscriber of this.#subscriptions.subscribers(key)) {
      const { hash, primaryPartition } = subscriber.value.value
      const response: SubscriptionResponse = { hash, foreignValue: newValue ?? null, primaryPartition }
      this.output.process(subscriber.key, response, timestamp, headers)
    }
  }
}
