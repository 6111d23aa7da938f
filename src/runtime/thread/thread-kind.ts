import type { ThreadEnvironment } from './thread-environment.ts'
import type { ThreadHandle } from './thread-handle.ts'

/** Where the threads of an application run: on the event loop of the process, or each in a worker thread of Node. */
export interface ThreadKind {
  /** Threads read the stores of the process directly, global ones too: the application opens those. */
  readonly sharesStores: boolean
  /** Makes a thread that is not started. `number`: from 1, within the process; a replacement has the same. */
  create(environment: ThreadEnvironment, number: number, taskLags: () => ReadonlyMap<string, number>): ThreadHandle
}
