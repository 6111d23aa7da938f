import type { StateStore } from '../../stores/port.ts'
import {
  answerRead,
  type HeldStores,
  type StoreAnswer,
  type StoreRead,
  type StoreReadMethod,
} from '../thread/store-read.ts'
import type { ThreadHandle } from '../thread/thread-handle.ts'
import { LocalStore, type LocalStoreOptions } from './local-store.ts'
import type { RowsOptions, StoreQuery } from './store-query.ts'

/** A view whose methods return promises. */
export type AsyncView<View> = {
  readonly [Name in keyof View]: View[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Result>
    : never
}

/**
 * A view that asks the threads: each call reads the same of every partition, and the usual view then answers from what
 * came back. Throws STORE_NOT_FOUND and STORE_KIND.
 */
export function asyncView<View>(
  query: StoreQuery<View>,
  options: LocalStoreOptions,
  threads: () => readonly ThreadHandle[],
): AsyncView<View> {
  const { spec } = new LocalStore(options)
  const isGlobal = options.topology.globalStores.has(spec.name)

  const ask = (read: StoreRead): Promise<readonly StoreAnswer[]> => {
    const global = options.globalStore()
    if (global !== undefined)
      return Promise.resolve([answerRead({ running: [[0, global]], restoringTaskId: undefined }, read)])
    // Every worker thread has all of a global table.
    const asked = isGlobal ? threads().slice(0, 1) : threads()
    return Promise.all(asked.map((thread) => thread.read(read)))
  }

  const call = async (method: StoreReadMethod, arity: number, args: readonly unknown[]): Promise<unknown> => {
    const { rowsMax = Number.POSITIVE_INFINITY } = (args[arity] ?? {}) as RowsOptions
    const answers = await ask({ store: spec.name, method, args: args.slice(0, arity), rowsMax })
    const held = answers.map((answer) => answered(answer, method))
    const globalStore = () => (isGlobal ? held[0]?.running[0]?.[1] : undefined)
    const view = query.view(
      new LocalStore({ ...options, globalStore, threads: () => held.map((one) => ({ stores: () => one })) }),
    )
    return (view as Readonly<Record<StoreReadMethod, (...args: readonly unknown[]) => unknown>>)[method](...args)
  }

  const methods = Object.entries(query.methods) as [StoreReadMethod, number][]
  return Object.fromEntries(
    methods.map(([method, arity]) => [method, (...args: readonly unknown[]) => call(method, arity, args)]),
  ) as AsyncView<View>
}

/** Stores that return what was answered, to the one call that was asked. */
function answered({ running, restoringTaskId }: StoreAnswer, method: StoreReadMethod): HeldStores {
  const stores = running.map(([partition, result]) => {
    const store = { [method]: () => result } as unknown as StateStore
    return [partition, store] as const
  })
  return { running: stores, restoringTaskId }
}
