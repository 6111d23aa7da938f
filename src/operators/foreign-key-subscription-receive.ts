import type { Headers } from '../core/headers.ts'
import type { SubscriptionStore } from '../stores/port.ts'
import { type Subscription, subscriptionInstruction } from '../topology/foreign-key-message.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'

/**
 * Step 2 of a foreign-key join, on the partition of the foreign key: stores which left rows refer to it, then forwards
 * the subscription to step 3. A subscription that deletes removes its row. One with a null foreign key is dropped,
 * unless a left join wants an answer in any case; then it is forwarded and not stored. Equals Java's
 * SubscriptionReceiveProcessorSupplier.
 */
export class ForeignKeySubscriptionReceiveOperator extends ForwardingOperator {
  readonly #storeName: string
  #subscriptions!: SubscriptionStore<unknown, unknown, Subscription>

  constructor(spec: SpecOf<'foreign-key-subscription-receive'>) {
    super()
    this.#storeName = spec.store
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#subscriptions = context.store(this.#storeName) as SubscriptionStore<unknown, unknown, Subscription>
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const subscription = value as Subscription
    const { instruction, primaryKey } = subscription
    if (key == null && instruction !== subscriptionInstruction.answerAlways) {
      this.context.dropped('null foreign key')
      return
    }
    if (key != null) {
      this.enter(timestamp, headers)
      const isDeletion =
        instruction === subscriptionInstruction.deleteAndAnswer ||
        instruction === subscriptionInstruction.deleteWithoutAnswer
      if (isDeletion) this.#subscriptions.delete(key, primaryKey)
      else this.#subscriptions.put(key, primaryKey, { value: subscription, timestamp })
    }
    this.output.process(key, subscription, timestamp, headers)
  }
}
