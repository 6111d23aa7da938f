import type { ThreadParts } from './runtime/application/workers/thread-parts.ts'
import { importParts, type ModulePlace } from './topology-module.ts'

/** What a worker thread calls for a topology of `importTopology`. */
export async function loadThreadParts(data: unknown): Promise<ThreadParts> {
  const { definition, options } = await importParts(data as ModulePlace)
  const { sinks = [], tracing, ...rest } = options
  return { topology: definition.build(), sinks, tracing, options: rest }
}
