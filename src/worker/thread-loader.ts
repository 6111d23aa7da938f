import type { Logger } from '../core/logger.ts'
import type { ThreadParts } from '../runtime/application/workers/thread-parts.ts'
import { loadWorker } from './load-worker.ts'
import { openTracer } from './open-tracer.ts'
import { prepareWorker } from './prepare-worker.ts'
import type { WorkerModuleData } from './worker-module.ts'

/** What a worker thread calls for a module of `millrace run`: the same settings, read again. */
export async function loadThreadParts(data: unknown, logger: Logger): Promise<ThreadParts> {
  const { file, environment, unknownNames } = data as WorkerModuleData
  // The logger of the process has the name of the worker already.
  const named: Logger = { ...logger, child: () => logger }
  const options = { environment, unknownNames, logger: () => named }
  const worker = await prepareWorker(await loadWorker(file, process.cwd()), options)
  const { topology, sinks, engine, settings } = worker
  const tracer = openTracer(worker)
  return {
    topology,
    sinks,
    options: engine,
    tracing: tracer && { tracer, sampleRatio: settings.traces.sampleRatio },
    close: async () => tracer?.close(),
  }
}
