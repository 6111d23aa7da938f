import type { TaskStores } from '../../stores/task-stores.ts'

/** About how large one store of a task is. */
export interface StoreSize {
  /** The name of the store. */
  readonly store: string
  /** Its rows; one that the interval has changed may be counted twice. */
  readonly rows: number
}

/** A status is read for each metric, and each store is a question to its engine. */
const ageMaxMs = 1000

const known = new WeakMap<TaskStores, { readonly atMs: number; readonly sizes: readonly StoreSize[] }>()

/** At most a second old. Empty while they cannot be asked. */
export function storeSizes(stores: TaskStores, monotonicMs: number): readonly StoreSize[] {
  const last = known.get(stores)
  if (last !== undefined && monotonicMs - last.atMs < ageMaxMs) return last.sizes
  const sizes = askedSizes(stores)
  known.set(stores, { atMs: monotonicMs, sizes })
  return sizes
}

/** Whoever asks how the application is must hear it while a store is closed, too. */
function askedSizes(stores: TaskStores): readonly StoreSize[] {
  try {
    return [...stores.sizes()].map(([store, rows]) => ({ store, rows }))
  } catch {
    return []
  }
}
