import { assertNever } from '../core/assert.ts'
import type { Headers } from '../core/headers.ts'
import {
  type Subscription,
  type SubscriptionResponse,
  subscriptionInstruction,
} from '../topology/foreign-key-message.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { openTableView, type TableReader } from './table-view.ts'

/**
 * Step 3 of a foreign-key join: answers a subscription with the right row of its foreign key, as its instruction asks:
 * always, only if the row exists, with null after a deletion, or not at all. The answer has the later of the times of
 * subscription and row. It is stateless. Equals Java's SubscriptionJoinProcessorSupplier.
 */
export class ForeignKeySubscriptionJoinOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'foreign-key-subscription-join'>
  #right!: TableReader

  constructor(spec: SpecOf<'foreign-key-subscription-join'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#right = openTableView(this.#spec.right, context)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { hash, instruction, primaryKey, primaryPartition } = value as Subscription
    const row = key == null ? undefined : this.#right.get(key)
    const answer = (foreignValue: unknown): void => {
      const response: SubscriptionResponse = { hash, foreignValue, primaryPartition }
      const resultTimestamp = row === undefined ? timestamp : Math.max(timestamp, row.timestamp)
      this.output.process(primaryKey, response, resultTimestamp, headers)
    }
    switch (instruction) {
      case subscriptionInstruction.deleteWithoutAnswer:
        return
      case subscriptionInstruction.deleteAndAnswer:
        return answer(null)
      case subscriptionInstruction.answerAlways:
        return answer(row === undefined ? null : row.value)
      case subscriptionInstruction.answerIfFound:
        if (row !== undefined) answer(row.value)
        return
      default:
        assertNever(instruction)
    }
  }

  override close(): void {
    this.#right?.close()
  }
}
