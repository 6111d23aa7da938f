import type { ApplicationOptions } from '../../settings.ts'
import type { ThreadKind } from '../../thread/thread-kind.ts'
import type { ThreadModule } from './messages.ts'
import { WorkerThread } from './worker-thread.ts'

/** What all worker threads of an application are started with. */
export interface WorkerThreadsOptions {
  /** The JavaScript file that a worker runs. */
  readonly entry: URL
  readonly module: ThreadModule
  /** Of the application, without functions. */
  readonly options: ApplicationOptions
  /** What the composition root of a worker makes driver and stores from. */
  readonly adapters: unknown
  /** Returns a token for SASL. */
  readonly token: () => Promise<string>
}

/** Threads that each have a worker thread of Node, and with it a core. */
export function workerThreads({ entry, module, options, adapters, token }: WorkerThreadsOptions): ThreadKind {
  return {
    sharesStores: false,
    create: (environment, number) => {
      const { settings, processId, topics, stateDirectory, pauseMemory } = environment
      const start = {
        number,
        options: { ...options, threads: settings.threads },
        processId,
        groupProtocol: topics.groupProtocol,
        topics: topics.prepared,
        module,
        claims: stateDirectory.claims.memory,
        pause: pauseMemory,
        adapters,
      }
      return new WorkerThread(`${settings.clientId}-thread-${number}`, environment, { entry, start, token })
    },
  }
}
