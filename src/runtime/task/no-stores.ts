import { MillraceError } from '../../core/errors.ts'
import type { TaskStores } from '../../stores/task-stores.ts'

/** The stores of a task that has none: no directory is made, no engine is asked. */
export const noStores: TaskStores = Object.freeze({
  store(name: string): never {
    throw new MillraceError('UNKNOWN_STORE', 'fatal', `the task has no store named ${name}`)
  },
  emitPending: () => {},
  logDirty: () => true,
  apply: () => Promise.resolve(),
  reapply: () => Promise.resolve(),
  discard: () => {},
  changelogOffset: () => undefined,
  restore: () => Promise.resolve(),
  dirtyEntries: 0,
  sizes: () => new Map(),
  isStuck: false,
  changes: { count: 0 },
  close: () => Promise.resolve(),
  wipe: () => Promise.resolve(),
})
