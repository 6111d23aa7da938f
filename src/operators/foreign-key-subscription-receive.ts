import type { Headers } from '../core/headers.ts'
import type { SubscriptionStore } from '../stores/port.ts'
import { type Subscription, subscriptionInstruction } from '../topology/foreign-key-message.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'

/** Side of the foreign key: keeps who refers to it, and passes each subscription on to be answered. */
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
