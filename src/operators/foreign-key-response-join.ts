import { type Bytes, compareBytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import type { SubscriptionResponse } from '../topology/foreign-key-message.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { openTableView, type TableReader } from './table-view.ts'
import { valueHash } from './value-hash.ts'

/**
 * Step 4 of a foreign-key join, on the left table again: joins an answer with the row that asked. An answer whose hash
 * is not that of the current row is dropped and counted: the row has changed since, and its change has asked again.
 * Without a right row an inner join gives a tombstone, and so does a left row that no longer exists. It is stateless.
 * Equals Java's ResponseJoinProcessorSupplier.
 */
export class ForeignKeyResponseJoinOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'foreign-key-response-join'>
  #left!: TableReader

  constructor(spec: SpecOf<'foreign-key-response-join'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#left = openTableView(this.#spec.left, context)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { hash, foreignValue } = value as SubscriptionResponse
    const { join, joiner, leftValueSerde } = this.#spec
    const left = this.#left.get(key)?.value ?? null
    if (!sameHash(hash, valueHash(leftValueSerde, left))) {
      this.context.dropped('answer to an outdated row')
      return
    }
    const isGone = foreignValue == null && (join === 'inner' || left === null)
    const joined = isGone ? null : synchronous(joiner(key, left, foreignValue ?? null))
    this.output.process(key, joined ?? null, timestamp, headers)
  }

  override close(): void {
    this.#left?.close()
  }
}

function sameHash(one: Bytes | null, other: Bytes | null): boolean {
  return one === null || other === null ? one === other : compareBytes(one, other) === 0
}
