import { MillraceError } from '../../core/errors.ts'
import type { StateStore } from '../../stores/port.ts'
import type { TaskRegistry } from './task-registry.ts'

/** A store as the tasks of a thread hold it. */
export interface HeldStores {
  /** By partition: those that can be read. */
  readonly running: readonly (readonly [partition: number, store: StateStore])[]
  /** The task that still restores it; undefined: none. */
  readonly restoringTaskId: string | undefined
}

/** The methods of stores that a query may call from outside of their thread. */
export type StoreReadMethod = 'get' | 'range' | 'all' | 'fetch' | 'fetchAll' | 'findSessions'

/** One call on every partition of a store that a thread has. */
export interface StoreRead {
  readonly store: string
  readonly method: StoreReadMethod
  readonly args: readonly unknown[]
  /** Of a method that returns rows: no more than so many of each partition. */
  readonly rowsMax: number
}

/** What the partitions returned; rows as an array. */
export interface StoreAnswer {
  readonly running: readonly (readonly [partition: number, result: unknown])[]
  readonly restoringTaskId: string | undefined
}

/** A store as the tasks of a thread hold it. */
export function heldStoresOf(registry: TaskRegistry, name: string): HeldStores {
  const running: [number, StateStore][] = []
  let restoringTaskId: string | undefined
  for (const { idText, state, task } of registry.all) {
    if (task === undefined || !task.hasStore(name)) continue
    if (state === 'RESTORING') restoringTaskId = idText
    const store = state === 'RUNNING' ? task.findStore(name) : undefined
    if (store !== undefined) running.push([task.partition, store])
  }
  return { running, restoringTaskId }
}

/** Reads everything within the call, so that no record is processed in between. */
export function answerRead({ running, restoringTaskId }: HeldStores, read: StoreRead): StoreAnswer {
  return { running: running.map(([partition, store]) => [partition, resultOf(store, read)]), restoringTaskId }
}

function resultOf(store: StateStore, { method, args, rowsMax }: StoreRead): unknown {
  const read = (store as unknown as Readonly<Record<StoreReadMethod, (...args: readonly unknown[]) => unknown>>)[method]
  const result = read.apply(store, args as unknown[])
  if (method === 'get') return result
  const rows: unknown[] = []
  if (rowsMax <= 0) return rows
  for (const row of result as Iterable<unknown>) {
    rows.push(row)
    if (rows.length >= rowsMax) break
  }
  return rows
}

export function storeInWorkerThread(name: string): MillraceError {
  return new MillraceError(
    'STORE_IN_WORKER_THREAD',
    'fatal',
    `store ${name} is in a worker thread: ask with queryAsync, or set threadKind to 'event-loop'`,
  )
}
