import { createTaskStores } from '../create-task-stores.ts'
import type { TaskStores, TaskStoresOptions } from '../task-stores.ts'
import { checkState, openLmdbEngine } from './lmdb-engine.ts'

/** Stores of a task on LMDB, whose file is checked in the background first. */
export async function openLmdbTaskStores(options: TaskStoresOptions): Promise<TaskStores> {
  const { directory } = options
  const check = directory === undefined ? undefined : await checkState(directory)
  return createTaskStores({
    ...options,
    openEngine: (path, logger) => openLmdbEngine(path, logger, undefined, check),
  })
}
