import type { Logger } from '../../../core/logger.ts'
import type { TracingOptions } from '../../../core/tracing.ts'
import type { SinkFactory } from '../../../sinks/port.ts'
import type { Topology } from '../../../topology/topology.ts'
import type { ApplicationOptions } from '../../settings.ts'

/** What only a module can give to a worker thread: a topology, and whatever is a function. */
export interface ThreadParts {
  readonly topology: Topology
  readonly sinks: readonly SinkFactory[]
  /** Only functions of it are used, such as handlers of records. */
  readonly options: Partial<ApplicationOptions>
  readonly tracing?: TracingOptions | undefined
  /** Ends what the parts have opened; called after the thread. */
  close?(): Promise<void>
}

/** Exported as `loadThreadParts` by the module that `ThreadModule` names. */
export type LoadThreadParts = (data: unknown, logger: Logger) => Promise<ThreadParts>

/** The members of an object that are functions, and those that are not. */
export function splitFunctions<T extends object>(options: T): { readonly data: T; readonly functions: Partial<T> } {
  const entries = Object.entries(options)
  const of = (wanted: boolean) =>
    Object.fromEntries(entries.filter(([, value]) => (typeof value === 'function') === wanted))
  return { data: of(false) as T, functions: of(true) as Partial<T> }
}
