import type { Headers } from '../core/headers.ts'
import { letGo } from '../stores/record-context.ts'
import type { CachedStore, StateStore, ValueAndTimestamp, Windowed } from '../stores/port.ts'
import type { OperatorContext, Receiver } from './operator.ts'

/** What a store holds, and so how a flushed entry becomes a change. */
export type FlushedValues = 'timestamped' | 'session'

/**
 * Forwards an operator's changes: at once, or, when the operator's store has a cache, as the cache releases them.
 * undefined and null both mean absent; changes carry null.
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

  forward(
    key: unknown,
    newValue: unknown,
    oldValue: unknown,
    isLatest: boolean,
    timestamp: number,
    headers: Headers,
  ): void {
    if (this.#cached) return
    const change = { newValue: newValue ?? null, oldValue: this.#sendOldValues ? (oldValue ?? null) : null, isLatest }
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
