import { type Bytes, compareBytes } from '../core/bytes.ts'
import { type Headers, noHeaders } from '../core/headers.ts'
import {
  type Subscription,
  type SubscriptionInstruction,
  subscriptionInstruction,
} from '../topology/foreign-key-message.ts'
import type { Change } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { valueHash } from './value-hash.ts'

/**
 * Step 1 of a foreign-key join (KIP-213), on the left table: sends a subscription for each changed row to the partition
 * of its foreign key. A row that moves to another foreign key leaves the old one without an answer, since the new one
 * always answers: null takes back an earlier result. Out-of-order changes of versioned tables are dropped, and so are
 * rows without foreign key unless the join is left. It is stateless. Equals Java's SubscriptionSendProcessorSupplier.
 */
export class ForeignKeySubscriptionSendOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'foreign-key-subscription-send'>

  constructor(spec: SpecOf<'foreign-key-subscription-send'>) {
    super()
    this.#spec = spec
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const change = value as Change
    if (this.#spec.inputVersioned && !change.isLatest) {
      this.context.dropped('out-of-order change of a versioned table')
      return
    }
    if (change.newValue == null && change.oldValue == null) return
    const oldKey = this.#foreignKey(key, change.oldValue)
    const newKey = this.#foreignKey(key, change.newValue)
    const hash = valueHash(this.#spec.leftValueSerde, change.newValue)
    const send = (foreignKey: unknown, instruction: SubscriptionInstruction): void => {
      const primaryPartition = this.record.partition
      const subscription: Subscription = { hash, instruction, primaryKey: key, primaryPartition }
      this.output.process(foreignKey, subscription, timestamp, headers)
    }
    if (this.#spec.join === 'left') this.#sendLeft(oldKey, newKey, send)
    else this.#sendInner(oldKey, newKey, change, send)
  }

  #sendLeft(
    oldKey: unknown,
    newKey: unknown,
    send: (key: unknown, instruction: SubscriptionInstruction) => void,
  ): void {
    if (oldKey !== null && this.#differ(oldKey, newKey)) send(oldKey, subscriptionInstruction.deleteWithoutAnswer)
    send(newKey, subscriptionInstruction.answerAlways)
  }

  #sendInner(
    oldKey: unknown,
    newKey: unknown,
    change: Change,
    send: (key: unknown, instruction: SubscriptionInstruction) => void,
  ): void {
    if (oldKey === null) {
      if (newKey !== null) send(newKey, subscriptionInstruction.answerIfFound)
    } else if (newKey === null) {
      send(oldKey, subscriptionInstruction.deleteAndAnswer)
    } else if (this.#differ(oldKey, newKey)) {
      send(oldKey, subscriptionInstruction.deleteWithoutAnswer)
      send(newKey, subscriptionInstruction.answerAlways)
    } else {
      send(newKey, subscriptionInstruction.answerIfFound)
    }
    if (newKey === null && change.newValue != null) this.context.dropped('null foreign key')
  }

  #foreignKey(key: unknown, value: unknown): unknown {
    return value == null ? null : (this.#spec.foreignKey(key, value) ?? null)
  }

  #differ(oldKey: unknown, newKey: unknown): boolean {
    return newKey === null || compareBytes(this.#bytes(oldKey), this.#bytes(newKey)) !== 0
  }

  #bytes(foreignKey: unknown): Bytes {
    return this.#spec.foreignKeySerde.serialize(foreignKey, this.#spec.foreignKeyTopic, noHeaders)
  }
}
