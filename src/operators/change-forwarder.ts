import type { Headers } from '../core/headers.ts'
import { letGo } from '../stores/record-context.ts'
import type { CachedStore, StateStore, ValueAndTimestamp, Windowed } from '../stores/port.ts'
import type { OperatorContext, Receiver } from './operator.ts'
import type { PutOutcome } from './table-store.ts'

/** The kind of rows in a store, which decides how an entry that its cache releases becomes a change. */
export type FlushedValues = 'timestamped' | 'session'

/**
 * Forwards the changes of one operator: immediately, or, where its store has a record cache, when the cache releases
 * them. Then `forward` does nothing, as the cache has the row already. undefined and null both mean absent; a change
 * carries null, and an old value only where `sendOldValues` is set.
 */
export class ChangeForwarder {
  readonly #output: Receiver
  readonly #sendOldValues: boolean
  readonly #cached: boolean

  constructor(context: OperatorContext, store: StateStore | undefined, values: FlushedValues, sendOldValues: boolean) {
    this.#output = context.output
    this.#sendOldValues = sendOldValues
    this.#cached = store !== undefined && isCached(store)
    if (this.#cached) this.#listen(store as CachedStore, context, values)
  }

  /** `forward` does nothing: who makes a windowed key for it need not. */
  get isCached(): boolean {
    return this.#cached
  }

  /** `outcome`: of the put into the operator's store; a row that was not stored is not forwarded. */
  forward(
    key: unknown,
    newValue: unknown,
    oldValue: unknown,
    outcome: PutOutcome,
    timestamp: number,
    headers: Headers,
  ): void {
    if (this.#cached || outcome === 'not-stored') return
    const change = {
      newValue: newValue ?? null,
      oldValue: this.#sendOldValues ? (oldValue ?? null) : null,
      isLatest: outcome === 'latest',
    }
    this.#output.process(key, change, timestamp, headers)
  }

  #listen(store: CachedStore, context: OperatorContext, values: FlushedValues): void {
    const { output, recordContext, nodeName } = context
    const forward = (key: unknown, newValue: unknown, oldValue: unknown, timestamp: number): void => {
      const change = { newValue: newValue ?? null, oldValue: oldValue ?? null, isLatest: true }
      letGo(recordContext, { holder: nodeName, held: key, scope: 'record' }, () =>
        output.process(key, change, timestamp, recordContext.headers),
      )
    }
    store.onFlush((key, newValue, oldValue, timestamp) => {
      if (values === 'session') {
        forward(key, newValue, oldValue, (key as Windowed<unknown>).window.endMs)
        return
      }
      const newRow = newValue as ValueAndTimestamp<unknown> | null | undefined
      const oldRow = oldValue as ValueAndTimestamp<unknown> | null | undefined
      forward(key, newRow?.value, oldRow?.value, newRow?.timestamp ?? timestamp)
    }, this.#sendOldValues)
  }
}

function isCached(store: StateStore): store is CachedStore {
  return typeof (store as Partial<CachedStore>).onFlush === 'function'
}
